"""One conversation that is kept while it is read: it can be looked at at any time, as each of its observers saw it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from transom.capture.conversation import Conversation
from transom.dissect.facts import Facts
from transom.dissect.field_tree import MOST_RECORDS
from transom.dissect.flow import Flow
from transom.dissect.islands import Island, IslandFinder
from transom.dissect.leaks import Eavesdropper
from transom.dissect.telling import Looking
from transom.dissect.timeline import (
    ApplicationData,
    Closed,
    HttpBody,
    HttpRequest,
    HttpResponse,
    Item,
    Message,
    Problem,
)
from transom.web.model.kept import Passing
from transom.web.model.listed import Listed, Observer, Observers, TellOver
from transom.web.model.looked import Looked, RecordBytes, Seen, View
from transom.web.model.pace import Pace
from transom.web.model.packet_lists import PacketList
from transom.web.model.previews import Previews
from transom.web.model.rows import RowWriter
from transom.wire.tap import Buffer, Side

MOST_SHOWN = 4 * 1024
"""Bytes of a record, or of a run's plaintext, that a step shows."""

MOST_ITEMS = 2_000
"""Of a conversation's timeline: its first. Somebody who wants the others reads them with `transom read`."""

MOST_ENDINGS = 100
"""And of those that say how it ended: alerts and other late messages, problems, the closing."""


class Watched(Listed):
    """One that is kept to be looked at: each view has an observer of its own."""

    def __init__(
        self,
        conversation: Conversation,
        lookings: Mapping[View, Looking],
        tell_over: TellOver,
        packets: PacketList,
        path: Path,
    ) -> None:
        self._passing = Passing()
        self._pace = Pace()
        self._eavesdropper = Eavesdropper()
        self._finder = IslandFinder()
        self._islands: list[Island] = []
        self._packets = packets
        self._path = path
        self._seers: dict[View, _Seer] = {}
        self._least: View = list(lookings)[-1]  # who was given no keys, or the fewest

        def ended(number: int) -> None:
            self._passing.forget()
            tell_over(number)

        # The bytes first: whoever is told of a message takes its records from them.
        observers = Observers(conversation.number, ended, [self._passing, self._pace])
        for view, looking in lookings.items():
            observers.add(view, self._observer(view, conversation.number, looking))
        super().__init__(conversation, observers)

    def looked(self) -> Looked:
        """What is there by now."""
        by_view = self._observers.by_view
        pending = {view: observer.flow.pending() for view, observer in by_view.items()}
        leaks = self._eavesdropper.leaks(by_view[self._least].flow.facts, pending[self._least])
        seen: dict[View, Seen] = {
            view: seer.seen_with(pending[view], by_view[view].writer) for view, seer in self._seers.items()
        }
        return Looked(
            self.number,
            self.over,
            seen,
            self._passing.kept,
            tuple(self._islands),
            leaks,
            self._pace,
            self._packets,
            self._path,
        )

    def _observer(self, view: View, number: int, looking: Looking) -> Observer:
        seer = self._seers[view] = _Seer(view, number, looking, self._passing)
        writer = RowWriter()
        is_least = view == self._least

        def take(item: Item) -> None:
            writer.take(item)
            seer.take(item)
            if is_least:
                self._overhear(item)

        flow = Flow(number, take, seer.looking)
        seer.seen.facts = flow.facts
        return Observer(flow, writer)

    def _overhear(self, item: Item) -> None:
        self._eavesdropper.take(item)
        if isinstance(item, Message) and len(self._islands) < MOST_ITEMS:
            self._islands += self._finder.find(item)


class _Seer:
    """One observer of one conversation; `passing` is told of the bytes before it is."""

    def __init__(self, view: View, number: int, looking: Looking, passing: Passing) -> None:
        self._passing = passing
        previews = Previews()
        self.looking = replace(looking, plaintext=self._hear, bodies=previews.consumer)
        self.seen = Seen(view, Facts(number), looking, previews=previews)
        self._endings = 0
        self._run_ends = dict.fromkeys(Side, 0)

    def take(self, item: Item) -> None:
        seen = self.seen
        if isinstance(item, HttpBody) and (item.length or item.missing or not item.complete):
            seen.bodies += 1
        if isinstance(item, Problem) and item.code == "lost-bytes" and item.side is not None:
            seen.plaintext.lost(item.side)
        if self._has_room(item):
            self._keep(item)
        else:
            seen.is_cut = True
            seen.lines_left_out += self._is_line(item)
        if isinstance(item, ApplicationData):
            self._run_ends[item.side] += item.length or 0

    def seen_with(self, pending: Sequence[Item], writer: RowWriter) -> Seen:
        """With what has not ended yet, as it is now."""
        if not pending:
            return replace(self.seen, exchanges=writer.exchanges + len(writer.open.so_far()))
        place = len(self.seen.items)
        begins = {
            at: self._run_ends[item.side] for at, item in enumerate(pending, place) if isinstance(item, ApplicationData)
        }
        return replace(
            self.seen,
            items=[*self.seen.items, *pending],
            exchanges=writer.exchanges + len(writer.open.so_far()),
            plaintext_from=self.seen.plaintext_from | begins,
        )

    def _has_room(self, item: Item) -> bool:
        if len(self.seen.items) < MOST_ITEMS:
            return True
        ends = isinstance(item, Message | Problem | Closed) and self._endings < MOST_ENDINGS
        self._endings += ends
        return ends

    def _is_line(self, item: Item) -> bool:
        """What is said in HTTP over TLS stands in the line of the run that carried it."""
        if isinstance(item, HttpRequest | HttpResponse):
            return self.seen.facts.tls is None
        return isinstance(item, Message | ApplicationData | Problem | Closed)

    def _keep(self, item: Item) -> None:
        place = len(self.seen.items)
        self.seen.items.append(item)
        match item:
            case Message():
                spans = [(record.offset, record.offset + 5 + record.length) for record in item.records[:MOST_RECORDS]]
                self.seen.records[place] = self._records(item.side, spans)
            case ApplicationData():
                self.seen.plaintext_from[place] = self._run_ends[item.side]
            case _:
                pass

    def _hear(self, side: Side, data: Buffer) -> None:
        self.seen.plaintext.receive(side, data)

    def _records(self, side: Side, spans: list[tuple[int, int]]) -> list[RecordBytes]:
        found = ((start, self._passing.take(side, start, min(end, start + MOST_SHOWN))) for start, end in spans)
        return [RecordBytes(start, data) for start, data in found if data is not None]
