"""The packets of chosen conversations, read when somebody first asks for them: all in one pass over the capture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from struct import Struct

import numpy as np

from transom.capture.connections import SEQUENCE_MODULUS
from transom.capture.growth import Growth
from transom.capture.problems import Findings
from transom.capture.rows import PacketRow, packet_rows_so_far
from transom.value import value

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


class PacketList:
    """Of one conversation, packed: there may be millions. `is_forth` says that one goes the way of the first."""

    def __init__(self) -> None:
        self.first: PacketRow | None = None
        self._data = bytearray()
        self._offset: dict[bool, int] = {}

    def add(self, row: PacketRow) -> None:
        self.first = self.first or row
        forth = row.source == self.first.source
        sequence = None if row.sequence is None else self._unwrapped(forth, row.sequence)
        offset, ack = (_UNKNOWN if found is None else found for found in (sequence, row.acknowledgement))
        self._data += _ROW.pack(row.number, row.time, offset, ack, row.length, row.flags, forth)

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
        rows = np.frombuffer(bytes(self._data), _COLUMNS)  # a copy: while there is a view of it, none can be added
        return Way(rows[(rows["forth"] == forth) & (rows["offset"] != _UNKNOWN) & (rows["length"] > 0)])

    def _unwrapped(self, forth: bool, sequence: int) -> int:
        """Sequence numbers begin anew every 4 GiB; near the last one of its side is where this one is meant."""
        last = self._offset.get(forth, 0)
        step = (sequence - last + SEQUENCE_MODULUS // 2) % SEQUENCE_MODULUS - SEQUENCE_MODULUS // 2
        found = self._offset[forth] = max(last + step, 0)
        return found


MOST_LISTS = 50
"""That are kept: those that were asked for last."""


class PacketLists:
    """For several conversations. Of a file that grows each is continued when it is asked for again."""

    def __init__(self, path: Path, growth: Growth | None = None) -> None:
        self.path = path
        self._growth = growth
        self._lists: dict[int, PacketList] = {}
        self._rows: Iterator[PacketRow | None] = iter(())

    def want(self, numbers: Iterable[int]) -> None:
        """These will be asked for: they are read in one pass."""
        new = [number for number in numbers if number not in self._lists]
        if new:
            wanted = [*self._lists, *new][-max(MOST_LISTS, len(new)) :]
            self._lists = {number: PacketList() for number in wanted}
            # The first reading has told what is odd about the file.
            self._rows = packet_rows_so_far(self.path, Findings(), self._growth)

    def of(self, number: int) -> PacketList:
        """Raises CaptureError."""
        self.want([number])
        for row in self._rows:
            if row is None:
                break
            if row.conversation is not None and (found := self._lists.get(row.conversation)) is not None:
                found.add(row)
        return self._lists[number]
