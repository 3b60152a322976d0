"""A cursor over bytes that refuses to read past its end."""

from __future__ import annotations

from transom.errors import DecodeError


class Reader:
    """Reads `data[pos:end]` front to back; offsets are those of `data`."""

    __slots__ = ("data", "end", "pos")

    def __init__(self, data: bytes, pos: int = 0, end: int | None = None) -> None:
        self.data = data
        self.pos = pos
        self.end = len(data) if end is None else end

    @property
    def left(self) -> int:
        """How many bytes are still to be read."""
        return self.end - self.pos

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        start = self.pos
        stop = start + count
        if stop > self.end:
            raise self._short(count)
        self.pos = stop
        return self.data[start:stop]

    def number(self, width: int) -> int:
        """The next `width` bytes as an unsigned number in network order."""
        start = self.pos
        stop = start + width
        if stop > self.end:
            raise self._short(width)
        self.pos = stop
        return int.from_bytes(self.data[start:stop], "big")

    def inner(self, count: int) -> Reader:
        """A reader of the next `count` bytes alone; this one goes on behind them."""
        start = self.pos
        stop = start + count
        if stop > self.end:
            raise self._short(count)
        self.pos = stop
        return Reader(self.data, start, stop)

    def finish(self) -> None:
        """All must have been read."""
        if self.pos != self.end:
            raise DecodeError("{left} bytes left over at its end", left=self.end - self.pos, offset=self.pos)

    def _short(self, count: int) -> DecodeError:
        return DecodeError(
            "{count} bytes expected, {left} left", count=count, left=self.end - self.pos, offset=self.pos
        )
