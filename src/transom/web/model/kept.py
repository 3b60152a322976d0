"""Bytes of a conversation that are kept to be shown: the first of each side, and those of its messages' records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from transom.value import value
from transom.web.model.said import Piece
from transom.wire.tap import Buffer, Ending, Endpoints, Side

MOST_KEPT = 16 * 1024
"""Of each side, of what was said."""

_TAIL = 128 * 1024
"""Of each side as it crosses: longer than the records of any message we take."""


@value
class Turn:
    """What one side said before the other did.

    `start` is its place in that side's stream, `at` in all that both said, in their order.
    """

    side: Side
    start: int
    at: int
    data: bytes


@dataclass
class Kept:
    """The beginning of both streams. `total` counts what is not kept too, holes not.

    `gaps` are where some are missing, and how many; None: nobody knows.
    """

    turns: list[Turn] = field(default_factory=list[Turn])
    total: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))
    gaps: dict[Side, list[tuple[int, int | None]]] = field(default_factory=lambda: {side: [] for side in Side})

    def receive(self, side: Side, data: Buffer) -> None:
        start, at = self.total[side], sum(self.total.values())
        self.total[side] += len(data)
        room = MOST_KEPT - start
        if room > 0:
            add_turn(self.turns, Turn(side, start, at, bytes(data[:room])))

    def lost(self, side: Side, count: int | None = None) -> None:
        """Some are missing here."""
        self.gaps[side].append((self.total[side], count))

    def pieces(self) -> Iterator[Piece]:
        """What is kept in the order it was said, cut where some are missing."""
        gaps = {side: iter(places) for side, places in self.gaps.items()}
        following = {side: next(places, None) for side, places in gaps.items()}
        for turn in self.turns:
            at, end = turn.start, turn.start + len(turn.data)
            lost: int | None = 0
            while (gap := following[turn.side]) is not None and gap[0] < end:
                if gap[0] > at:
                    yield Piece(turn.side, turn.data[at - turn.start : gap[0] - turn.start], lost)
                    at, lost = gap[0], 0
                lost = None if lost is None or gap[1] is None else lost + gap[1]
                following[turn.side] = next(gaps[turn.side], None)
            yield Piece(turn.side, turn.data[at - turn.start :], lost)

    def place(self, side: Side, offset: int) -> int:
        """Where a byte of a side's stream is in what is kept of it: its holes are not there."""
        lost = 0
        for at, count in self.gaps[side]:
            if at + lost < offset:
                lost += min(count or 0, offset - at - lost)
        return offset - lost

    def turns_of(self, streams: Mapping[Side, bytes]) -> list[Turn]:
        """The same turns with these bytes, which have the same lengths."""
        return [
            Turn(turn.side, turn.start, turn.at, streams[turn.side][turn.start : turn.start + len(turn.data)])
            for turn in self.turns
        ]


def add_turn(turns: list[Turn], turn: Turn) -> None:
    """As one with the last, where it goes on with it."""
    last = turns[-1] if turns else None
    if last is not None and last.side is turn.side and last.at + len(last.data) == turn.at:
        turns[-1] = Turn(last.side, last.start, last.at, last.data + turn.data)
    else:
        turns.append(turn)


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

    def lost(self, side: Side, count: int, time: int) -> None:  # noqa: ARG002 (a tap's signature)
        self.kept.lost(side, count)
        self._tail[side].clear()
        self._end[side] += count

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        """Nothing more is said."""

    def forget(self) -> None:
        """Nothing more comes, so nothing more is taken: the first bytes alone are kept."""
        for tail in self._tail.values():
            tail.clear()

    def take(self, side: Side, start: int, end: int) -> bytes | None:
        """`[start, end)` of the stream; None where it is gone."""
        begin = self._end[side] - len(self._tail[side])
        if start < begin or end > self._end[side]:
            return None
        return bytes(self._tail[side][start - begin : end - begin])
