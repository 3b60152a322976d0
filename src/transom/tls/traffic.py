"""After the handshake any order is legal: tickets, key updates, wishes to renegotiate (RFC 8446 §4.6; 5246 §7.4.1)."""

from __future__ import annotations

from transom.errors import PeerMisbehaved, Sentence
from transom.tls.handshake.established import Session, UpdatableSecrets
from transom.tls.handshake.steps import Direction
from transom.tls.iana.alerts import AlertDescription, AlertLevel
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.small import KeyUpdateRequest
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.schedule13 import TrafficSecret
from transom.tls.messages.ending import KeyUpdate, NewSessionTicket13
from transom.tls.messages.frame import Frame, Framer
from transom.tls.messages.hello import ClientHello, HelloRequest
from transom.tls.messages.not_handshake import Alert
from transom.tls.records import Records
from transom.tls.suites import spoken
from transom.wire.tap import Buffer

MOST_WITHOUT_DATA = 32
"""Post-handshake messages in a row that carry no data: more is somebody keeping us busy."""

LONGEST_TICKET_LIFETIME = 604_800
"""Seconds: seven days, and no server may say more (RFC 8446 §4.6.1)."""

_V13 = ProtocolVersion.TLSv1_3


class Traffic:
    """What handshake messages mean once a session is established."""

    def __init__(self, session: Session, records: Records, *, is_client: bool) -> None:
        self._session = session
        self._records = records
        self._is_client = is_client
        self._secrets = session.secrets
        self._framer = Framer()
        self._without_data = 0
        self._owes_update = False
        self._has_refused = False

    def data_came(self) -> None:
        """Application data: the peer is not idling."""
        self._without_data = 0

    @property
    def held(self) -> int:
        """Bytes of a message that is not whole yet."""
        return self._framer.held

    def before_data(self) -> None:
        """Application data of ours follows: under new keys, when the peer asked for that or the old ones are worn out.

        However often it asked meanwhile, it is answered once (RFC 8446 §4.6.3). So a peer that asks and reads nothing
        makes no more pile up than it makes us send.
        """
        if self._owes_update or self._records.needs_key_update:
            self.update_our_keys(KeyUpdateRequest.update_not_requested)
        self._has_refused = False

    def receive(self, fragment: Buffer, *, may_answer: bool) -> None:
        """The content of a handshake record; after our close_notify nothing is answered."""
        self._framer.receive(fragment)
        for frame in self._framer.frames():
            self._without_data += 1
            if self._without_data > MOST_WITHOUT_DATA:
                what = Sentence("{count} handshake messages in a row and no data", count=self._without_data)
                raise PeerMisbehaved(what, alert="unexpected_message", where="CONNECTED")
            if self._session.version is _V13:
                self._receive13(frame)
            else:
                self._receive12(frame, may_answer=may_answer)

    def update_our_keys(self, request: KeyUpdateRequest) -> None:
        """Send a KeyUpdate: what follows it is under the next generation (RFC 8446 §4.6.3)."""
        secrets = self._updatable()
        self._records.send_handshake(Frame.of(HandshakeType.key_update, KeyUpdate(request_update=request).encode()))
        following = secrets.write.next_generation()
        self._install(Direction.WRITE, following)
        self._secrets = UpdatableSecrets(read=secrets.read, write=following, exporter=secrets.exporter)
        self._owes_update = False

    def _receive13(self, frame: Frame) -> None:
        match frame.type:
            case HandshakeType.new_session_ticket if self._is_client:
                self._look_at_ticket(NewSessionTicket13.decode(frame.body))
            case HandshakeType.key_update:
                self._update_peer_keys(KeyUpdate.decode(frame.body))
            case _:
                raise self._unexpected(frame)

    def _look_at_ticket(self, ticket: NewSessionTicket13) -> None:
        """Judged, and kept by nobody yet: every connection is a full handshake.

        A lifetime that no server may give is refused, as Go does, and not cut down to seven days, as rustls and
        BoringSSL do: RFC 8446 §4.6.1 forbids it to the server, and leaves nothing for the client to make of it.
        """
        if ticket.ticket_lifetime > LONGEST_TICKET_LIFETIME:
            what = Sentence(
                "a ticket for {lifetime:,} s, where {most:,} are the most",
                lifetime=ticket.ticket_lifetime,
                most=LONGEST_TICKET_LIFETIME,
            )
            raise PeerMisbehaved(what, rfc="8446 §4.6.1", where="NewSessionTicket")

    def _update_peer_keys(self, update: KeyUpdate) -> None:
        if not update.request_update.is_known:
            what = Sentence("request_update is {value:d}", value=update.request_update)
            raise PeerMisbehaved(what, rfc="8446 §4.6.3", where="KeyUpdate")
        if self._framer.held:
            what = Sentence("{held} handshake bytes stand before a change of keys", held=self._framer.held)
            raise PeerMisbehaved(what, alert="unexpected_message", rfc="8446 §5.1", where="KeyUpdate")
        secrets = self._updatable()
        following = secrets.read.next_generation()
        self._install(Direction.READ, following)
        self._secrets = UpdatableSecrets(read=following, write=secrets.write, exporter=secrets.exporter)
        self._owes_update |= update.request_update is KeyUpdateRequest.update_requested

    def _receive12(self, frame: Frame, *, may_answer: bool) -> None:
        match frame.type:
            case HandshakeType.hello_request if self._is_client:
                HelloRequest.decode(frame.body)
            case HandshakeType.client_hello if not self._is_client:
                ClientHello.decode(frame.body)
            case _:
                raise self._unexpected(frame)
        if may_answer and not self._has_refused:
            self._refuse_renegotiation()

    def _refuse_renegotiation(self) -> None:
        """Without ending the connection (RFC 5246 §7.2.2): once, until there is data again that the peer has to read.

        A wish may be ignored (RFC 5246 §7.4.1.1), and a refusal for each would pile up for a peer that reads none.
        """
        self._has_refused = True
        refusal = Alert(level=AlertLevel.warning, description=AlertDescription.no_renegotiation)
        self._records.send(ContentType.alert, refusal.encode())

    def _install(self, direction: Direction, secret: TrafficSecret) -> None:
        suite = spoken(self._session.cipher_suite)
        if suite is None:
            raise RuntimeError("a session is established only with a suite we speak")
        self._records.install(direction, _V13, secret.keys(suite.aead))

    def _updatable(self) -> UpdatableSecrets:
        if self._secrets is None:
            raise RuntimeError("keys are updated only in TLS 1.3")
        return self._secrets

    def _unexpected(self, frame: Frame) -> PeerMisbehaved:
        what = Sentence("got {message} after the handshake", message=frame.type.message)
        return PeerMisbehaved(what, alert="unexpected_message", rfc="8446 §4.6", where="CONNECTED")
