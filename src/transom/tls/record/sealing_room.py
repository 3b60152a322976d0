"""Memory where runs of full records are made, laid out once, so that a record of a long transfer costs no slice.

    contents   [ content 16,384 | type ] [ content 16,384 | type ] …      what is encrypted; TLS 1.2 has no type there
    wire       [ header | fragment ] [ header | fragment ] …              what crosses

A sender's plaintext is put straight into the `slots` of the contents, by a file's own read. The memory is shared by
the connections of one loop: nothing lives in it between two calls but what was handed out and is not sent yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from transom.tls.record.header import MAX_PLAINTEXT

Fill = Callable[[Sequence[memoryview]], None]
"""Puts plaintext into these, in order, each to its end."""

RECORDS_AT_ONCE = 8
"""128 KiB: the two buffers lie in the second-level cache together, and a call costs nothing beside its cipher."""

_TAG_LENGTH = 16


class SealingRoom:
    """Room for some records of one layout: `before` bytes stand before each ciphertext, `behind` each content."""

    def __init__(self, before: int, behind: bytes) -> None:
        self._before = before
        self.contents = _pieces(memoryview(bytearray((MAX_PLAINTEXT + len(behind)) * RECORDS_AT_ONCE)))
        self.slots = [content[:MAX_PLAINTEXT] for content in self.contents]
        for content in self.contents:
            content[MAX_PLAINTEXT:] = behind
        self.record_length = before + len(self.contents[0]) + _TAG_LENGTH
        self._lent = False
        self._lay_out_wire()

    def _lay_out_wire(self) -> None:
        self.wire = memoryview(bytearray(self.record_length * RECORDS_AT_ONCE))
        records = _pieces(self.wire)
        self.heads = [record[: self._before] for record in records]
        self.fragments = [record[self._before :] for record in records]

    def prepare(self) -> None:
        """Make sure that nothing which is still to be sent will be written over."""
        if self._lent:
            self._lay_out_wire()
            self._lent = False

    def lend(self, records: int) -> memoryview:
        """The first records of the wire, to be sent."""
        self._lent = True
        return self.wire[: records * self.record_length]

    def take_back(self, lent: memoryview) -> None:
        """What was lent has been sent."""
        if lent.obj is self.wire.obj:
            self._lent = False


class SealingRooms:
    """The rooms of one loop, by the layouts of the suites that are spoken on it."""

    def __init__(self) -> None:
        self._rooms: dict[tuple[int, bytes], SealingRoom] = {}

    def room(self, before: int, behind: bytes) -> SealingRoom:
        """The room for records of this layout."""
        room = self._rooms.get((before, behind))
        if room is None:
            room = self._rooms[before, behind] = SealingRoom(before, behind)
        return room


def _pieces(memory: memoryview) -> list[memoryview]:
    length = len(memory) // RECORDS_AT_ONCE
    return [memory[at : at + length] for at in range(0, len(memory), length)]
