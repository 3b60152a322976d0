"""The packets of conversations that are kept, gathered while they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from struct import Struct

import numpy as np

from transom.capture.connections import SEQUENCE_MODULUS, Connection, Direction
from transom.capture.packets import ACK, Segment, flow_endpoints
from transom.capture.rows import relative
from transom.value import value
from transom.wire.tap import Endpoint

_ROW = Struct("<qqqqiB?")
_COLUMNS = np.dtype([
    ("number", "<i8"), ("time", "<i8"), ("offset", "<i8"), ("ack", "<i8"), ("length", "<i4"), ("flags", "u1"),
    ("forth", "?"),
])  # fmt: skip
"""The same rows for who looks at one column of all of them."""
_UNKNOWN = -1


@value
class Carried:
    """One packet with bytes of a span. `[start, end)` is where its payload lies in its side's stream."""

    number: int
    start: int
    end: int


@value
class ListedPacket:
    """One packet. `offset` is where its payload begins in its stream, None if nothing tells; `ack` likewise."""

    number: int
    time: int
    offset: int | None
    ack: int | None
    length: int
    flags: int
    is_forth: bool


class Way:
    """The packets of one way, to be found by the bytes they carry."""

    def __init__(self, rows: np.ndarray) -> None:
        rows = rows[np.argsort(rows["offset"], kind="stable")]
        self._numbers = rows["number"]
        self._starts = rows["offset"] - 1  # the first byte has the relative number 1
        self._ends = self._starts + rows["length"]
        self._longest = int(rows["length"].max(initial=0))

    @property
    def end(self) -> int:
        """How far its stream goes."""
        return int(self._ends.max(initial=0))

    def carrying(self, start: int, end: int) -> list[Carried]:
        """The packets with any of the bytes `[start, end)` of the stream, in their order, repeated ones too."""
        # One that begins before by more than the longest of them cannot reach it.
        first, last = np.searchsorted(self._starts, (start - self._longest, end))
        columns = (column[first:last].tolist() for column in (self._numbers, self._starts, self._ends))
        found = [Carried(*row) for row in zip(*columns, strict=True)]
        return sorted((packet for packet in found if packet.end > start), key=lambda packet: packet.number)


class Room:
    """What all lists of one capture may hold together."""

    def __init__(self, packets: int) -> None:
        self.left = packets


MOST_PACKETS = 4_000_000
"""That are listed in all: some 150 MB. What comes after is counted."""


class PacketList:
    """Of one conversation, packed. `is_forth` says that one goes the way of the first; `left_out` are not listed."""

    def __init__(self, room: Room | None = None) -> None:
        self.first_source: Endpoint | None = None
        self.left_out = 0
        self._room = room or Room(MOST_PACKETS)
        self._data = bytearray()
        self._offset: dict[bool, int] = {}
        self._ways: dict[bool, Way] = {}

    def add(self, segment: Segment, starts: Sequence[int | None], *, forth: bool) -> None:
        """The next packet. `starts` are the numbers of the first bytes of this way and of the other, once known."""
        if self.first_source is None:
            self.first_source = flow_endpoints(segment.flow)[0]
        if not self._room.left:
            self.left_out += 1
            return
        self._room.left -= 1
        self._ways.clear()
        sequence = relative(segment.sequence, starts[0])
        ack = relative(segment.acknowledgement, starts[1]) if segment.flags & ACK else None
        self._data += _ROW.pack(
            segment.number,
            segment.time,
            _UNKNOWN if sequence is None else self._unwrapped(forth, sequence),
            _UNKNOWN if ack is None else ack,
            segment.length,
            segment.flags,
            forth,
        )

    def __len__(self) -> int:
        return len(self._data) // _ROW.size

    def __iter__(self) -> Iterator[ListedPacket]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, at: int) -> ListedPacket:
        number, time, offset, ack, length, flags, forth = _ROW.unpack_from(self._data, at * _ROW.size)
        known = None if offset == _UNKNOWN else offset
        return ListedPacket(number, time, known, None if ack == _UNKNOWN else ack, length, flags, forth)

    def way(self, *, forth: bool) -> Way:
        """Those of one way that carry bytes, as many as there are by now."""
        if forth not in self._ways:
            rows = np.frombuffer(bytes(self._data), _COLUMNS)  # a copy: while there is a view of it, none can be added
            chosen = (rows["forth"] == forth) & (rows["offset"] != _UNKNOWN) & (rows["length"] > 0)
            self._ways[forth] = Way(rows[chosen])
        return self._ways[forth]

    def _unwrapped(self, forth: bool, sequence: int) -> int:
        """Sequence numbers begin anew every 4 GiB; near the last one of its side is where this one is meant."""
        last = self._offset.get(forth, 0)
        step = (sequence - last + SEQUENCE_MODULUS // 2) % SEQUENCE_MODULUS - SEQUENCE_MODULUS // 2
        found = self._offset[forth] = max(last + step, 0)
        return found


class PacketLists:
    """Of the conversations that one pass keeps; a `capture.tcp.Reading` tells it of every segment."""

    def __init__(self, number_of: Callable[[Connection], int | None], room: Room) -> None:
        """`number_of` gives the number of the conversation of a connection, None for one that is not kept."""
        self._number_of = number_of
        self._room = room
        self._lists: dict[int, PacketList] = {}

    def heard(self, connection: Connection, direction: Direction, segment: Segment) -> None:
        """One more packet."""
        number = self._number_of(connection)
        if number is not None:
            starts = (connection.start[direction], connection.start[1 - direction])
            self.of(number).add(segment, starts, forth=direction == 0)

    def of(self, number: int) -> PacketList:
        """That of a conversation which is kept."""
        found = self._lists.get(number)
        if found is None:
            found = self._lists[number] = PacketList(self._room)
        return found

    def give_back(self) -> None:
        """Nobody asks for these any more: others may have their room."""
        self._room.left += sum(map(len, self._lists.values()))
