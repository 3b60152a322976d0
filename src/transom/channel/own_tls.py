"""Our TLS engine as a channel."""

from __future__ import annotations

from transom.channel.interface import ChannelEvent, Data, Established, Fill, PeerClosed
from transom.channel.plain_http import answer_to_plain_http
from transom.errors import PeerError
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
from transom.tls.handshake.established import ClientSession, ServerSession, Session
from transom.tls.record.sealing_room import SealingRooms
from transom.wire.tap import Buffer


class OwnTlsChannel:
    """One side of TLS, spoken by `transom.tls`."""

    def __init__(
        self, connection: Connection[ClientSession] | Connection[ServerSession], *, is_server: bool = False
    ) -> None:
        self._connection = connection
        self._is_server = is_server
        self._instead = b""
        """To be sent in place of the alert."""

    @classmethod
    def client(cls, config: ClientConfig, name: str) -> OwnTlsChannel:
        """A client of the server called `name`."""
        return cls(client_connection(config, name))

    @classmethod
    def server(cls, config: ServerConfig, rooms: SealingRooms | None = None) -> OwnTlsChannel:
        """A server for whoever calls. The channels of one loop may share the `rooms` they send from."""
        return cls(server_connection(config, rooms), is_server=True)

    @property
    def session(self) -> Session | None:
        """What the handshake came to, once it has."""
        return self._connection.session

    def start(self) -> list[ChannelEvent]:
        self._connection.start()
        return []

    def wants(self, most: int) -> int:
        return self._connection.wants(most)

    def receive(self, wire: Buffer) -> list[ChannelEvent]:
        try:
            return [_translate(event) for event in self._connection.receive(wire)]
        except PeerError:
            if self._is_server and self.session is None:
                self._instead = answer_to_plain_http(wire)
            raise

    @property
    def failure(self) -> PeerError | None:
        return self._connection.failure

    def send(self, plaintext: Buffer) -> None:
        self._connection.send(plaintext)

    def send_from(self, most: int, fill: Fill) -> int:
        return self._connection.send_from(most, fill)

    def close(self) -> None:
        self._connection.close()

    def take_outgoing(self) -> Buffer:
        said = self._connection.take_outgoing()
        if self._instead:
            said, self._instead = self._instead, b""
        return said

    def outgoing_is_out(self) -> None:
        self._connection.outgoing_is_out()

    def ended(self) -> None:
        self._connection.ended()

    @property
    def certificate_missed(self) -> bool:
        return self._connection.certificate_missed

    @property
    def outgoing_size(self) -> int:
        return len(self._instead) or self._connection.outgoing_size


def _translate(event: Event[ClientSession] | Event[ServerSession]) -> ChannelEvent:
    match event:
        case PlaintextReceived(data):
            return Data(data)
        case PeerFinished(clean):
            return PeerClosed(clean)
        case HandshakeDone(session):
            return Established(
                version=session.version.dotted,
                cipher_suite=session.cipher_suite.name,
                group=session.group.name if session.group is not None else None,
                alpn=session.alpn,
            )
