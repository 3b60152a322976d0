"""Pieces of one memory: a slice costs as much as what is done with it, where thousands are needed a second."""

from __future__ import annotations

from weakref import ref


def cut(memory: memoryview, start: int, length: int, apart: int) -> list[memoryview]:
    """All pieces of `length` bytes that lie in `memory`: the first at `start`, each so far `apart` from the last."""
    return [memory[end - length : end] for end in range(start + length, len(memory) + 1, apart)]


class Pieces:
    """What is cut again and again is kept, for as long as it is the same memory that is cut in the same way.

    That is found out the second time. Of memory that comes once nothing is held.
    """

    def __init__(self) -> None:
        self._seen: ref[memoryview] | None = None
        self._memory: memoryview | None = None
        self._places = 0, 0, 0
        self._pieces: list[memoryview] = []

    def of(self, memory: memoryview, start: int, length: int, apart: int) -> list[memoryview]:
        """As `cut`. It is the same memory when it is the same object; another one of the same bytes is cut anew."""
        places = start, length, apart
        if memory is self._memory and places == self._places:
            return self._pieces
        pieces = cut(memory, start, length, apart)
        if self._seen is not None and self._seen() is memory:
            self._memory, self._places, self._pieces = memory, places, pieces
        else:
            self.forget()
            self._seen = ref(memory)
        return pieces

    def forget(self) -> None:
        """Hold no memory."""
        self._memory, self._pieces = None, []
