"""What is odd about a connection of HTTP/2, told within bounds; and frames that are odd by their number."""

from __future__ import annotations

from collections import Counter

from transom.errors import Sentence
from transom.http.events import Problem
from transom.http.h2.framer import Frame
from transom.http.h2.frames import ACK, FrameType
from transom.wire.few import Few
from transom.wire.tap import Side

MANY_RESETS = 100
_MANY_EMPTY = 100
_MANY: dict[FrameType, tuple[int, str]] = {
    FrameType.SETTINGS: (100, "CVE-2019-9515"),
    FrameType.PING: (1000, "CVE-2019-9512"),
    FrameType.PRIORITY: (1000, "CVE-2019-9513"),
    FrameType.RST_STREAM: (1000, "CVE-2019-9514"),
}
"""From so many on it is a flood. Of one connection a browser sends a handful; pings, one in some seconds."""


class Odd:
    """Counts what is told, and what comes again and again."""

    def __init__(self) -> None:
        self._told: Few[tuple[Side, str]] = Few()
        self._frames: Counter[tuple[Side, FrameType | str]] = Counter()
        self._resets = 0

    def take(self, side: Side, code: str, what: Sentence) -> Problem | None:
        """The problem, if it is told by itself."""
        return Problem(code, what) if self._told.tells((side, code)) else None

    def left_out(self, side: Side) -> list[Problem]:
        """How many there were besides, once no more come."""
        return [Problem(code, what) for (of, code), what in self._told.left_out() if of is side]

    def flood(self, side: Side, frame: Frame) -> Sentence | None:
        """What to tell when this is one too many."""
        many = _MANY.get(frame.type)
        if many is None or (frame.flags & ACK and frame.type in (FrameType.SETTINGS, FrameType.PING)):
            return None
        count, name = many
        self._frames[side, frame.type] += 1
        if self._frames[side, frame.type] != count:
            return None
        what = "{count:,} frames of type {type} by now, as in a flood ({name})"
        return Sentence(what, count=count, type=frame.type.title, name=name)

    def empty(self, side: Side) -> Sentence | None:
        """An empty DATA frame that ends nothing."""
        self._frames[side, "empty"] += 1
        if self._frames[side, "empty"] != _MANY_EMPTY:
            return None
        return Sentence("{count} empty DATA frames by now, as in a flood (CVE-2019-9518)", count=_MANY_EMPTY)

    def rapid_reset(self) -> Sentence | None:
        """A request that the client takes back before it was answered."""
        self._resets += 1
        if self._resets != MANY_RESETS:
            return None
        what = "{count} requests by now were reset before any answer, as in a rapid reset (CVE-2023-44487)"
        return Sentence(what, count=MANY_RESETS)
