"""Pieces of one memory: a slice costs as much as what is done with it, where thousands are needed a second."""

from __future__ import annotations

from typing import NamedTuple
from weakref import ref

MEMORIES = 4
"""That take turns: while one is kept another is filled."""


def cut(memory: memoryview, start: int, length: int, apart: int) -> list[memoryview]:
    """All pieces of `length` bytes that lie in `memory`: the first at `start`, each so far `apart` from the last."""
    return [memory[end - length : end] for end in range(start + length, len(memory) + 1, apart)]


class _Cut(NamedTuple):
    memory: memoryview
    places: tuple[int, int, int]
    pieces: list[memoryview]


class Pieces:
    """What is cut again and again is kept, for as long as it is the same memory, or a few, that is cut in the same way.

    That is found out the second time. Of memory that comes once nothing is held.
    """

    __slots__ = ("_kept", "_seen")

    def __init__(self) -> None:
        self._seen: tuple[ref[memoryview], ...] = ()
        self._kept: tuple[_Cut, ...] = ()

    def of(self, memory: memoryview, start: int, length: int, apart: int) -> list[memoryview]:
        """As `cut`. It is the same memory when it is the same object; another one of the same bytes is cut anew."""
        places = start, length, apart
        for one in self._kept:
            if one.memory is memory and one.places == places:
                return one.pieces
        pieces = cut(memory, start, length, apart)
        if any(seen() is memory for seen in self._seen):
            others = tuple(one for one in self._kept if one.places == places)
            self._kept = (*others[-MEMORIES + 1 :], _Cut(memory, places, pieces))
        else:
            self.forget()
            self._seen = (*self._seen[-MEMORIES + 1 :], ref(memory))
        return pieces

    def forget(self) -> None:
        """Hold no memory."""
        self._kept = ()
