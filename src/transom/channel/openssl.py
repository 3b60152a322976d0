"""OpenSSL as a channel, through the standard library's ssl over two memory buffers: the only file that imports it.

OpenSSL speaks; what is known of the connection is read from the wire, by the same observer that reads any other, with
the keys that OpenSSL logs. So what is shown of a transfer does not depend on who spoke, and a server's chain is judged
by `transom.trust` here as well: first by OpenSSL, which sends the alert, then by us, who say why.
"""

from __future__ import annotations

import ssl
import tempfile
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import cast

from transom.channel.interface import ChannelEvent, Data, Established, Fill, PeerClosed
from transom.channel.keylog_tail import KeyLogTail
from transom.channel.plain_http import answer_to_plain_http
from transom.errors import PeerAlerted, PeerError, PeerMisbehaved, Sentence, Truncated, Unanswered, UsageError
from transom.tls.config import CIPHER_SUITES, GROUPS, ClientConfig, KeyLogWriter, Offer, ServerConfig, belongs_to
from transom.tls.iana.alerts import AlertDescription
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import KeyLog
from transom.tls.messages.certificate import Certificate12, Certificate13
from transom.tls.observer import Observer
from transom.tls.sightings import HandshakeSeen, Sighting, TroubleSeen
from transom.trust.identity import Identity
from transom.trust.store import TrustStore
from transom.wire.kept import Rooms
from transom.wire.paged import paged
from transom.wire.tap import Buffer, Side

SEND_SIZE = 128 * 1024
"""What OpenSSL is given at a time: what it makes of it, and what is read of that, has to lie in the cache beside it."""

_RECORD = 2**14
_SLICE = 2**16
"""What OpenSSL is given to open at a time: its buffer for it grows, and never shrinks. Less would cost time."""
_TLS13 = ProtocolVersion.TLSv1_3
_VERSIONS = {
    ProtocolVersion.TLSv1_2: ssl.TLSVersion.TLSv1_2,
    ProtocolVersion.TLSv1_3: ssl.TLSVersion.TLSv1_3,
}


class OpenSslContext:
    """One side's settings, its key log and its outgoing buffer, for all of its connections: those of one loop.

    OpenSSL's buffers grow and never shrink, so ten thousand connections that once sent a file would hold ten thousand
    pieces of one. This one is emptied by whoever wrote into it, before anybody else can.
    """

    def __init__(self, context: ssl.SSLContext, offer: Offer) -> None:
        self.context = context
        self.outgoing = ssl.MemoryBIO()
        self._keys = KeyLogTail(lambda name: setattr(context, "keylog_filename", name))
        self._writer: KeyLogWriter | None = offer.keylog

    @classmethod
    def client(cls, config: ClientConfig, roots: TrustStore | None) -> OpenSslContext:
        """A client that OpenSSL has trust `roots`; None leaves all judgement to `config.verify`."""
        context = _context(ssl.PROTOCOL_TLS_CLIENT, config)
        if roots is None:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            context.load_verify_locations(cadata=b"".join(root.certificate.der for root in roots.roots))
        if config.identity is not None:
            _load(context, config.identity)
        return cls(context, config)

    @classmethod
    def server(cls, config: ServerConfig) -> OpenSslContext:
        """A server with all the certificates of `config`; OpenSSL picks the one that suits a client."""
        context = _context(ssl.PROTOCOL_TLS_SERVER, config)
        for identity in config.identities:
            _load(context, identity)
        return cls(context, config)

    @cached_property
    def scratch(self) -> memoryview:
        """Memory for plaintext on its way to OpenSSL; nothing stays in it between two calls."""
        return paged(SEND_SIZE)

    def new_keys(self) -> str:
        """The key-log lines written since the last call, passed on to who wants them."""
        text = self._keys.read()
        if self._writer is not None:
            for line in text.splitlines(keepends=True):
                if not line.startswith("#") and line.strip():
                    self._writer(line)
        return text


class OpenSslChannel:
    """One connection. `name` is the server's that a client wants, None for a server."""

    def __init__(self, context: OpenSslContext, config: ClientConfig | ServerConfig, name: str | None) -> None:
        self._context = context
        self._config = config
        self._name = name
        self._incoming = ssl.MemoryBIO()
        self._object = context.context.wrap_bio(
            self._incoming, context.outgoing, server_side=name is None, server_hostname=name
        )
        self._unsent: list[bytes] = []
        self._keys = KeyLog()
        self._observer: Observer | None = Observer(self._keys)
        """Looks on until the handshake is done."""
        self._own_side = Side.SERVER if name is None else Side.CLIENT
        self._trouble: TroubleSeen | None = None
        """The first odd thing that the observer saw."""
        self.certificate_missed = False
        self._answered = False
        self._plaintext = Rooms()
        self._end: PeerClosed | None = None
        self.failure: PeerError | None = None

    def start(self) -> list[ChannelEvent]:
        return self._shake_hands(b"")

    def wants(self, most: int) -> int:
        return most

    def receive(self, wire: Buffer) -> list[ChannelEvent]:
        events: list[ChannelEvent] = [] if self.failure is not None else self._receive(wire)
        if self.failure is not None and not events:
            raise self.failure
        return events

    def _receive(self, wire: Buffer) -> list[ChannelEvent]:
        if not wire:
            self._incoming.write_eof()
        if self._observer is None:
            return self._read(wire)
        if wire:
            self._answered = True
            self._incoming.write(wire)
        established = self._shake_hands(wire)
        return [*established, *self._read(b"")] if established else []

    def send(self, plaintext: Buffer) -> None:
        view = memoryview(plaintext)
        try:
            while view:
                view = view[self._object.write(view) :]
        finally:
            self._collect()

    def send_from(self, most: int, fill: Fill) -> int:
        plaintext = self._context.scratch[:most]
        fill([plaintext])
        self.send(plaintext)
        return len(plaintext)

    def close(self) -> None:
        # The peer's close_notify is not here yet, which is an error to ssl; ours is in the outgoing bytes.
        with suppress(ssl.SSLError):
            self._object.unwrap()
        self._collect()

    def take_outgoing(self) -> Buffer:
        waiting, self._unsent = self._unsent, []
        return b"".join(waiting)

    def outgoing_is_out(self) -> None:
        """Every piece has memory of its own."""

    def ended(self) -> None:
        self._plaintext = Rooms()

    @property
    def outgoing_size(self) -> int:
        return sum(map(len, self._unsent))

    def _collect(self) -> bytes:
        """Take what OpenSSL has to say out of the buffer that all connections share."""
        said = self._context.outgoing.read()
        if said:
            self._unsent.append(said)
        return said

    def _drop_said(self) -> None:
        """Not the alert that OpenSSL sends to one who speaks no TLS, or has gone.

        A decode_error to an end that nobody announced nobody reads, and to whoever looks on it is a fault that was
        none: RFC 8446 §6.1 asks for no alert.
        """
        self._context.outgoing.read()

    def _shake_hands(self, wire: Buffer) -> list[ChannelEvent]:
        done = False
        try:
            self._object.do_handshake()
            done = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            if _is_unannounced_end(error):
                self._drop_said()
            elif self._name is None and (instead := answer_to_plain_http(wire)):
                self._drop_said()
                self._unsent.append(instead)
            self._look(wire)
            self.failure = self._explained(error)
            raise self.failure from error
        self._look(wire)
        return [self._established()] if done else []

    def _look(self, received: Buffer) -> None:
        """Let the observer see both directions, in order, with the keys they made."""
        sent = self._collect()
        self._keys.receive(self._context.new_keys())
        if self._observer is not None:
            for sighting in self._observer.receive(self._own_side.peer, received):
                if isinstance(sighting, TroubleSeen):
                    self._trouble = self._trouble or sighting
            for sighting in self._observer.receive(self._own_side, sent):
                self.certificate_missed |= _is_empty_certificate(sighting)

    def _established(self) -> Established:
        observer, self._observer, self._keys = self._observer, None, KeyLog()
        if observer is None or observer.version is None or observer.cipher_suite is None:
            raise PeerMisbehaved(
                "OpenSSL is done with a handshake that the observer could not follow", where="CONNECTED"
            )
        if isinstance(self._config, ClientConfig) and self._name is not None:
            self._config.verify(observer.certificates, self._name)
        return Established(
            version=observer.version.dotted,
            cipher_suite=observer.cipher_suite.name,
            group=observer.group.name if observer.group is not None else None,
            alpn=self._object.selected_alpn_protocol(),
        )

    def _read(self, wire: Buffer) -> list[ChannelEvent]:
        """All plaintext there is now that `wire` came, as one piece."""
        if self._end is not None:
            return []
        received = memoryview(wire)
        room = self._room_for(self._incoming.pending + len(received))
        filled = self._open_into(room)
        for start in range(0, len(received), _SLICE):
            self._incoming.write(received[start : start + _SLICE])
            if self.failure is None:
                filled += self._open_into(room[filled:])
        data: list[ChannelEvent] = [Data(room[:filled])] if filled else []
        return [*data, self._end] if self._end is not None else data

    def _open_into(self, room: memoryview) -> int:
        """Open all there is into `room`, which is larger; how many bytes it became."""
        filled = 0
        try:
            # With a buffer it gives a count, whatever its stub says.
            while count := cast("int", self._object.read(len(room) - filled, room[filled:])):
                filled += count
            self._end = PeerClosed(clean=True)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:  # the other way to say close_notify
            self._end = PeerClosed(clean=True)
        except ssl.SSLError as error:
            if _is_unannounced_end(error):
                self._drop_said()
                self._end = PeerClosed(clean=False)
            else:
                self.failure = self._explained(error)
                self.failure.__cause__ = error
        finally:
            self._collect()
        return filled

    def _room_for(self, received: int) -> memoryview:
        """A buffer for what becomes of so many bytes and of a record begun before: held only while much comes."""
        if received < _RECORD:
            self._plaintext = Rooms()
            return memoryview(bytearray(received + _RECORD))
        return self._plaintext.of(received + _RECORD)

    def _explained(self, error: ssl.SSLError) -> PeerError:
        """OpenSSL's error as ours. The alert, where there is one, OpenSSL has put into the outgoing bytes."""
        if isinstance(error, ssl.SSLCertVerificationError):
            return self._untrusted(error)
        if _is_unannounced_end(error):
            kind = Truncated if self._answered or self._own_side is Side.SERVER else Unanswered
            return kind("the peer closed the connection in the handshake", where="handshake")
        reason = error.reason or str(error)
        _, alerted, name = reason.partition("_ALERT_")
        if alerted and name.lower() in AlertDescription.__members__:
            return PeerAlerted(name.lower(), where="handshake" if self._observer else "CONNECTED")
        what = Sentence("OpenSSL refuses what came: {reason}", reason=reason.replace("_", " ").lower())
        if self._trouble is not None:  # the observer says what it is that came
            return PeerMisbehaved("{seen} ({what})", seen=self._trouble.what, what=what, where=self._trouble.where)
        return PeerMisbehaved(what, where="handshake" if self._observer else "CONNECTED")

    def _untrusted(self, error: ssl.SSLCertVerificationError) -> PeerError:
        """Our own judgement of the chain OpenSSL refused: it says why in the same words as ever."""
        if self._observer is not None and isinstance(self._config, ClientConfig) and self._name is not None:
            try:
                self._config.verify(self._observer.certificates, self._name)
            except PeerError as refusal:
                return refusal
        return PeerMisbehaved(
            "OpenSSL refuses the certificate: {reason}", reason=error.verify_message, where="Certificate"
        )


def _is_empty_certificate(sighting: Sighting) -> bool:
    """It answers a request, and says that there is none to show (RFC 8446 §4.4.2, RFC 5246 §7.4.6)."""
    match sighting:
        case HandshakeSeen(value=Certificate12(certificate_list=()) | Certificate13(certificate_list=())):
            return True
        case _:
            return False


def _is_unannounced_end(error: ssl.SSLError) -> bool:
    """Early releases of Python 3.11 know it by its reason only."""
    return isinstance(error, ssl.SSLEOFError) or error.reason == "UNEXPECTED_EOF_WHILE_READING"


def _context(protocol: int, offer: Offer) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    allowed = [version for version in offer.versions if offer.allows(version)]
    context.minimum_version = _VERSIONS[min(allowed)]
    context.maximum_version = _VERSIONS[max(allowed)]
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    # Early releases of Python 3.11 set it: an end that nobody announced would read as one that somebody did.
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    if offer.alpn:
        context.set_alpn_protocols(list(offer.alpn))
    _choose_suites(context, offer)
    _choose_groups(context, offer)
    return context


def _choose_suites(context: ssl.SSLContext, offer: Offer) -> None:
    wanted = [suite for suite in offer.cipher_suites if not belongs_to(suite, _TLS13)]
    names = [_openssl_names()[suite] for suite in wanted if suite in _openssl_names()]
    if names:
        context.set_ciphers(":".join(names))
    ours = [suite for suite in offer.cipher_suites if belongs_to(suite, _TLS13)]
    if offer.allows(_TLS13) and set(ours) != {suite for suite in CIPHER_SUITES if belongs_to(suite, _TLS13)}:
        raise UsageError("Python's ssl cannot choose among the cipher suites of TLS 1.3; --tls transom can")


def _choose_groups(context: ssl.SSLContext, offer: Offer) -> None:
    if len(offer.groups) == 1:
        (group,) = offer.groups
        context.set_ecdh_curve({"x25519": "X25519", "secp256r1": "prime256v1"}.get(group.name, group.name))
    elif offer.groups != GROUPS:
        raise UsageError("Python's ssl takes one group or its own list; --tls transom takes any order of them")


@cache
def _openssl_names() -> dict[CipherSuite, str]:
    """What OpenSSL calls the suites: the low 16 bits of its own number are IANA's code."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL")
    return {CipherSuite(cipher["id"] & 0xFFFF): cipher["name"] for cipher in context.get_ciphers()}


def check_identity(identity: Identity) -> None:
    """Raise UsageError for one that OpenSSL does not take as a client's: a key that is too small, say."""
    _load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), identity)


def _load(context: ssl.SSLContext, identity: Identity) -> None:
    """OpenSSL takes certificate and key from a file only: a private one, for as long as that takes."""
    with tempfile.NamedTemporaryFile(prefix="transom-identity-") as file:  # mode 0600
        file.write(identity.private_key_pem + identity.chain_pem)
        file.flush()
        try:
            context.load_cert_chain(Path(file.name))
        except ssl.SSLError as error:
            reason = (error.reason or str(error)).replace("_", " ").lower()
            raise UsageError(
                "OpenSSL does not take the certificate of {subject}: {reason}",
                subject=identity.leaf.subject,
                reason=reason,
            ) from error
