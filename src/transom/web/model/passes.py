"""Passes over a capture in small steps: the first makes the table and keeps some conversations, later ones keep others.

Nothing here waits. Whoever serves the page has it read a little whenever nobody asks for something, on the same thread:
so an answer is made of what is there, which does not change while it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from transom.capture.connections import Connection
from transom.capture.conversation import Conversation
from transom.capture.growth import Growth
from transom.capture.packets import FlowKey, reverse_flow
from transom.capture.tcp import Reading
from transom.dissect.telling import Looking
from transom.web.model.digests import judged, unjudged
from transom.web.model.glimpsed import Glimpses, glimpsed
from transom.web.model.listed import Listed
from transom.web.model.looked import View
from transom.web.model.mask import Masking
from transom.web.model.packet_lists import PacketLists, Room
from transom.web.model.watched import Watched
from transom.wire.tap import Tap, Taps

KEPT_AT_FIRST = 32
"""Conversations, the first of the capture, that are kept by the first pass: mostly it has no more, and nothing is read
twice."""

_DEAF = Taps([])


class FirstPass:
    """Reads everything. `over` is told of each conversation once it is over, `running` are the others."""

    def __init__(
        self,
        path: Path,
        lookings: Mapping[View, Looking],
        masking: Masking,
        room: Room,
        growth: Growth | None,
        over: Callable[[Listed], None],
    ) -> None:
        self._lists = PacketLists(self._number_of, room)
        self.flows: list[FlowKey] = []
        """Of each conversation that of its first packet."""
        self.reading = Reading(path, self._tap_for, growth, self._no_more, self._lists.heard)
        self.running: dict[int, Listed] = {}
        self._glimpses = Glimpses(unjudged(lookings, masking), masking, grows=growth is not None)
        self.kept: dict[int, Watched] = {}
        self._path = path
        self._lookings = judged(lookings, masking)
        self._tell_over = over

    def steps(self) -> Iterator[bool]:
        """False: there is nothing to read now. Raises CaptureError."""
        yield from self.reading.steps()
        for number, left in enumerate(list(self.running.values())):
            left.finish()
            if not number % 64:
                yield True

    def _number_of(self, connection: Connection) -> int | None:
        number = connection.number
        if number == len(self.flows):
            self.flows.append(connection.flow)
        return number if number < KEPT_AT_FIRST else None

    def _tap_for(self, conversation: Conversation) -> Tap:
        number = conversation.number
        if number < KEPT_AT_FIRST:
            watched = self.kept[number] = Watched(
                conversation, self._lookings, self._over, self._lists.of(number), self._path
            )
            self.running[number] = watched
        else:
            self.running[number] = glimpsed(conversation, self._glimpses, self._over)
        return self.running[number].tap

    def _no_more(self, number: int) -> None:
        if left := self.running.get(number):
            left.finish()

    def _over(self, number: int) -> None:
        self._tell_over(self.running.pop(number))


class LaterPass:
    """Reads until some conversations are over, which it keeps. Of others nothing is read but what has their ends.

    `flows` are those of all conversations, as the first pass has them by now.
    """

    def __init__(
        self,
        path: Path,
        lookings: Mapping[View, Looking],
        masking: Masking,
        room: Room,
        growth: Growth | None,
        wanted: Collection[int],
        flows: Sequence[FlowKey],
    ) -> None:
        self.kept: dict[int, Watched] = {}
        ways = {way for number in wanted for way in (flows[number], reverse_flow(flows[number]))}
        # In this order they are read, and counted, among themselves.
        self._numbers = [number for number, flow in enumerate(flows) if flow in ways]
        self._lists = PacketLists(lambda connection: self._wanted(connection.number), room)
        self._reading = Reading(path, self._tap_for, growth, self._no_more, self._lists.heard, ways)
        self._path = path
        self._lookings = judged(lookings, masking)
        self._left = set(wanted)
        self._all = frozenset(wanted)

    def steps(self) -> Iterator[bool]:
        """False: there is nothing to read now. Raises CaptureError."""
        for has_read in self._reading.steps():
            if not self._left:
                return
            yield has_read
        for watched in self.kept.values():
            watched.finish()

    def forget(self) -> None:
        """Nobody asks for them any more."""
        self._lists.give_back()

    def _wanted(self, place: int) -> int | None:
        """The number of a conversation that is the one in this place of those that are read; None: nobody wants it."""
        number = self._numbers[place] if place < len(self._numbers) else None
        return number if number in self._all else None

    def _tap_for(self, conversation: Conversation) -> Tap:
        number = self._wanted(conversation.number)
        if number is None:
            return _DEAF
        watched = self.kept[number] = Watched(
            replace(conversation, number=number), self._lookings, self._over, self._lists.of(number), self._path
        )
        return watched.tap

    def _no_more(self, place: int) -> None:
        number = self._wanted(place)
        if number is not None and (left := self.kept.get(number)):
            left.finish()

    def _over(self, number: int) -> None:
        self._left.discard(number)
