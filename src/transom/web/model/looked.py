"""A capture looked at by two observers at once: one with the keys that were given, and one that has none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from transom.capture.conversation import CaptureSummary, Conversation
from transom.capture.tcp import read_conversations
from transom.dissect.captured import CapturedTap, Finishing
from transom.dissect.facts import Facts
from transom.dissect.flow import Flow
from transom.dissect.islands import Island, IslandFinder
from transom.dissect.telling import Looking
from transom.dissect.timeline import ApplicationData, Item, Message, Problem
from transom.errors import UsageError
from transom.tls.keys.keylog import KeyLog
from transom.tls.observed.held import HeldBytes
from transom.value import value
from transom.web.model.kept import Kept, Passing
from transom.web.model.pace import Pace
from transom.web.model.packet_lists import PacketList, PacketLists
from transom.web.model.previews import Previews
from transom.wire.tap import Buffer, Side, Tap, Taps

View = Literal["with-keys", "without-keys"]
VIEWS: tuple[View, ...] = ("with-keys", "without-keys")

MOST_SHOWN = 4 * 1024
"""Bytes of a record, or of a run's plaintext, that a step shows."""


@value
class RecordBytes:
    """A record's header and the beginning of its fragment, as they crossed."""

    offset: int
    data: bytes


@dataclass
class Seen:
    """What one observer, who was given `looking`, made of a conversation.

    `records` and `plaintext_from` go by the item's place in `items`.
    """

    view: View
    facts: Facts
    looking: Looking
    items: list[Item] = field(default_factory=list[Item])
    records: dict[int, list[RecordBytes]] = field(default_factory=dict[int, list[RecordBytes]])
    plaintext: Kept = field(default_factory=Kept)
    plaintext_from: dict[int, int] = field(default_factory=dict[int, int])
    previews: Previews = field(default_factory=Previews)


@value
class Looked:
    """One conversation. `wire` is what crossed, `islands` where the path can read in it, `pace` when it crossed."""

    number: int
    seen: dict[View, Seen]
    wire: Kept
    islands: tuple[Island, ...]
    pace: Pace
    lists: PacketLists

    @property
    def packets(self) -> PacketList:
        """Read when they are first asked for. Raises CaptureError."""
        return self.lists.lists[self.number]


def without_keys(looking: Looking) -> Looking:
    """The same look by somebody on the path, who was given nothing."""
    return replace(looking, keys=KeyLog(), private_keys=(), plaintext=None, held=HeldBytes())


def look_at_conversation(path: Path, looking: Looking, number: int, views: Sequence[View]) -> Looked:
    """Read one conversation. Raises UsageError if there is no such one, CaptureError if the file is no capture."""
    return look_at_conversations(path, looking, [number], views)[number]


def look_at_conversations(
    path: Path, looking: Looking, numbers: Collection[int], views: Sequence[View]
) -> dict[int, Looked]:
    """Read several in one pass over the file. Raises as `look_at_conversation` does."""
    looks: dict[int, _Look] = {}
    lists = PacketLists(path, tuple(numbers))

    def tap_for(conversation: Conversation) -> Tap:
        if conversation.number not in numbers:
            return _DEAF
        look = looks[conversation.number] = _Look(conversation, looking, views)
        return look.captured.tap

    count = len(read_conversations(path, tap_for).conversations)
    for number in numbers:
        if number >= count:
            raise UsageError(f"no conversation {number}: the capture has {count}, counted from 0")
    return {number: looks[number].end(lists) for number in numbers}


def look_at_all(
    path: Path, lookings: Sequence[Looking], take: Callable[[int, int, Item], None], over: Callable[[int, Facts], None]
) -> CaptureSummary:
    """Read the whole capture once with several observers, who are told apart by their place in `lookings`."""
    captured: dict[int, CapturedTap] = {}

    def flow(place: int, number: int) -> Flow:
        def listener(item: Item) -> None:
            take(place, number, item)

        def ended(facts: Facts) -> None:
            over(place, facts)
            captured.pop(number, None)

        return Flow(number, listener, lookings[place], ended)

    def tap_for(conversation: Conversation) -> Tap:
        number = conversation.number
        together = Together([flow(place, number) for place in range(len(lookings))])
        captured[number] = CapturedTap(together, conversation)
        return captured[number].tap

    summary = read_conversations(path, tap_for)
    for left in list(captured.values()):
        left.finish()
    return summary


class Together(Taps):
    """Several listeners as one, each told everything in the order they were given."""

    def __init__(self, taps: Sequence[Tap]) -> None:
        super().__init__(taps)
        self._flows = [tap for tap in taps if isinstance(tap, Flow)]

    def finish(self) -> None:
        """Nothing more comes."""
        for flow in self._flows:
            flow.finish()


_DEAF: Finishing = Together([])


class _Look:
    """One conversation while all its observers are told of it."""

    def __init__(self, conversation: Conversation, looking: Looking, views: Sequence[View]) -> None:
        self._passing = Passing()
        self._pace = Pace()
        self._number = conversation.number
        self._seers = [_Seer(view, conversation.number, looking, self._passing) for view in views]
        together = Together([self._passing, self._pace, *(seer.flow for seer in self._seers)])
        self.captured = CapturedTap(together, conversation)

    def end(self, lists: PacketLists) -> Looked:
        self.captured.finish()
        islands = _islands(self._seers[-1].seen.items)  # the last one has the fewest keys
        seen: dict[View, Seen] = {seer.seen.view: seer.seen for seer in self._seers}
        return Looked(self._number, seen, self._passing.kept, islands, self._pace, lists)


class _Seer:
    """One observer of one conversation; `passing` is told of the bytes before it is."""

    def __init__(self, view: View, number: int, looking: Looking, passing: Passing) -> None:
        own = without_keys(looking) if view == "without-keys" else replace(looking, held=HeldBytes())
        self._passing = passing
        previews = Previews()
        self.flow = Flow(number, self._take, replace(own, plaintext=self._hear, bodies=previews.consumer))
        self.seen = Seen(view, self.flow.facts, own, previews=previews)
        self._run_ends = dict.fromkeys(Side, 0)

    def _hear(self, side: Side, data: Buffer) -> None:
        self.seen.plaintext.receive(side, data)

    def _take(self, item: Item) -> None:
        place = len(self.seen.items)
        self.seen.items.append(item)
        match item:
            case Message():
                spans = [(record.offset, record.offset + 5 + record.length) for record in item.records]
                self.seen.records[place] = self._records(item.side, spans)
            case ApplicationData():
                self.seen.plaintext_from[place] = self._run_ends[item.side]
                self._run_ends[item.side] += item.length or 0
            case Problem(code="lost-bytes", side=Side() as side):
                self.seen.plaintext.lost(side)
            case _:
                pass

    def _records(self, side: Side, spans: list[tuple[int, int]]) -> list[RecordBytes]:
        found = ((start, self._passing.take(side, start, min(end, start + MOST_SHOWN))) for start, end in spans)
        return [RecordBytes(start, data) for start, data in found if data is not None]


def _islands(items: Sequence[Item]) -> tuple[Island, ...]:
    finder = IslandFinder()
    return tuple(island for item in items if isinstance(item, Message) for island in finder.find(item))
