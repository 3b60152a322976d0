"""What may come again and again: the first of a kind are told one by one, the others counted."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

from transom.errors import Sentence

KindT = TypeVar("KindT", bound=Hashable)

MOST_TOLD = 20
"""Of one kind. A record of five bytes, or a frame of nine, is not worth a line each when there are thousands."""


class Few(Generic[KindT]):
    """Counts by kind; there are to be few of those."""

    def __init__(self) -> None:
        self._count: dict[KindT, int] = {}

    def tells(self, kind: KindT) -> bool:
        """Whether this one more is told by itself."""
        count = self._count[kind] = self._count.get(kind, 0) + 1
        return count <= MOST_TOLD

    def left_out(self) -> Iterator[tuple[KindT, Sentence]]:
        """Of each kind of which not all was told: how many there were besides, once no more come."""
        for kind, count in self._count.items():
            if count > MOST_TOLD:
                yield kind, Sentence("{count:,} more of these, not told one by one", count=count - MOST_TOLD)
