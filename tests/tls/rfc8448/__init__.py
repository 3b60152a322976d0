"""The five traces of RFC 8448, as data: the records that crossed, both private keys, and for the first every secret.

`traces.json` holds hex. Each trace has its `section` in the RFC; `records` are whole, with headers; a flight of two
records is both of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

HEADER_LENGTH = 5


@dataclass(frozen=True)
class Trace:
    name: str
    group: str
    client_private: bytes
    server_private: bytes
    records: dict[str, bytes]
    expected: dict[str, bytes]

    def message(self, name: str) -> bytes:
        """The handshake message in a plaintext record."""
        return self.records[name][HEADER_LENGTH:]

    @property
    def shared_secret(self) -> bytes:
        if self.group == "x25519":
            server = X25519PrivateKey.from_private_bytes(self.server_private).public_key().public_bytes_raw()
            client = X25519PrivateKey.from_private_bytes(self.client_private)
            return client.exchange(X25519PublicKey.from_public_bytes(server))
        client_key, server_key = (
            ec.derive_private_key(int.from_bytes(private, "big"), ec.SECP256R1())
            for private in (self.client_private, self.server_private)
        )
        return client_key.exchange(ec.ECDH(), server_key.public_key())


def _unhex(values: dict[str, str]) -> dict[str, bytes]:
    return {name: bytes.fromhex(value) for name, value in values.items()}


TRACES = {
    name: Trace(
        name,
        trace["group"],
        bytes.fromhex(trace["client_private"]),
        bytes.fromhex(trace["server_private"]),
        _unhex(trace["records"]),
        _unhex(trace.get("expected", {})),
    )
    for name, trace in json.loads(Path(__file__).with_name("traces.json").read_text(encoding="ascii")).items()
}
