"""Bytes of a conversation that are kept to be shown: the first of each side, and those of its messages' records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from transom.value import value
from transom.web.model.mask import Masking
from transom.wire.tap import Buffer, Endpoints, Side

MOST_KEPT = 16 * 1024
"""Of each side, of what was said."""

_TAIL = 128 * 1024
"""Of each side as it crosses: longer than the records of any message we take."""


@value
class Turn:
    """What one side said before the other did; `start` is its place in that side's stream."""

    side: Side
    start: int
    data: bytes


@dataclass
class Kept:
    """The beginning of both streams. `total` counts what is not kept too, holes not."""

    turns: list[Turn] = field(default_factory=list[Turn])
    total: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))
    gaps: dict[Side, list[int]] = field(default_factory=lambda: {side: [] for side in Side})

    def receive(self, side: Side, data: Buffer) -> None:
        start = self.total[side]
        self.total[side] += len(data)
        room = MOST_KEPT - start
        if room <= 0:
            return
        taken = bytes(data[:room])
        if self.turns and self.turns[-1].side is side:
            last = self.turns.pop()
            self.turns.append(Turn(side, last.start, last.data + taken))
        else:
            self.turns.append(Turn(side, start, taken))

    def lost(self, side: Side) -> None:
        """Some are missing here."""
        self.gaps[side].append(self.total[side])

    def masked(self, masking: Masking) -> list[Turn]:
        """The turns with what is not to be shown taken out: across turns, for a field may be said in two of them."""
        said = streams(self.turns)
        masked = {side: memoryview(masking.data(said[side], self.gaps[side])) for side in Side}
        return [
            Turn(turn.side, turn.start, bytes(masked[turn.side][turn.start : turn.start + len(turn.data)]))
            for turn in self.turns
        ]


def streams(turns: Sequence[Turn]) -> dict[Side, bytes]:
    """What each side said in these, in one piece."""
    return {side: b"".join(turn.data for turn in turns if turn.side is side) for side in Side}


class Passing:
    """A tap that has the last bytes of each side, by their place in its stream, and keeps the first."""

    def __init__(self) -> None:
        self.kept = Kept()
        self._tail = {side: bytearray() for side in Side}
        self._end = dict.fromkeys(Side, 0)

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        """Nothing was said yet."""

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:  # noqa: ARG002 (a tap's signature)
        self.kept.receive(side, data)
        tail = self._tail[side]
        tail += data
        self._end[side] += len(data)
        del tail[: max(len(tail) - _TAIL, 0)]

    def lost(self, side: Side, count: int, time: int) -> None:  # noqa: ARG002
        self.kept.lost(side)
        self._tail[side].clear()
        self._end[side] += count

    def closed(self, side: Side, time: int, how: Literal["fin", "reset"] = "fin", packet: int = 0) -> None:
        """Nothing more is said."""

    def take(self, side: Side, start: int, end: int) -> bytes | None:
        """`[start, end)` of the stream; None where it is gone."""
        begin = self._end[side] - len(self._tail[side])
        if start < begin or end > self._end[side]:
            return None
        return bytes(self._tail[side][start - begin : end - begin])
