"""What sealing and opening have in common, whatever protects the records."""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from transom.errors import PeerMisbehaved, Sentence, UsageError
from transom.tls.iana.content_types import ContentType
from transom.tls.record.header import HEADER_LENGTH, MAX_PLAINTEXT
from transom.tls.record.run import Record, Run
from transom.tls.record.sealing_room import CONTENTS, Fill, Places, SealingRoom, SealingRooms, Wire
from transom.wire.pieces import Pieces
from transom.wire.tap import Buffer

_APPLICATION_DATA = ContentType.application_data.value  # a plain int: comparing with it is on the bulk road

MAX_SEQUENCE = 2**64 - 1
"""A sequence number never wraps (RFC 8446 §5.3): this many records, and the keys are spent."""

_NONCE = struct.Struct(">IQ")
make_nonce = _NONCE.pack
"""The nonce of a record: the halves that `split_iv` made, the second xor the sequence number (RFC 8446 §5.3)."""


def split_iv(iv: bytes) -> tuple[int, int]:
    """An IV as its first four and its last eight bytes. A salt of four stands before zeros (RFC 5288 §3)."""
    first, last = _NONCE.unpack(iv.ljust(_NONCE.size, b"\0"))
    return first, last


class Opened(NamedTuple):
    """What came out of `records` records: application data of several, or the content of one of another type.

    `data` is valid until the buffers of that call are used again. Not `protected` means that anyone may have sent it.
    """

    content_type: ContentType
    data: memoryview
    records: int
    protected: bool


LEAST_PASSED = 1024
"""Bytes of content in a record that may be passed over: what changes keys or ends a direction is shorter."""


class PassedOver(NamedTuple):
    """Records that stay shut although their key is there, and how much content they have in all."""

    records: int
    length: int


class Opener(ABC):
    """Opens the records of one direction under one set of keys. `sequence` is the number of the next record."""

    sequence: int = 0
    overhead: int
    """How many bytes a record is longer than its content."""

    @abstractmethod
    def open(self, run: Run, index: int, out: memoryview) -> Opened:
        """Open records of `run` from `index` on, their plaintext into `out`; `records` tells how many it were.

        As many as hold application data are opened in one call. A record of another type comes alone: it may change
        the keys, and then the next one is for another opener. `out` needs as many bytes as the rest of the run has.

        Raises PeerMisbehaved (bad_record_mac, record_overflow, unexpected_message) about the record at `index`; what
        is wrong with a later one is raised by the call that begins there.
        """

    def pass_over(self, run: Run, index: int, most: int) -> PassedOver:
        """Count records of data from `index` on as gone by, unopened: less than `most` bytes of content in all.

        What their lengths say is believed, so that padding (RFC 8446 §5.4) would be taken for content: not to be asked
        of who is known to pad. The record after them shows how many they were: it opens under its number or not at all.
        """
        starts, view = run.starts, run.view
        records = length = 0
        if run.header is not None and run.header[0] == _APPLICATION_DATA:
            each = starts[1] - starts[0] - self.overhead
            if LEAST_PASSED <= each <= MAX_PLAINTEXT:
                records = min(len(run) - index, (most - 1) // each)
                length = records * each
            self.sequence += records
            return PassedOver(records, length)
        for place in range(index, len(run)):
            content = starts[place + 1] - starts[place] - self.overhead
            is_data = view[starts[place]] == _APPLICATION_DATA
            if not is_data or not LEAST_PASSED <= content <= MAX_PLAINTEXT or length + content >= most:
                break
            records += 1
            length += content
        self.sequence += records
        return PassedOver(records, length)

    def try_open(self, sequence: int, record: Record) -> Opened | None:
        """Open one record as if it had this number, or None. `self.sequence` stays: the observer searches with it."""
        own, self.sequence = self.sequence, sequence
        try:
            return self.open(Run.of(record), 0, memoryview(bytearray(len(record.raw))))
        except PeerMisbehaved:
            return None
        finally:
            self.sequence = own


class ProtectedOpener(Opener):
    """An opener with keys, and with a bulk road for records that are alike.

    What is cut for them is used again as long as they are received into the same memory and opened into the same.
    """

    def __init__(self) -> None:
        self._bodies, self._inners = Pieces(), Pieces()

    def open(self, run: Run, index: int, out: memoryview) -> Opened:
        _check_run(run, index, self.sequence, out)
        if run.header is not None and not index:
            data = self._open_alike(run, run.header, out)
        else:
            self._bodies.forget()
            self._inners.forget()
            data = self._open_data(run, index, out)
        return data if data.records else self._open_one(run, index, out)

    @abstractmethod
    def _open_data(self, run: Run, index: int, out: memoryview) -> Opened:
        """Open records as long as they are application data that decrypts; what the next is, `_open_one` will say."""

    @abstractmethod
    def _open_alike(self, run: Run, header: bytes, out: memoryview) -> Opened:
        """The same from the first of records that are alike: what is the same in all of them is looked at once."""

    @abstractmethod
    def _open_one(self, run: Run, index: int, out: memoryview) -> Opened:
        """Open one record of any type, or say why not."""


class Sealer(ABC):
    """Makes the records of one direction under one set of keys. `sequence` is the number of the next record."""

    sequence: int = 0
    most_data_records: int = MAX_SEQUENCE
    """How many records of data these keys may protect (RFC 8446 §5.5); an alert may still follow."""
    overhead: int = HEADER_LENGTH
    """How many bytes a record is longer than its content."""

    def sealed_size(self, length: int) -> int:
        """How many bytes on the wire `length` bytes of content become."""
        return length + self.overhead * record_count(length)

    def seal(self, content_type: ContentType, plaintext: Buffer) -> bytearray:
        """The records that carry `plaintext`; none for no bytes."""
        sealed = bytearray(self.sealed_size(len(plaintext)))
        self.seal_into(content_type, plaintext, memoryview(sealed))
        return sealed

    def seal_into(self, content_type: ContentType, plaintext: Buffer, out: memoryview) -> int:
        """The same into `out`, which has at least `sealed_size` bytes: how many were written."""
        size = self.sealed_size(len(plaintext))
        if len(out) < size:
            raise UsageError(
                "sealing {count} bytes takes a buffer of {size}, not {length}",
                count=len(plaintext),
                size=size,
                length=len(out),
            )
        most = self.most_data_records if content_type is ContentType.application_data else MAX_SEQUENCE
        self._check_keys_last(record_count(len(plaintext)), most)
        view, written = memoryview(plaintext), 0
        for at in range(0, len(view), MAX_PLAINTEXT):
            content = view[at : at + MAX_PLAINTEXT]
            end = written + self.overhead + len(content)
            self._seal_one(content_type, content, out[written:end])
            written = end
        return size

    def _check_keys_last(self, records: int, most: int) -> None:
        if self.sequence + records > most:
            raise UsageError("these keys have protected all the records they may")

    @abstractmethod
    def _seal_one(self, content_type: ContentType, content: memoryview, out: memoryview) -> None:
        """One record into `out`, which it fills."""


class ProtectedSealer(Sealer):
    """A sealer with keys: application data is sent under them alone, and on its bulk road."""

    @abstractmethod
    def room_for_data(self, rooms: SealingRooms) -> SealingRoom:
        """Where the plaintext of full records is to be put, for `seal_room`."""

    def seal_room(self, room: SealingRoom, wire: Wire, records: int, fill: Fill) -> memoryview:
        """Full records of application data, at most `RECORDS`, whose content `fill` puts in: sealed, on this wire."""
        self._check_keys_last(records, self.most_data_records)
        for places in wire.rounds(records):
            fill(room.slots if len(places) == CONTENTS else room.slots[: len(places)])
            self._seal_full(places)
        return wire.first(records)

    @abstractmethod
    def _seal_full(self, records: Sequence[Places]) -> None:
        """Full records of application data: of one length, one loop."""


def record_count(length: int) -> int:
    """How many records carry `length` bytes of content."""
    return -(-length // MAX_PLAINTEXT)


def check_content(content_type: int, length: int, where: str) -> None:
    """Refuse content that no record may have (RFC 8446 §5.1, §5.4; RFC 5246 §6.2.1)."""
    if length > MAX_PLAINTEXT:
        what = Sentence("{length} bytes of content, where {most} are the most", length=length, most=MAX_PLAINTEXT)
        raise PeerMisbehaved(what, alert="record_overflow", rfc="8446 §5.1", where=where)
    if length == 0 and content_type != ContentType.application_data:
        what = Sentence("a record of type {type} with nothing in it", type=ContentType(content_type).name)
        raise PeerMisbehaved(what, alert="unexpected_message", rfc="8446 §5.4", where=where)


def name_record(run: Run, index: int, sequence: int) -> str:
    """Which record this is, for the `where` of an error."""
    position = run.offset + run.starts[index]
    return Sentence("protected record {number} at byte {position}", number=sequence, position=position)


def _check_run(run: Run, index: int, sequence: int, out: memoryview) -> None:
    """Refuse to open what is left of `run` when `out` is too small for it, or when its numbers would wrap."""
    starts = run.starts
    if len(out) < starts[-1] - starts[index]:
        size = starts[-1] - starts[index]
        raise UsageError(
            "opening {size} bytes of records takes a buffer as large, not {count}", size=size, count=len(out)
        )
    if sequence + len(starts) - index - 2 > MAX_SEQUENCE:
        what = Sentence("more than {most} records under the same keys", most=MAX_SEQUENCE)
        where = name_record(run, index, sequence)
        raise PeerMisbehaved(what, alert="unexpected_message", rfc="8446 §5.3", where=where)


def bad_record_mac(where: str) -> PeerMisbehaved:
    """What answers a record whose tag is wrong."""
    what = "the record does not decrypt: altered, out of order, or under other keys"
    return PeerMisbehaved(what, alert="bad_record_mac", rfc="8446 §5.2", where=where)


def record_overflow(length: int, most: int, where: str) -> PeerMisbehaved:
    """What answers a protected fragment that is too long."""
    what = Sentence("a protected fragment of {length} bytes, where {most} are the most", length=length, most=most)
    return PeerMisbehaved(what, alert="record_overflow", rfc="8446 §5.2", where=where)
