"""After the handshake any order is legal: tickets, key updates, wishes to renegotiate (RFC 8446 §4.6; 5246 §7.4.1)."""

from __future__ import annotations

from transom.errors import PeerMisbehaved
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

    def data_came(self) -> None:
        """Application data: the peer is not idling."""
        self._without_data = 0

    @property
    def held(self) -> int:
        """Bytes of a message that is not whole yet."""
        return self._framer.held

    def receive(self, fragment: Buffer, *, may_answer: bool) -> None:
        """The content of a handshake record; after our close_notify nothing is answered."""
        self._framer.receive(fragment)
        for frame in self._framer.frames():
            self._without_data += 1
            if self._without_data > MOST_WITHOUT_DATA:
                what = f"{self._without_data} handshake messages in a row and no data"
                raise PeerMisbehaved(what, alert="unexpected_message", where="CONNECTED")
            if self._session.version is _V13:
                self._receive13(frame, may_answer=may_answer)
            else:
                self._receive12(frame, may_answer=may_answer)

    def update_our_keys(self, request: KeyUpdateRequest) -> None:
        """Send a KeyUpdate: what follows it is under the next generation (RFC 8446 §4.6.3)."""
        secrets = self._updatable()
        self._records.send_handshake(Frame.of(HandshakeType.key_update, KeyUpdate(request_update=request).encode()))
        following = secrets.write.next_generation()
        self._install(Direction.WRITE, following)
        self._secrets = UpdatableSecrets(read=secrets.read, write=following, exporter=secrets.exporter)

    def _receive13(self, frame: Frame, *, may_answer: bool) -> None:
        match frame.type:
            case HandshakeType.new_session_ticket if self._is_client:
                # Read, so that a malformed one is refused; kept by nobody yet, so every connection is a full handshake.
                NewSessionTicket13.decode(frame.body)
            case HandshakeType.key_update:
                self._update_peer_keys(KeyUpdate.decode(frame.body), may_answer=may_answer)
            case _:
                raise self._unexpected(frame)

    def _update_peer_keys(self, update: KeyUpdate, *, may_answer: bool) -> None:
        if not update.request_update.is_known:
            what = f"request_update is {update.request_update:d}"
            raise PeerMisbehaved(what, rfc="8446 §4.6.3", where="KeyUpdate")
        if self._framer.held:
            what = f"{self._framer.held} handshake bytes stand before a change of keys"
            raise PeerMisbehaved(what, alert="unexpected_message", rfc="8446 §5.1", where="KeyUpdate")
        secrets = self._updatable()
        following = secrets.read.next_generation()
        self._install(Direction.READ, following)
        self._secrets = UpdatableSecrets(read=following, write=secrets.write, exporter=secrets.exporter)
        if may_answer and update.request_update is KeyUpdateRequest.update_requested:
            self.update_our_keys(KeyUpdateRequest.update_not_requested)

    def _receive12(self, frame: Frame, *, may_answer: bool) -> None:
        match frame.type:
            case HandshakeType.hello_request if self._is_client:
                HelloRequest.decode(frame.body)
            case HandshakeType.client_hello if not self._is_client:
                ClientHello.decode(frame.body)
            case _:
                raise self._unexpected(frame)
        if may_answer:
            self._refuse_renegotiation()

    def _refuse_renegotiation(self) -> None:
        """Without ending the connection (RFC 5246 §7.2.2)."""
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
        what = f"got {frame.type.message} after the handshake"
        return PeerMisbehaved(what, alert="unexpected_message", rfc="8446 §4.6", where="CONNECTED")
