"""Sending bodies: what was announced is what is sent, to the byte.

The bytes themselves are not copied: `pieces` gives back what to hand to the channel, the caller's own buffer among it.
"""

from __future__ import annotations

from typing import Protocol, cast

import h11

from transom.errors import UsageError
from transom.wire.tap import Buffer


class BodySender(Protocol):
    """Frames a body on its way out. No piece is empty: a channel would make a record of it."""

    complete: bool

    def pieces(self, data: Buffer) -> list[Buffer]:
        """What to send for `data`, in order. Raises UsageError past the announced length."""
        ...

    def passes(self, count: int) -> None:
        """So many bytes of the body go to the channel by another way: they are counted here. UsageError past the end,
        and where a body is framed as it goes.
        """
        ...

    def end(self) -> list[Buffer]:
        """What to send after the last byte. Raises UsageError short of the announced length."""
        ...


class LengthSender:
    """A body of exactly the announced length."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._sent = 0
        self.complete = length == 0

    def pieces(self, data: Buffer) -> list[Buffer]:
        self.passes(len(data))
        return [data] if data else []

    def passes(self, count: int) -> None:
        self._sent += count
        if self._sent > self._length:
            raise UsageError(
                "{sent:,} bytes of body, and {length:,} were announced", sent=self._sent, length=self._length
            )
        self.complete = self._sent == self._length

    def end(self) -> list[Buffer]:
        if not self.complete:
            raise UsageError(
                "the body ended after {sent:,} of {length:,} announced bytes", sent=self._sent, length=self._length
            )
        return []


class StreamSender:
    """A body of unknown length: h11 frames it as the head it wrote announced, in chunks or by the close."""

    def __init__(self, connection: h11.Connection) -> None:
        self._connection = connection
        self.complete = False

    def pieces(self, data: Buffer) -> list[Buffer]:
        # h11 only takes the length of what it is given, and promises to hand the same object back.
        event = h11.Data(data=cast("bytes", data))
        return [piece for piece in self._connection.send_with_data_passthrough(event) or () if piece]

    def passes(self, count: int) -> None:
        raise UsageError("{count:,} bytes cannot pass: a body of unknown length is framed as it goes", count=count)

    def end(self) -> list[Buffer]:
        self.complete = True
        last = self._connection.send(h11.EndOfMessage())
        return [last] if last else []
