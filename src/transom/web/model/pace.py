"""Bytes over time, in so many boxes however long it took, and the longest silences."""

from __future__ import annotations

from heapq import heappush, heappushpop

from transom.value import value
from transom.wire.tap import Buffer, Ending, Endpoints, Side

MOST_BOXES = 256
MOST_SILENCES = 8
_FIRST_WIDTH = 1 << 14
"""Nanoseconds: sixteen microseconds."""


@value
class Silence:
    """Nothing crossed from `start` to `end`. `after` had spoken, `before` spoke next; `sent` is by then."""

    start: int
    end: int
    after: Side
    before: Side
    sent: tuple[int, int]


class Pace:
    """A tap that counts. The boxes double in width whenever time runs out of them."""

    def __init__(self) -> None:
        self.origin = 0
        self.width = _FIRST_WIDTH
        self.boxes = {side: [0] * MOST_BOXES for side in Side}
        self.used = 0
        self._sent = dict.fromkeys(Side, 0)
        self._last: tuple[int, Side] | None = None
        self._longest: list[tuple[int, int, Silence]] = []

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:  # noqa: ARG002 (a tap's signature)
        self.origin = time

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:  # noqa: ARG002 (a tap's signature)
        place = max(time - self.origin, 0) // self.width
        while place >= MOST_BOXES:
            self._widen()
            place = max(time - self.origin, 0) // self.width
        self.boxes[side][place] += len(data)
        self.used = max(self.used, place + 1)
        if self._last is not None and time > self._last[0]:
            self._silent(*self._last, time, side)
        if self._last is None or time >= self._last[0]:
            self._last = time, side
        self._sent[side] += len(data)

    def lost(self, side: Side, count: int, time: int) -> None:
        """What was not captured has no time."""

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        """An end carries no bytes."""

    @property
    def silences(self) -> list[Silence]:
        """The longest, in the order in which they were."""
        return sorted((silence for _, _, silence in self._longest), key=lambda silence: silence.start)

    def _widen(self) -> None:
        self.width *= 2
        self.used = (self.used + 1) // 2
        for side, boxes in self.boxes.items():
            halves = [boxes[at] + boxes[at + 1] for at in range(0, MOST_BOXES, 2)]
            self.boxes[side] = halves + [0] * (MOST_BOXES - len(halves))

    def _silent(self, start: int, after: Side, end: int, before: Side) -> None:
        if len(self._longest) == MOST_SILENCES and end - start <= self._longest[0][0]:
            return
        sent = (self._sent[Side.CLIENT], self._sent[Side.SERVER])
        entry = (end - start, start, Silence(start, end, after, before, sent))
        (heappush if len(self._longest) < MOST_SILENCES else heappushpop)(self._longest, entry)
