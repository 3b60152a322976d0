"""The observer: both directions of a TLS connection in, what can be seen of it out. It never speaks and never raises.

It is the third role over the same parts as client and server: the deframer, the openers, the message declarations,
the key schedule. With a key log, or a server's RSA key for static RSA, it opens what they open; without, it is the
eavesdropper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from transom.errors import DecodeError, PeerError, Sentence
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import KeyLog
from transom.tls.messages.ending import Finished
from transom.tls.messages.frame import Frame
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.tls.messages.not_handshake import Alert
from transom.tls.observed.handshake import ObservedHandshake
from transom.tls.observed.held import HeldBytes
from transom.tls.observed.key_changes import KeyChanges
from transom.tls.observed.secrets import ObservedSecrets
from transom.tls.observed.way import Way
from transom.tls.record.plain import PlainOpener
from transom.tls.record.protection import Opened, PassedOver
from transom.tls.record.run import Run
from transom.tls.sightings import (
    AlertSeen,
    ApplicationDataSeen,
    ChangeCipherSpecSeen,
    HandshakeSeen,
    Record,
    SealedHandshakeSeen,
    Sighting,
    TroubleSeen,
)
from transom.wire.struct import Struct
from transom.wire.tap import Buffer, Side

_LONGEST_DECODED = 2**20
"""Bytes of a message. One may have sixteen MiB, and in them millions of certificates of two bytes."""

_V12 = ProtocolVersion.TLSv1_2
_V13 = ProtocolVersion.TLSv1_3


def looks_like_tls(start: bytes) -> bool:
    """Whether a client's (or server's) first bytes are a TLS handshake or alert record."""
    return (
        len(start) >= 3 and start[0] in (ContentType.handshake, ContentType.alert) and start[1] == 3 and start[2] <= 4
    )


class Observer:
    """One connection. `keys` may grow while it is observed; an empty key log sees what the path sees.

    `held` is the account of all observers that share a bound on what they hold.
    """

    def __init__(
        self, keys: KeyLog, *, private_keys: Sequence[RSAPrivateKey] = (), held: HeldBytes | None = None
    ) -> None:
        self._held = held or HeldBytes()
        self._handshake = ObservedHandshake()
        self._secrets = ObservedSecrets(self._handshake, keys, private_keys)
        self._ways = {side: Way(side) for side in Side}
        self._key_changes = KeyChanges(self._ways, self._handshake, self._secrets)
        self._trouble: str | None = None

    def receive(self, side: Side, data: Buffer, unwanted: int = 0) -> list[Sighting]:
        """The next bytes of one direction. What is given back is valid until the next call.

        The next `unwanted` bytes of plaintext are of no interest: records that have nothing else are not opened.
        """
        way = self._ways[side]
        if way.gave_up:
            way.gave_up = False
            return [self._note(side, "held-too-long", stream_of(side), Sentence("too much is begun and never ended"))]
        if way.blind:
            return []
        sightings: list[Sighting] = []
        way.unwanted = unwanted
        try:
            for run in way.deframer.receive(data):
                sightings += self._look_at(way, run)
        except PeerError as error:
            way.blind = True
            where = Sentence("record") if error.where is None else Sentence.of(error.where, {})
            sightings.append(self._note(side, "malformed-record", where, error.what))
        self._held.holds(way, way.weight)
        return sightings

    def wants(self, side: Side, most: int) -> int:
        """How many bytes of one direction to receive next: see `Deframer.wants`."""
        return self._ways[side].deframer.wants(most)

    def lost(self, side: Side, count: int) -> list[Sighting]:
        """Bytes of this direction that were never captured: nothing behind them can be cut into records."""
        self._ways[side].blind = True
        self._handshake.complete = False
        what = Sentence("{count} bytes were not captured", count=count)
        return [self._note(side, "lost-bytes", stream_of(side), what)]

    def end(self, side: Side) -> list[Sighting]:
        """The direction has ended."""
        way = self._ways[side]
        way.await_nothing()
        self._held.holds(way, 0)
        if way.blind or not way.held:
            return []
        what = Sentence("the stream ends {held} bytes into a message or record", held=way.held)
        return [self._note(side, "truncated", stream_of(side), what)]

    @property
    def client_hello(self) -> ClientHello | None:
        """The last one: after a HelloRetryRequest, the second."""
        return self._handshake.client_hello

    @property
    def server_hello(self) -> ServerHello | None:
        return self._handshake.server_hello

    @property
    def version(self) -> ProtocolVersion | None:
        return self._handshake.version

    @property
    def cipher_suite(self) -> CipherSuite | None:
        return self._handshake.cipher_suite

    @property
    def group(self) -> NamedGroup | None:
        return self._handshake.group

    @property
    def resumed(self) -> bool | None:
        return self._handshake.resumed

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """The server's chain, DER, leaf first."""
        return self._handshake.certificates.get(Side.SERVER, ())

    @property
    def opened_records(self) -> int:
        """Sealed records that were opened."""
        return sum(way.opened_records for way in self._ways.values())

    @property
    def shut_records(self) -> int:
        """Sealed records that stayed shut."""
        return sum(way.shut_records for way in self._ways.values())

    @property
    def why_not(self) -> str | None:
        """A stable code for why records stay shut; None where none does."""
        if not self.shut_records:
            return None
        if self._trouble is not None:
            return self._trouble
        if self._handshake.client_hello is None or self._handshake.server_hello is None:
            return "no-handshake"
        if self.version is None or self.version < _V12:
            return "unsupported-version"
        return "no-keys" if self._handshake.suite else "unsupported-suite"

    def is_sealed(self, side: Side) -> bool:
        """Whether the path can no longer read this side's records."""
        return self._ways[side].is_sealed

    def _look_at(self, way: Way, run: Run) -> Iterator[Sighting]:
        out: memoryview | None = None
        index = 0
        while index < len(run):
            if way.unwanted and not way.pads and way.is_sealed and way.opener is not None:
                passed = way.opener.pass_over(run, index, way.unwanted)
                if passed.records:
                    yield self._passed(way, run, index, passed)
                    index += passed.records
                    continue
            if out is None:  # one a run: what the run before it held is still being looked at
                out = memoryview(bytearray(len(run.view)))
            opened = self._open(way, run, index, out)
            if opened is None:
                yield from self._pass_by(way, run, index)
                index += 1
                continue
            out = out[len(opened.data) :]
            record = _record(run, index, opened.content_type, sealed=opened.protected)
            wire_bytes = run.starts[index + opened.records] - run.starts[index]
            index += opened.records
            if opened.protected:
                way.opened_records += opened.records
                if opened.content_type is ContentType.application_data and way.opener is not None:
                    way.pads = way.pads or wire_bytes - opened.records * way.opener.overhead > len(opened.data)
                    way.unwanted = max(0, way.unwanted - len(opened.data))
            yield from self._take(way, opened, record, wire_bytes)

    def _passed(self, way: Way, run: Run, index: int, passed: PassedOver) -> ApplicationDataSeen:
        way.unwanted -= passed.length
        way.opened_records += passed.records  # as good as: their key is there
        record = _record(run, index, ContentType.application_data, sealed=True)
        wire_bytes = run.starts[index + passed.records] - run.starts[index]
        return ApplicationDataSeen(way.side, record, passed.records, wire_bytes, None, passed.length)

    def _open(self, way: Way, run: Run, index: int, out: memoryview) -> Opened | None:
        """Open what can be opened from this record on; None when it stays shut."""
        if way.may_be_early and run[index].content_type == ContentType.handshake:
            way.change_keys(PlainOpener())  # a second hello, after a HelloRetryRequest: no more comes early
        opener = way.find_opener()
        if opener is not None:
            try:
                return opener.open(run, index, out)
            except PeerError as error:
                refusal = error
        else:
            refusal = None
        if way.try_candidates(run[index]) and way.opener is not None:
            return way.opener.open(run, index, out)
        if refusal is not None and not way.candidates and self._is_protected(way, run, index):
            self._trouble = "does-not-decrypt"
        return None

    def _is_protected(self, way: Way, run: Run, index: int) -> bool:
        """TLS 1.3 lets unprotected ChangeCipherSpec and early alerts stand between protected records."""
        kind = run[index].content_type
        return way.is_sealed and (self.version is not _V13 or kind == ContentType.application_data)

    def _pass_by(self, way: Way, run: Run, index: int) -> Iterator[Sighting]:
        """A record that is not opened: what its header says."""
        raw = run[index]
        sealed = self._is_protected(way, run, index)
        record = _record(run, index, None, sealed=sealed)
        if not sealed:
            yield from self._take_unsealed(way, record, bytes(raw.fragment))
            return
        way.leave_shut()
        if not way.may_be_early:  # early data is no part of the transcript
            self._handshake.complete = False
        if self._trouble == "does-not-decrypt" and way.opener is not None:
            what = Sentence("the key that goes with it does not open it")
            yield self._note(way.side, "does-not-decrypt", _where(record), what)
            way.change_keys(None)
        match record.content_type:
            case ContentType.handshake:
                yield SealedHandshakeSeen(way.side, record)
            case ContentType.alert:
                yield AlertSeen(way.side, record, None, None)
            case _:
                yield ApplicationDataSeen(way.side, record, 1, len(raw.raw), None)

    def _take_unsealed(self, way: Way, record: Record, fragment: bytes) -> Iterator[Sighting]:
        if record.content_type is ContentType.change_cipher_spec:
            yield ChangeCipherSpecSeen(way.side, record, fragment)
        elif record.content_type is ContentType.alert:
            yield self._alert(way, record, fragment)
        elif way.is_sealed:
            what = Sentence("a {type} record in the clear among sealed ones", type=record.content_type.title)
            yield self._note(way.side, "unexpected-record", _where(record), what)
        else:
            yield self._unexpected(way, record, len(fragment))

    def _take(self, way: Way, opened: Opened, record: Record, wire_bytes: int) -> Iterator[Sighting]:
        match opened.content_type:
            case ContentType.application_data:
                yield ApplicationDataSeen(way.side, record, opened.records, wire_bytes, opened.data)
            case ContentType.handshake:
                yield from self._take_handshake(way, opened, record)
            case ContentType.alert:
                yield self._alert(way, record, bytes(opened.data))
            case ContentType.change_cipher_spec:
                yield ChangeCipherSpecSeen(way.side, record, bytes(opened.data))
                self._key_changes.after_change_cipher_spec(way)
            case _:
                yield self._unexpected(way, record, len(opened.data))

    def _take_handshake(self, way: Way, opened: Opened, record: Record) -> Iterator[Sighting]:
        try:
            messages = way.messages(opened.data, record)
        except DecodeError as error:
            way.blind = True
            yield self._note(way.side, "malformed-message", _where(record), error.what)
            return
        for frame, records in messages:
            yield self._message(way, frame, records)

    def _message(self, way: Way, frame: Frame, records: tuple[Record, ...]) -> HandshakeSeen:
        structure = self._handshake.grammar.structure(frame.type)
        value: Struct | None = None
        error: DecodeError | None = None
        if len(frame.body) > _LONGEST_DECODED:
            structure, error = None, _too_long(frame)
        try:
            value = structure.decode(frame.body) if structure else None
        except DecodeError as caught:
            error = caught
        proof = self._check_finished(way.side, value) if isinstance(value, Finished) else None
        proof_of_its_own = self._handshake.learn(way.side, frame, value)
        if error is not None:
            self._handshake.complete = False
        self._key_changes.after_message(way, value)
        return HandshakeSeen(
            way.side, records, frame, value, structure, error, proof if proof is not None else proof_of_its_own
        )

    def _check_finished(self, side: Side, finished: Finished) -> bool | None:
        so_far = self._handshake.digest()
        if so_far is None:
            return None
        if self.version is _V13:
            secret = self._secrets.handshake13(side)
            return secret.verify_data(so_far) == finished.verify_data if secret else None
        master = self._secrets.master12()
        return master.verify_data(side, so_far) == finished.verify_data if master else None

    def _alert(self, way: Way, record: Record, fragment: bytes) -> Sighting:
        try:
            alert = Alert.decode(fragment)
        except DecodeError as error:
            return self._note(way.side, "malformed-message", _where(record), error.sentence)
        return AlertSeen(way.side, record, alert.level, alert.description)

    def _unexpected(self, way: Way, record: Record, length: int) -> TroubleSeen:
        kind = record.inner_type if record.inner_type is not None else record.content_type
        what = Sentence("a {type} record of {length} bytes", type=kind.title, length=length)
        return self._note(way.side, "unexpected-record", _where(record), what)

    def _note(self, side: Side, code: str, where: Sentence, what: Sentence) -> TroubleSeen:
        self._trouble = self._trouble or code
        return TroubleSeen(side, code, where, what)


def stream_of(side: Side) -> Sentence:
    """The place of what is said of all of one direction."""
    return Sentence("client stream" if side is Side.CLIENT else "server stream")


def _too_long(frame: Frame) -> DecodeError:
    return DecodeError(
        "{length:,} bytes; {most:,} are the most that are taken apart", length=len(frame.body), most=_LONGEST_DECODED
    )


def _where(record: Record) -> Sentence:
    return Sentence("record at byte {offset}", offset=record.offset)


def _record(run: Run, index: int, inner: ContentType | None, *, sealed: bool) -> Record:
    raw = run[index]
    version = ProtocolVersion(raw.version)
    # In order: it is made for each run of the bulk, and names take longer.
    return Record(raw.offset, ContentType(raw.content_type), version, len(raw.fragment), sealed, inner)
