"""Memory where runs of full records are made, laid out once, so that a record of a long transfer costs no slice.

    contents   [ content 16,384 | type ] [ content 16,384 | type ] …      what is encrypted; TLS 1.2 has no type there
    wire       [ head | fragment ] [ head | fragment ] …                  what crosses

A sender's plaintext is put straight into the `slots` of the contents, by a file's own read. There are few of these:
what is read and what is sealed lie in the second-level cache together. The wire has more room, for fewer and longer
writes.
The memory is shared by the connections of one loop: nothing lives in it between two calls but what was handed out and
is not sent yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle

from transom.tls.record.header import MAX_PLAINTEXT
from transom.wire.paged import paged
from transom.wire.pieces import cut

Places = tuple[memoryview, memoryview, memoryview]
"""Of a record: its head, where its content is taken from, and where its fragment is put."""

Fill = Callable[[Sequence[memoryview]], None]
"""Puts plaintext into these, in order, each to its end."""

CONTENTS = 8
RECORDS = 32
"""Of the wire: 512 KiB of plaintext."""

_LINE = 64
"""Contents begin where a line of the cache does: a file's pages are copied there quickly (see `paged`)."""
_TAG_LENGTH = 16

_KEPT = 2
"""Free wires: a reader that is slower than we are has one, and is given the other meanwhile."""


class Wire:
    """Memory for records of one layout, each beginning with `head`: `contents` are sealed into it, by turns."""

    def __init__(self, head: bytes, contents: Sequence[memoryview], record_length: int) -> None:
        before = len(head)
        self._record_length = record_length
        self._memory = paged(RECORDS * record_length)
        heads = cut(self._memory, 0, before, record_length)
        fragments = cut(self._memory, before, record_length - before, record_length)
        for place in heads:
            place[:] = head
        self._places = list(zip(heads, cycle(contents), fragments, strict=False))
        self._all_rounds = self._cut_in_rounds(RECORDS)

    def rounds(self, records: int) -> list[list[Places]]:
        """The first records: as many at a time as there are slots to fill."""
        return self._all_rounds if records == RECORDS else self._cut_in_rounds(records)

    def first(self, records: int) -> memoryview:
        """So many, as they cross."""
        return self._memory[: records * self._record_length]

    def _cut_in_rounds(self, records: int) -> list[list[Places]]:
        places = self._places[:records]
        return [places[at : at + CONTENTS] for at in range(0, records, CONTENTS)]


class SealingRoom:
    """Room for records of one layout: each begins with `head`, and `behind` stands behind each content.

    Its wires are lent: whoever takes one gives it back when the records in it are on their way and nobody holds them.
    """

    def __init__(self, head: bytes, behind: bytes) -> None:
        self._head = head
        apart = MAX_PLAINTEXT + _LINE
        memory = paged(CONTENTS * apart)
        self._contents = cut(memory, 0, MAX_PLAINTEXT + len(behind), apart)
        self.slots = cut(memory, 0, MAX_PLAINTEXT, apart)
        for content in self._contents:
            content[MAX_PLAINTEXT:] = behind
        self.record_length = len(head) + len(self._contents[0]) + _TAG_LENGTH
        self._free: list[Wire] = []

    def take_wire(self) -> Wire:
        """One that nobody else has."""
        return self._free.pop() if self._free else Wire(self._head, self._contents, self.record_length)

    def give_back(self, wire: Wire) -> None:
        """What was in it has been sent."""
        if len(self._free) < _KEPT:
            self._free.append(wire)


class SealingRooms:
    """The rooms of one loop, by the layouts of the suites that are spoken on it."""

    def __init__(self) -> None:
        self._rooms: dict[tuple[bytes, bytes], SealingRoom] = {}

    def room(self, head: bytes, behind: bytes) -> SealingRoom:
        """The room for records of this layout."""
        room = self._rooms.get((head, behind))
        if room is None:
            room = self._rooms[head, behind] = SealingRoom(head, behind)
        return room
