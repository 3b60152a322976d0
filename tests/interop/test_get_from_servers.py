"""`transom get` fetches from other people's servers: what the matrix (`test_beside_servers.py`) has not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.interop.conftest import CONTENT
from tests.real.certificates import Authority, Leaf
from tests.real.nginx import NginxTls, nginx
from tests.real.programs import Ran
from tests.real.tls_servers import s_server
from tests.real.transom import User

STATIC_RSA = "TLS_RSA_WITH_AES_256_GCM_SHA384"


def fetch(user: User, authority: Authority, url: str, *options: str) -> Ran:
    ran = user.run("get", "--cacert", authority.root, *options, "--json", "-o", "got", url)
    assert ran.exit_code == 0, ran.stderr
    return ran


def from_nginx(
    user: User, authority: Authority, files: Path, leaf: Leaf, options: Sequence[str], settings: Sequence[str] = ()
) -> dict[str, object]:
    """The JSON line of a download that came whole."""
    with nginx(user.home, files, tls=NginxTls(leaf.chain, leaf.key, settings=settings)) as server:
        ran = fetch(user, authority, server.secure_url("/f.bin"), *options)
    assert (user.folder / "got").read_bytes() == CONTENT
    line: dict[str, object] = json.loads(ran.stdout)
    return line


@pytest.mark.parametrize(("options", "version"), [((), "TLSv1.3"), (("--tls-max", "1.2"), "TLSv1.2")])
def test_nginx_with_a_key_on_p_384(
    user: User, authority: Authority, files: Path, options: Sequence[str], version: str
) -> None:
    line = from_nginx(user, authority, files, authority.leaf("p384"), options)
    assert (line["version"], line["bytes"], line["alpn"]) == (version, len(CONTENT), "http/1.1")


@pytest.mark.parametrize(
    ("kind", "suite"),
    [
        ("rsa", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        ("rsa", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
        ("p256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
        ("rsa", STATIC_RSA),
        ("rsa", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
    ],
)
def test_nginx_with_suites_asked_for_by_name(
    user: User, authority: Authority, files: Path, kind: str, suite: str
) -> None:
    settings = ["ssl_ciphers ALL:@SECLEVEL=1;"]
    line = from_nginx(user, authority, files, authority.leaf(kind), ("--tls-max", "1.2", "--ciphers", suite), settings)
    assert line["cipher_suite"] == suite
    assert line["group"] == (None if suite.startswith("TLS_RSA") else "x25519")


@pytest.mark.parametrize(("curve", "group"), [("P-256", "secp256r1"), ("P-384", "secp384r1"), ("X25519", "x25519")])
def test_nginx_asks_again_for_the_group_it_wants(
    user: User, authority: Authority, files: Path, curve: str, group: str
) -> None:
    settings = [f"ssl_ecdh_curve {curve};"]
    line = from_nginx(user, authority, files, authority.leaf(), (), settings)
    assert (line["version"], line["group"]) == ("TLSv1.3", group)


def test_nginx_in_the_clear(user: User, files: Path) -> None:
    with nginx(user.home, files) as server:
        ran = user.run("get", server.url("/f.bin"))
    assert ran.exit_code == 0, ran.stderr
    assert (user.folder / "f.bin").read_bytes() == CONTENT


def test_nginx_with_a_leaf_from_transom_ca_issue_is_trusted_unasked(user: User, files: Path) -> None:
    assert user.run("ca", "issue", "localhost", "--key-type", "rsa").exit_code == 0
    tls = NginxTls(user.folder / "cert.pem", user.folder / "key.pem")
    with nginx(user.home, files, tls=tls) as server:
        assert user.run("get", server.secure_url("/f.bin")).exit_code == 0
    assert (user.folder / "f.bin").read_bytes() == CONTENT


def test_openssl_s_server_with_static_rsa(user: User, authority: Authority, files: Path) -> None:
    with s_server(authority.leaf("rsa"), files, "-tls1_2", "-cipher", "AES256-GCM-SHA384") as server:
        ran = fetch(user, authority, f"https://localhost:{server.port}/f.bin", "--ciphers", STATIC_RSA)
    assert (user.folder / "got").read_bytes() == CONTENT
    assert json.loads(ran.stdout)["cipher_suite"] == STATIC_RSA


def test_static_rsa_is_not_offered_to_another_machine(user: User) -> None:
    ran = user.run("get", "--ciphers", STATIC_RSA, "-o", "got", "https://192.0.2.1/f.bin")
    assert ran.exit_code == 2
    assert "offered on loopback only" in ran.stderr
    assert list(user.folder.iterdir()) == []


def test_the_file_on_standard_output_stands_there_alone(user: User, authority: Authority, files: Path) -> None:
    leaf = authority.leaf()
    with nginx(user.home, files, tls=NginxTls(leaf.chain, leaf.key)) as server:
        ran = user.run("get", "--explain", "--json", "--cacert", authority.root, "-o", "-", server.secure_url("/f.bin"))
    assert ran.stdout == CONTENT
    assert "ClientHello" in ran.stderr
    assert json.loads(ran.stderr.splitlines()[-1])["type"] == "transfer"
