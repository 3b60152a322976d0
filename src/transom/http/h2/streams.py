"""The streams of a connection as an observer keeps them: what has come of each message, within a bound on their number.

RFC 9113 §5.1, from the outside: a stream is two messages, and over when both are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from transom.wire.tap import Side

MOST_STREAMS = 4096
"""That are open at once and followed. Servers allow some hundreds."""

_MOST_CLOSED = 4096
"""Of the last that closed, whose late frames are known for that."""

_FURTHER = 20_000
"""How far the number of a stream behind a hole may be from the last that was seen."""


@dataclass
class Half:
    """One message: its final head has `begun` it; `got` bytes of body have come or are missing, of `expected`."""

    begun: bool = False
    over: bool = False
    got: int = 0
    expected: int | None = None


@dataclass
class Stream:
    """One request and its answer. `method` is None if it is not known, `answered` if any head of an answer came."""

    number: int
    method: str | None = None
    answered: bool = False
    halves: dict[Side, Half] = field(default_factory=lambda: {side: Half() for side in Side})

    @property
    def over(self) -> bool:
        return all(half.over for half in self.halves.values())


class Streams:
    """All of one connection."""

    def __init__(self) -> None:
        self._open: dict[int, Stream] = {}
        self._closed: dict[int, None] = {}
        self.highest = 0
        """The highest number that was seen."""

    def get(self, number: int) -> Stream | None:
        """One that is open."""
        return self._open.get(number)

    def may_be(self, number: int) -> bool:
        """Whether a frame may name it: one that is there, or one of the next."""
        return number <= self.highest + _FURTHER

    def is_closed(self, number: int) -> bool:
        """Whether it was open, not long ago."""
        return number in self._closed

    def open(self, number: int) -> Stream | None:
        """A new one; None if there are too many."""
        if len(self._open) >= MOST_STREAMS:
            return None
        self.highest = max(self.highest, number)
        stream = self._open[number] = Stream(number)
        return stream

    def close_if_over(self, stream: Stream) -> None:
        """Forget one whose messages are over."""
        if stream.over and self._open.pop(stream.number, None) is not None:
            self._closed[stream.number] = None
            if len(self._closed) > _MOST_CLOSED:
                del self._closed[next(iter(self._closed))]

    def all(self) -> list[Stream]:
        """Those that are open."""
        return list(self._open.values())
