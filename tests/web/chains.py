"""Handshakes whose chain is made to be looked at: of RSA, where the hash that was signed can be seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from tests.dissect.told import START, write_conversation, write_trace
from tests.tls.shuttle import NAME, Shuttle, client_config, server_config
from tests.trust.pki import DAY, NOW, Made, make, root
from transom.capture.write import TraceWriter
from transom.errors import PeerError
from transom.tls.iana.versions import ProtocolVersion
from transom.trust.identity import Identity
from transom.wire.tap import Side

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
    return write_trace(path, _refused(chain, of))


def chains_trace(path: Path, chains: Iterable[Sequence[bytes]], of: Made) -> Path:
    """The same of many such servers, a conversation each, one a minute."""
    with TraceWriter(path, "transom test") as writer:
        for number, chain in enumerate(chains):
            write_conversation(writer, _refused(chain, of), START + number * 60 * 10**9)
    return path


def _refused(chain: Sequence[bytes], of: Made) -> list[tuple[Side, bytes]]:
    versions = (ProtocolVersion.TLSv1_2,)
    identity = Identity(tuple(chain), of.key)
    shuttle = Shuttle.between(
        client_config(versions=versions), server_config(versions=versions, identities=(identity,))
    )
    shuttle.client.start()
    shuttle.server.start()
    with suppress(PeerError):
        shuttle.run()
    return shuttle.wire
