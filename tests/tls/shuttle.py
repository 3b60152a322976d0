"""Two ends of TLS in one process: what one puts out, the other receives, and an observer may look on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from transom.tls.config import ClientConfig, ServerConfig
from transom.tls.connection import (
    Connection,
    Event,
    HandshakeDone,
    PeerFinished,
    PlaintextReceived,
    client_connection,
    server_connection,
)
from transom.tls.handshake.established import ClientSession, ServerSession
from transom.trust.identity import Identity
from transom.trust.issue import KeyType
from transom.trust.local_ca import LocalCA, Owner
from transom.trust.verify import verify_chain
from transom.wire.tap import Side

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NAME = "localhost"


@cache
def local_ca() -> LocalCA:
    """One CA for all tests of a process."""
    return LocalCA.in_memory(Owner("tester", "localhost"), NOW)


@cache
def identity(key_type: KeyType = "ecdsa") -> Identity:
    """A leaf for `NAME`."""
    return local_ca().issue([NAME, "127.0.0.1"], NOW, key_type)


def client_config(**changes: Any) -> ClientConfig:
    """A client that trusts `local_ca`."""
    store = local_ca().trust_store
    defaults: dict[str, Any] = {"verify": lambda chain, name: verify_chain(chain, name, store, NOW)}
    return ClientConfig(**(defaults | changes))


def server_config(key_type: KeyType = "ecdsa", **changes: Any) -> ServerConfig:
    """A server for `NAME`."""
    return ServerConfig(**({"identities": (identity(key_type),)} | changes))


Watcher = Callable[[Side, bytes], None]


@dataclass
class Shuttle:
    """A client and a server; `wire` keeps what crossed, in order."""

    client: Connection[ClientSession]
    server: Connection[ServerSession]
    tamper: Callable[[Side, bytes], bytes] = lambda _side, data: data
    wire: list[tuple[Side, bytes]] = field(default_factory=list)
    plaintext: dict[Side, bytes] = field(default_factory=lambda: {Side.CLIENT: b"", Side.SERVER: b""})
    """What each side received."""
    closed: dict[Side, bool] = field(default_factory=dict)
    """Which sides have said that they send no more, and whether with close_notify."""
    chunk: int = 2**20
    """How many bytes a side is given at a time."""

    @classmethod
    def between(cls, client: ClientConfig, server: ServerConfig, name: str = NAME, **more: Any) -> Shuttle:
        return cls(client_connection(client, name), server_connection(server), **more)

    def run(self) -> Shuttle:
        """Carry bytes until neither side has more to say."""
        for _ in range(20):
            if not self._carry(Side.CLIENT) and not self._carry(Side.SERVER):
                return self
        raise AssertionError("the two sides never stop talking")

    def handshake(self) -> Shuttle:
        """Start both and run to the end of the handshake."""
        self.client.start()
        self.server.start()
        return self.handshake_from_here()

    def handshake_from_here(self) -> Shuttle:
        """Run to the end of a handshake that has begun."""
        self.run()
        assert self.client.session is not None
        assert self.server.session is not None
        return self

    def send(self, side: Side, data: bytes) -> None:
        """Application data from one side."""
        (self.client if side is Side.CLIENT else self.server).send(data)
        self.run()

    def _carry(self, side: Side) -> bool:
        sender: Connection[Any] = self.client if side is Side.CLIENT else self.server
        receiver: Connection[Any] = self.server if side is Side.CLIENT else self.client
        data = self.tamper(side, bytes(sender.take_outgoing()))
        if not data:
            return False
        self.wire.append((side, data))
        for at in range(0, len(data), self.chunk):
            for event in receiver.receive(data[at : at + self.chunk]):
                self._take(side, event)
        return True

    def _take(self, sender: Side, event: Event[Any]) -> None:
        match event:
            case PlaintextReceived(data):
                self.plaintext[sender.peer] += bytes(data)
            case PeerFinished(clean):
                self.closed[sender] = clean
            case HandshakeDone():
                pass
