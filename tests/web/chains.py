"""Handshakes whose chain is made to be looked at: of RSA, where the hash that was signed can be seen."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from tests.dissect.told import write_trace
from tests.tls.shuttle import NAME, Shuttle, client_config, server_config
from tests.trust.pki import DAY, NOW, Made, make, root
from transom.errors import PeerError
from transom.tls.iana.versions import ProtocolVersion
from transom.trust.identity import Identity

_SINCE = NOW - 365 * DAY


def rsa_chain() -> tuple[Made, Made]:
    """A server's certificate for `NAME` and its root, valid when `write_trace` has it cross."""
    ca = root(kind="rsa", since=_SINCE)
    return make(NAME, ca, names=(NAME,), kind="rsa", since=_SINCE), ca


def changed(made: Made) -> bytes:
    """The same certificate with another serial number: its name and dates are as they were, and its signature."""
    serial = made.certificate.serial_number.to_bytes(20, "big").lstrip(b"\0")
    return made.der.replace(serial, serial[:-1] + bytes([serial[-1] ^ 1]), 1)


def chain_trace(path: Path, *chain: bytes, of: Made) -> Path:
    """A trace of a server with the key of `of` that shows this chain by TLS 1.2, to a client that trusts none of it."""
    versions = (ProtocolVersion.TLSv1_2,)
    identity = Identity(chain, of.key)
    shuttle = Shuttle.between(
        client_config(versions=versions), server_config(versions=versions, identities=(identity,))
    )
    shuttle.client.start()
    shuttle.server.start()
    with suppress(PeerError):
        shuttle.run()
    return write_trace(path, shuttle.wire)
