"""What all observers of one capture hold together of messages and records that are not whole yet: it is bounded."""

from __future__ import annotations

from typing import Protocol

HELD_IN_ALL = 64 * 2**20
"""Bytes, before whoever has held longest lets go of its own: a message is rarely longer than some thousands."""


class Holder(Protocol):
    """Somebody who holds the beginning of something."""

    def let_go(self) -> None:
        """Hold nothing any more, for good."""
        ...


class HeldBytes:
    """The account of one capture, or of one live connection."""

    def __init__(self, limit: int = HELD_IN_ALL) -> None:
        self._limit = limit
        self._sizes: dict[Holder, int] = {}  # in the order in which they began to hold
        self._all = 0

    def holds(self, holder: Holder, size: int) -> None:
        """`holder` now holds so many bytes."""
        self._all += size - self._sizes.get(holder, 0)
        if size:
            self._sizes[holder] = size
        else:
            self._sizes.pop(holder, None)
        while self._all > self._limit:
            oldest = next(iter(self._sizes))
            self._all -= self._sizes.pop(oldest)
            oldest.let_go()
