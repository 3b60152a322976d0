"""Both directions of the record layer as one endpoint uses them: bytes in, contents out; contents in, bytes out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from transom.errors import PeerError, PeerMisbehaved, UsageError
from transom.tls.early_data import RefusedEarlyData
from transom.tls.handshake.steps import Direction
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.frame import Frame
from transom.tls.record.deframer import Deframer
from transom.tls.record.header import MAX_PLAINTEXT
from transom.tls.record.plain import PlainOpener, PlainSealer
from transom.tls.record.protection import Opened, Opener, ProtectedSealer, Sealer
from transom.tls.record.protection12 import Opener12, Sealer12
from transom.tls.record.protection13 import Opener13, Sealer13
from transom.tls.record.run import Run
from transom.tls.record.sealing_room import RECORDS, Fill, SealingRoom, SealingRooms, Wire
from transom.tls.record.traffic_keys import TrafficKeys
from transom.wire.kept import Rooms
from transom.wire.tap import Buffer

_FIRST_HELLO_VERSION = 0x0301
"""Some old servers and middleboxes want it in the record of a first ClientHello (RFC 8446 §5.1)."""


class Records:
    """The keys of each direction and the bytes waiting to be sent."""

    def __init__(self, rooms: SealingRooms, *, is_client: bool) -> None:
        self._rooms = rooms
        self._lent: list[_Lent] = []
        self._deframer = Deframer()
        self._opener: Opener = PlainOpener()
        self._sealer: Sealer = PlainSealer(_FIRST_HELLO_VERSION) if is_client else PlainSealer()
        self._early_data: RefusedEarlyData | None = None
        self._plaintext = Rooms()
        self._outgoing: list[bytearray | memoryview] = []
        self.outgoing_size = 0

    def wants(self, most: int) -> int:
        """How many bytes to receive next: see `Deframer.wants`."""
        return self._deframer.wants(most)

    def receive(self, wire: Buffer) -> Iterator[Opened]:
        """The contents of the records that are whole now, each given before the next is opened: keys may change.

        Application data changes nothing, so that of records which follow one another is given as one piece. What is
        given is valid until the next call, or as long as its `Room` is kept.
        """
        room = self._plaintext.of(len(wire) + self._deframer.pending)
        begin = end = records = 0  # of the data that is there and not given yet
        try:
            for place, opened in self._receive(wire, room):
                if opened.protected and opened.content_type is ContentType.application_data:
                    begin, end = begin if records else place, place + len(opened.data)
                    records += opened.records
                    continue
                if records:
                    yield _data(room[begin:end], records)
                    records = 0
                yield opened
        except PeerError:
            if records:  # what came before the error is whole
                yield _data(room[begin:end], records)
            raise
        if records:
            yield _data(room[begin:end], records)

    def _receive(self, wire: Buffer, room: memoryview) -> Iterator[tuple[int, Opened]]:
        """What the openers give, and its place in `room` where they put it there."""
        place = 0
        for run in self._deframer.receive(wire):
            index = 0
            while index < len(run):
                opened = self._open(run, index, room[place:] if place else room)
                if opened is None:
                    index += 1
                    continue
                index += opened.records
                yield place, opened
                place += len(opened.data)

    def _open(self, run: Run, index: int, out: memoryview) -> Opened | None:
        """Open records from this one on; None: it is early data that we did not want."""
        early = self._early_data
        if early is None:
            return self._opener.open(run, index, out)
        if not self.reads_protected and early.drops(run[index]):
            return None
        try:
            opened = self._opener.open(run, index, out)
        except PeerMisbehaved as error:
            if error.alert == "bad_record_mac" and early.drops(run[index]):
                return None
            raise
        if opened.content_type is not ContentType.change_cipher_spec:
            self._early_data = None  # the client's next flight: what it sent early lies before it
        return opened

    def pass_over_early_data(self) -> None:
        """Drop what the client sent before it could know that we do not take it."""
        self._early_data = RefusedEarlyData()

    @property
    def reads_protected(self) -> bool:
        """Whether the peer's records are protected by now."""
        return not isinstance(self._opener, PlainOpener)

    def send(self, content_type: ContentType, content: Buffer) -> None:
        """Content to send, in as many records as it takes."""
        self._append(self._sealer.seal(content_type, content))

    def send_data_from(self, most: int, fill: Fill) -> int:
        """Application data, put by `fill` where it will be sealed: full records as far as they go, or one that is not.

        Returns how many bytes it were.
        """
        records = min(most // MAX_PLAINTEXT, RECORDS)
        if not records:
            rest = memoryview(bytearray(most))
            fill([rest])
            self.send(ContentType.application_data, rest)
            return most
        if not isinstance(self._sealer, ProtectedSealer):
            raise UsageError("application data is sent under keys")
        room = self._sealer.room_for_data(self._rooms)
        wire = room.take_wire()
        sealed = self._sealer.seal_room(room, wire, records, fill)
        self._lent.append(_Lent(room, wire, sealed))
        self._append(sealed)
        return records * MAX_PLAINTEXT

    def _append(self, sealed: bytearray | memoryview) -> None:
        self._outgoing.append(sealed)
        self.outgoing_size += len(sealed)

    def send_handshake(self, frame: Frame) -> None:
        """A handshake message, in records of its own."""
        self.send(ContentType.handshake, frame.raw)
        if isinstance(self._sealer, PlainSealer):
            self._sealer = PlainSealer()

    def send_change_cipher_spec(self) -> None:
        """The one byte."""
        self.send(ContentType.change_cipher_spec, b"\x01")

    def install(self, direction: Direction, version: ProtocolVersion, keys: TrafficKeys) -> None:
        """New keys for one direction, from the next record on."""
        is_13 = version is ProtocolVersion.TLSv1_3
        if direction is Direction.READ:
            self._opener = Opener13(keys) if is_13 else Opener12(keys)
        else:
            self._sealer = Sealer13(keys) if is_13 else Sealer12(keys)

    @property
    def needs_key_update(self) -> bool:
        """Whether the keys we send with should be replaced (RFC 8446 §5.5)."""
        return isinstance(self._sealer, Sealer13) and self._sealer.needs_key_update

    def take_outgoing(self) -> Buffer:
        """The bytes to send now. They are not written to again, unless `outgoing_is_out` says that they may."""
        outgoing, self._outgoing, self.outgoing_size = self._outgoing, [], 0
        if len(outgoing) == 1:
            return outgoing[0]
        joined = b"".join(outgoing)
        for lent in [one for one in self._lent if any(piece is one.sealed for piece in outgoing)]:
            self._lent.remove(lent)  # it is copied; what was lent before and taken alone may still be on its way
            lent.room.give_back(lent.wire)
        return joined

    def outgoing_is_out(self) -> None:
        """Nobody holds anything that was taken: its memory may be used for the next records."""
        if self._outgoing:
            return  # some of it was not even taken
        for lent in self._lent:
            lent.room.give_back(lent.wire)
        self._lent.clear()

    def ended(self) -> None:
        """Nothing is received any more. Who kept something of it has that still."""
        self._plaintext = Rooms()


class _Lent(NamedTuple):
    """Records that were sealed in memory that others use as well."""

    room: SealingRoom
    wire: Wire
    sealed: memoryview


def _data(plaintext: memoryview, records: int) -> Opened:
    return Opened(ContentType.application_data, plaintext, records, protected=True)
