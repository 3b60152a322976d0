"""Pieces of one memory: a slice costs as much as what is done with it, where thousands are needed a second."""

from __future__ import annotations


def cut(memory: memoryview, start: int, length: int, apart: int) -> list[memoryview]:
    """All pieces of `length` bytes that lie in `memory`: the first at `start`, each so far `apart` from the last."""
    return [memory[end - length : end] for end in range(start + length, len(memory) + 1, apart)]


class Pieces:
    """What was cut last is kept, for as long as the same memory is to be cut in the same way."""

    def __init__(self) -> None:
        self._memory: memoryview | None = None
        self._places = 0, 0, 0
        self._pieces: list[memoryview] = []

    def of(self, memory: memoryview, start: int, length: int, apart: int) -> list[memoryview]:
        """As `cut`. It is the same memory when it is the same object; another one of the same bytes is cut anew."""
        places = start, length, apart
        if memory is not self._memory or places != self._places:
            self._pieces = cut(memory, start, length, apart)
            self._memory, self._places = memory, places
        return self._pieces

    def forget(self) -> None:
        """Hold no memory."""
        self._memory, self._pieces = None, []
