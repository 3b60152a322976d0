"""Chains as people make them at home: by `openssl`, with the options of the usual recipes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.real.programs import run
from transom.trust.pem import certificates_in

RSA = ("rsa:2048",)
ECDSA = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
ED25519 = ("ed25519",)
"""Kinds of keys, as `-newkey` has them."""

SERVER = ("subjectAltName=DNS:files.example",)


class Pem(NamedTuple):
    """The files of a certificate and its key."""

    certificate: Path
    key: Path

    @property
    def der(self) -> bytes:
        return certificates_in(self.certificate.read_bytes())[0]


def make_root(folder: Path, *options: str, key: Sequence[str] = ECDSA) -> Pem:
    """`openssl req -x509`, with nothing but a name and the `options`."""
    made = Pem(folder / "ca.pem", folder / "ca.key")
    _openssl("req", "-x509", "-newkey", *key, "-nodes", "-subj", "/CN=Test CA", "-days", "30", *options,
             "-keyout", str(made.key), "-out", str(made.certificate))  # fmt: skip
    return made


def make_root_with(folder: Path, extensions: Sequence[str]) -> Pem:
    """A root with these extensions and no others."""
    config = folder / "ca.cnf"
    config.write_text(
        "\n".join(["[req]", "distinguished_name=dn", "x509_extensions=ext", "[dn]", "[ext]", *extensions])
    )
    return make_root(folder, "-config", str(config))


def sign(
    folder: Path, ca: Pem, name: str, extensions: Sequence[str] = SERVER, *options: str, key: Sequence[str] = ECDSA
) -> Pem:
    """`openssl req` and `openssl x509 -req`: a certificate for `name` from `ca`."""
    made, request, extra = Pem(folder / f"{name}.pem", folder / f"{name}.key"), folder / "csr", folder / "ext"
    extra.write_text("\n".join(extensions))
    _openssl("req", "-newkey", *key, "-nodes", "-subj", f"/CN={name}", "-keyout", str(made.key), "-out", str(request))
    _openssl("x509", "-req", "-in", str(request), "-CA", str(ca.certificate), "-CAkey", str(ca.key), "-CAcreateserial",
             "-days", "20", "-extfile", str(extra), *options, "-out", str(made.certificate))  # fmt: skip
    return made


def _openssl(*arguments: str) -> None:
    ran = run("openssl", *arguments)
    assert ran.exit_code == 0, ran.stderr
