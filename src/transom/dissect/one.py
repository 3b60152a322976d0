"""One conversation out of a capture: the others are passed over unread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from transom.capture.conversation import CaptureSummary, Conversation
from transom.capture.tcp import read_conversations
from transom.dissect.captured import CapturedTap
from transom.dissect.facts import Facts
from transom.dissect.flow import Flow
from transom.dissect.islands import Island, IslandFinder
from transom.dissect.telling import Looking
from transom.dissect.timeline import Item, Listener, Message
from transom.errors import UsageError
from transom.value import value
from transom.wire.tap import Buffer, Ending, Endpoints, Finishing, Side, Tap

Hear = Callable[[Side, Buffer], None]
"""Told the bytes of a side, in order."""

Miss = Callable[[Side, int], None]
"""Told how many of them are missing here."""


@value
class Overview:
    """What a first reading tells of the conversation, before its bytes are shown in a second."""

    facts: Facts
    islands: tuple[Island, ...]
    summary: CaptureSummary


def look_at(path: Path, looking: Looking, number: int) -> Overview:
    """Read conversation `number`. Raises UsageError if the capture has no such one, CaptureError if it is none."""
    finder = IslandFinder()
    islands: list[Island] = []

    def take(item: Item) -> None:
        if isinstance(item, Message):
            islands.extend(finder.find(item))

    facts, summary = _tell(path, looking, number, take)
    return Overview(facts, tuple(islands), summary)


def tell_one(path: Path, looking: Looking, number: int, listener: Listener) -> Facts:
    """Tell conversation `number`; its final facts. Raises as `look_at` does."""
    return _tell(path, looking, number, listener)[0]


def hear_wire(path: Path, number: int, hear: Hear, miss: Miss) -> None:
    """Pass on the bytes of a conversation as they crossed."""
    _read_one(path, number, _Ear(hear, miss))


def hear_plaintext(path: Path, looking: Looking, number: int, hear: Hear, listener: Listener = lambda _: None) -> None:
    """Pass on what the sealed records of a conversation open to; `listener` is told the rest meanwhile."""
    _read_one(path, number, Flow(number, listener, replace(looking, plaintext=hear)))


def _tell(path: Path, looking: Looking, number: int, listener: Listener) -> tuple[Facts, CaptureSummary]:
    flow = Flow(number, listener, looking)
    summary = _read_one(path, number, flow)
    if number >= len(summary.conversations):
        raise UsageError(
            "no conversation {number}: the capture has {count}, counted from 0",
            number=number,
            count=len(summary.conversations),
        )
    return flow.facts, summary


def _read_one(path: Path, number: int, listener: Finishing) -> CaptureSummary:
    deaf = _Ear(lambda _side, _data: None, lambda _side, _count: None)
    chosen: list[CapturedTap] = []

    def tap_for(conversation: Conversation) -> Tap:
        if conversation.number != number:
            return deaf
        chosen.append(CapturedTap(listener, conversation))
        return chosen[0].tap

    summary = read_conversations(path, tap_for)
    for captured in chosen:
        captured.finish()
    return summary


class _Ear:
    """A tap that hears what crosses."""

    def __init__(self, hear: Hear, miss: Miss) -> None:
        self._hear = hear
        self._miss = miss

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        """Nothing was said yet."""

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:  # noqa: ARG002 (a tap's signature)
        self._hear(side, data)

    def lost(self, side: Side, count: int, time: int) -> None:  # noqa: ARG002 (a tap's signature)
        self._miss(side, count)

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        """Nothing more is said."""

    def finish(self) -> None:
        """Nothing more is said by anyone."""
