"""One side of a TLS connection, with no socket in it.

    connection = client_connection(config, "files.example")
    connection.start()
    send_somehow(connection.take_outgoing())
    for event in connection.receive(bytes_from_somewhere): ...

Every error that the peer caused is raised out of `receive`, and the alert that answers it is then in `take_outgoing`.
What came whole before it in the same bytes is given first: then `failure` has the error, and the next `receive` raises
it. A connection that has failed stays failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from transom.errors import PeerAlerted, PeerError, PeerMisbehaved, Sentence, Truncated, Unanswered, UsageError
from transom.tls.config import ClientConfig, Offer, ServerConfig
from transom.tls.handshake.driver import Driver
from transom.tls.handshake.established import ClientSession, ServerSession, Session
from transom.tls.handshake.steps import Script
from transom.tls.iana.alerts import AlertDescription, AlertLevel
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.not_handshake import Alert
from transom.tls.record.protection import Opened
from transom.tls.record.sealing_room import Fill, SealingRooms
from transom.tls.records import Records
from transom.tls.traffic import Traffic
from transom.value import value
from transom.wire.tap import Buffer

MOST_IDLE_RECORDS = 32
"""Empty records, warnings and compatibility ChangeCipherSpecs that are put up with in a row."""

S = TypeVar("S", bound=Session)


@value
class HandshakeDone(Generic[S]):
    """The session is established: data may be sent."""

    session: S


@value
class PlaintextReceived:
    """Application data, valid until the next `receive`."""

    data: memoryview


@value
class PeerFinished:
    """The peer sends no more; not `clean` without close_notify: data may be missing at the end (RFC 8446 §6.1)."""

    clean: bool


Event = HandshakeDone[S] | PlaintextReceived | PeerFinished


def client_connection(config: ClientConfig, name: str) -> Connection[ClientSession]:
    """A client that wants the server called `name` (a DNS name or an IP address)."""
    from transom.tls.handshake.client import client  # each role's scripts are imported for that role alone

    if config.identity is not None:
        raise UsageError("this engine has no client certificates yet; OpenSSL has: --tls openssl")
    return Connection(client(config, name), config, is_client=True)


def server_connection(config: ServerConfig, rooms: SealingRooms | None = None) -> Connection[ServerSession]:
    """A server for whoever calls. Those that are driven by one thread may share the `rooms` they send from."""
    from transom.tls.handshake.server import server

    return Connection(server(config), config, rooms, is_client=False)


class Connection(Generic[S]):
    """See the module. `session` is None until the handshake is done, `failure` until the peer has broken it."""

    def __init__(self, script: Script[S], offer: Offer, rooms: SealingRooms | None = None, *, is_client: bool) -> None:
        self.session: S | None = None
        self._is_client = is_client
        self._offers_tls13 = offer.allows(ProtocolVersion.TLSv1_3)
        self._records = Records(rooms or SealingRooms(), is_client=is_client)
        self._driver: Driver[S] = Driver(script, self._records, offer.keylog)
        self._traffic: Traffic | None = None
        self._bytes_came = False
        self._heard_anything = False
        self._idle_records = 0
        self._read_closed = False
        self._write_closed = False
        self.failure: PeerError | None = None

    def start(self) -> None:
        """Begin; a client's ClientHello is then in the outgoing bytes."""
        self._driver.start()

    def wants(self, most: int) -> int:
        """How many bytes to receive next, from 1 to `most`, so that the last record among them is probably whole."""
        return self._records.wants(most)

    def receive(self, wire: Buffer) -> list[Event[S]]:
        """Bytes from the peer; an empty buffer is the end of its stream. Raises PeerError: see the module."""
        if self.failure is not None:
            raise self.failure
        if self._read_closed:  # "Any data received after a closure alert … MUST be ignored" (RFC 8446 §6.1)
            return []
        events: list[Event[S]] = []
        try:
            if wire:
                self._bytes_came = True
                for opened in self._records.receive(wire):
                    events.extend(self._take(opened))
                    if self._read_closed:
                        break
            else:
                events += self._end_of_stream()
        except PeerError as error:
            self._fail(error)
            if not events:
                raise
        return events

    def send(self, plaintext: Buffer) -> None:
        """Application data for the peer."""
        self._check_may_send()
        self._records.send(ContentType.application_data, plaintext)

    def send_from(self, most: int, fill: Fill) -> int:
        """Up to `most` bytes of application data, put by `fill` where they will be sealed; how many it were."""
        self._check_may_send()
        return self._records.send_data_from(most, fill)

    def close(self) -> None:
        """close_notify: we send no more. What the peer still sends can be received, once there is a session."""
        if not self._write_closed and self.failure is None:
            self._send_alert(AlertDescription.close_notify, AlertLevel.warning)
            self._write_closed = True
            self._read_closed = self._read_closed or self.session is None

    def take_outgoing(self) -> Buffer:
        """The bytes to send now, alerts included. They are the caller's until `outgoing_is_out`, if it is called."""
        return self._records.take_outgoing()

    def outgoing_is_out(self) -> None:
        """What `take_outgoing` gave last is held by nobody any more: its memory may be used again."""
        self._records.outgoing_is_out()

    def ended(self) -> None:
        """Nothing is received any more: the memory for it is let go."""
        self._read_closed = True
        self._records.ended()

    @property
    def outgoing_size(self) -> int:
        """How many bytes that would be."""
        return self._records.outgoing_size

    @property
    def state(self) -> str:
        """Where the handshake stands, by the RFC's name of the state."""
        return self._driver.state

    @property
    def certificate_missed(self) -> bool:
        """Whether the server asked for a certificate; it was told that there is none (RFC 8446 §4.4.2)."""
        return self._is_client and HandshakeType.certificate_request in self._driver.heard

    def _check_may_send(self) -> None:
        if self._traffic is None or self._write_closed:
            raise UsageError("data can be sent between the end of the handshake and close()")
        self._traffic.before_data()

    def _take(self, opened: Opened) -> Iterator[Event[S]]:
        kind = opened.content_type
        self._check_may_come(opened)
        if kind is ContentType.application_data:
            yield from self._take_data(opened)
        elif kind is ContentType.handshake:
            yield from self._take_handshake(opened)
        elif kind is ContentType.alert:
            yield from self._take_alert(opened)
        elif kind is ContentType.change_cipher_spec:
            self._take_change_cipher_spec(opened)
        else:
            raise self._unexpected(Sentence("a {type} record", type=kind.title))
        self._heard_anything = True

    def _check_may_come(self, opened: Opened) -> None:
        kind = opened.content_type
        if not opened.protected and self._records.reads_protected and not self._may_come_unprotected(kind):
            raise self._unexpected(Sentence("an unprotected {type} record", type=kind.title))
        if self._is_in_a_message and kind not in (ContentType.handshake, ContentType.alert):
            raise self._between_fragments(Sentence("a {type} record", type=kind.title))

    def _may_come_unprotected(self, kind: ContentType) -> bool:
        """Once the peer has keys only these: else anyone on the path could speak, or close, in its name.

        A ChangeCipherSpec means nothing (RFC 8446 §5); a client that refuses our ServerHello has no keys to say so.
        """
        is_waiting_server = not self._is_client and self.session is None
        return kind is ContentType.change_cipher_spec or (kind is ContentType.alert and is_waiting_server)

    @property
    def _is_in_a_message(self) -> bool:
        """Whether the last handshake message is not whole: no other record may come then (RFC 8446 §5.1)."""
        return bool(self._driver.held if self._traffic is None else self._traffic.held)

    def _between_fragments(self, what: Sentence) -> PeerMisbehaved:
        return self._unexpected(Sentence("{what} in the middle of a handshake message", what=what))

    def _take_data(self, opened: Opened) -> Iterator[Event[S]]:
        if self._traffic is None:
            raise self._unexpected(Sentence("application data"))
        if not opened.data:
            self._count_idle(Sentence("empty records"), opened.records)
            return
        self._idle_records = 0
        self._traffic.data_came()
        yield PlaintextReceived(opened.data)

    def _take_handshake(self, opened: Opened) -> Iterator[Event[S]]:
        if self._traffic is not None:
            self._traffic.receive(opened.data, may_answer=not self._write_closed)
            return
        self._driver.receive(opened.data)
        yield from self._done()

    def _done(self) -> Iterator[Event[S]]:
        session = self._driver.result
        if session is not None:
            self.session = session
            self._traffic = Traffic(session, self._records, is_client=self._is_client)
            yield HandshakeDone(session)

    def _take_alert(self, opened: Opened) -> Iterator[Event[S]]:
        alert = Alert.decode(bytes(opened.data))
        if self._is_in_a_message:
            raise self._between_fragments(Sentence("the alert {name}", name=alert.description.name))
        closes = alert.description is AlertDescription.close_notify
        if not closes and not self._is_only_a_warning(alert):
            raise PeerAlerted(alert.description.name, where=self.state)
        if not closes:
            self._count_idle(Sentence("warnings"))
            return
        self._read_closed = True
        if self.session is None:
            raise Truncated("the peer closed the connection in the handshake", where=self.state)
        yield PeerFinished(clean=True)

    def _is_only_a_warning(self, alert: Alert) -> bool:
        """In TLS 1.3 the level means nothing, and every alert but user_canceled ends the connection (RFC 8446 §6)."""
        if self._driver.grammar.version is ProtocolVersion.TLSv1_3:
            return alert.description is AlertDescription.user_canceled
        return alert.level is AlertLevel.warning

    def _take_change_cipher_spec(self, opened: Opened) -> None:
        if bytes(opened.data) != b"\x01":
            raise self._unexpected(Sentence("a ChangeCipherSpec of {bytes}", bytes=bytes(opened.data[:8]).hex()))
        if self._driver.awaits_change_cipher_spec and not opened.protected:
            self._driver.receive_change_cipher_spec()
        elif self._is_for_middleboxes(opened):
            self._count_idle(Sentence("ChangeCipherSpec records"))
        else:
            raise self._unexpected(Sentence("ChangeCipherSpec"))

    def _is_for_middleboxes(self, opened: Opened) -> bool:
        """TLS 1.3 drops an unprotected one between the first hello and the peer's Finished (RFC 8446 §5)."""
        version = self._driver.grammar.version
        may_be_13 = version is ProtocolVersion.TLSv1_3 or (version is None and self._offers_tls13)
        heard_a_hello = self._is_client or self._heard_anything
        return may_be_13 and heard_a_hello and not opened.protected and self.session is None

    def _end_of_stream(self) -> Iterator[Event[S]]:
        self._read_closed = True
        if self.session is None:
            kind = Unanswered if self._is_client and not self._bytes_came else Truncated
            raise kind("the peer closed the connection in the handshake", where=self.state)
        yield PeerFinished(clean=False)

    def _count_idle(self, what: Sentence, count: int = 1) -> None:
        self._idle_records += count
        if self._idle_records > MOST_IDLE_RECORDS:
            raise self._unexpected(Sentence("more than {most} {what} in a row", most=MOST_IDLE_RECORDS, what=what))

    def _unexpected(self, what: Sentence) -> PeerMisbehaved:
        return PeerMisbehaved("got {what}", what=what, alert="unexpected_message", rfc="8446 §5", where=self.state)

    def _fail(self, error: PeerError) -> None:
        """The one place where an error becomes an alert."""
        self.failure = error
        if error.alert is not None and not self._write_closed:
            self._send_alert(AlertDescription[error.alert], AlertLevel.fatal)
        self._write_closed = True

    def _send_alert(self, description: AlertDescription, level: AlertLevel) -> None:
        self._records.send(ContentType.alert, Alert(level=level, description=description).encode())
