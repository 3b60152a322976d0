"""Certificates for the servers of the tests: a root, an intermediate and leaves, right or wrong in one way each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.trust.pki import Made, make
from transom.trust.certificate import spki_pin

DAY = timedelta(days=1)
KINDS = ("rsa", "p256", "p384", "ed25519")


@dataclass(frozen=True)
class Leaf:
    """The files of a server: `chain` is the leaf with its intermediate, `issuers` what follows the leaf in it."""

    chain: Path
    issuers: Path
    key: Path
    pin: str


class Authority:
    """A root (`root.pem`), an intermediate beneath it, and leaves beneath that, written into `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        now = datetime.now(UTC)
        self._dates: dict[str, Any] = {"since": now - 10 * DAY, "until": now + 10 * DAY}
        self._root = make("Test Root", ca=True, number=100, **self._dates)
        self._intermediate = make("Test Intermediate", self._root, ca=True, number=101, **self._dates)
        self.root = self._write("root.pem", self._root.pem)

    def leaf(self, kind: str = "p256", names: tuple[str, ...] = ("localhost", "127.0.0.1", "::1")) -> Leaf:
        """A good one."""
        made = make("leaf", self._intermediate, names=names, kind=kind, **self._dates)
        return self._leaf(f"good-{kind}-{names[0]}", made)

    def client(self, kind: str = "p256") -> Leaf:
        """A good one for a client, `alice`, and no server."""
        purposes = (ExtendedKeyUsageOID.CLIENT_AUTH,)
        made = make("alice", self._intermediate, kind=kind, number=1, purposes=purposes, **self._dates)
        return self._leaf(f"client-{kind}", made)

    def expired(self) -> Leaf:
        dates = {"since": self._dates["since"], "until": self._dates["since"] + DAY}
        return self._leaf("expired", make("leaf", self._intermediate, names=("localhost",), **dates))

    def without_intermediate(self) -> Leaf:
        leaf = make("leaf", self._intermediate, names=("localhost",), **self._dates)
        return self._leaf("alone", leaf, with_intermediate=False)

    def self_signed(self) -> Leaf:
        made = make("leaf", names=("localhost",), number=102, **self._dates)
        return self._leaf("self", made, with_intermediate=False)

    def _leaf(self, name: str, made: Made, *, with_intermediate: bool = True) -> Leaf:
        issuers = self._intermediate.pem if with_intermediate else b""
        return Leaf(
            self._write(f"{name}.pem", made.pem + issuers),
            self._write(f"{name}-issuers.pem", issuers),
            self._write(f"{name}-key.pem", made.key_pem),
            spki_pin(made.key.public_key()),
        )

    def _write(self, name: str, content: bytes) -> Path:
        path = self._folder / name
        path.write_bytes(content)
        return path
