"""The beginning of each body that passes, for a look at what was transferred."""

from __future__ import annotations

from dataclasses import dataclass, field

from transom.dissect.exchanges import Exchange
from transom.wire.tap import Buffer, Side

MOST_OF_ONE = 32 * 1024
MOST_IN_ALL = 256 * 1024


@dataclass
class Previews:
    """By exchange and side. Room is given first come, first served."""

    kept: dict[tuple[int, Side], bytearray] = field(default_factory=dict[tuple[int, Side], bytearray])
    room: int = MOST_IN_ALL

    def consumer(self, side: Side, exchange: Exchange) -> Preview:
        """A `dissect.telling.BodyConsumer`."""
        data = self.kept[exchange.stream, side] = bytearray()
        return Preview(self, data)


@dataclass
class Preview:
    """One body's. Behind a hole nothing is kept: what is shown is the beginning."""

    previews: Previews
    data: bytearray
    has_hole: bool = False

    def write(self, data: Buffer) -> None:
        count = min(len(data), MOST_OF_ONE - len(self.data), self.previews.room)
        if count > 0 and not self.has_hole:
            self.data += data[:count]
            self.previews.room -= count

    def skip(self, count: int) -> None:  # noqa: ARG002 (a sink's signature)
        self.has_hole = True

    def end(self, *, complete: bool) -> None:
        """The timeline says it."""
