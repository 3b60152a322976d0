"""A conversation of which nothing but its row is kept, and the one observer that stands for all views of it.

Who was given keys and finds none that fits sees what one sees who was given none. So there is one observer until a key
is found; then the others are made, and told what was told until then. A key is found early, right behind the hellos, so
that is little. Where it is more, the others are made without waiting for a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from transom.capture.conversation import Conversation
from transom.dissect.flow import Flow
from transom.dissect.json_lines import Json
from transom.dissect.recording import Recording
from transom.dissect.telling import Looking
from transom.tls.keys.noticing import NoticingKeys
from transom.tls.observed.held import HeldBytes
from transom.web.model.listed import Listed, Observer, Observers, TellOver
from transom.web.model.looked import View
from transom.web.model.mask import Masking
from transom.web.model.rows import Row, RowWriter
from transom.wire.tap import Buffer, Ending, Endpoints, Side

MOST_REMEMBERED = 16 * 1024
"""Bytes of one conversation: a handshake with its certificates is shorter."""

MOST_IN_ALL = 16 * 2**20
"""Bytes of all of them, before the one that has been remembered longest has an observer for each view."""

MOST_AWAKE = 1_000
"""Conversations of which something was told last: of the others nobody looks on."""

MOST_RESTING = 8 * 1024
"""Bytes that one may have been told to rest: who looks on for it has more than that in memory. One that was told more
keeps them."""

MORE_BEFORE_REST = 1.25
"""How much of it there has to be before it rests again, for what was told when it rested last: so it is told again no
more than some five times, however many take turns."""

_EACH = 256
"""Bytes that a piece counts for beside its own: what takes time when it is told again."""


class Glimpses:
    """What the conversations of one pass share. The first of `lookings` is that with the most keys."""

    def __init__(self, lookings: Mapping[View, Looking], masking: Masking, *, grows: bool) -> None:
        """Of a capture that `grows` keys may come that are not there yet."""
        (first, looking), *others = lookings.items()
        self.first: View = first
        self.others = dict(others)
        self.masking = masking
        self.keys = NoticingKeys(looking.keys)
        self.looking = replace(looking, keys=self.keys)
        self.remembered = HeldBytes(MOST_IN_ALL)
        # What a private key opens is looked up nowhere.
        self.are_apart = bool(others) and len(looking.private_keys) > 0
        self._grows = grows
        self._awake: dict[OneForAll, None] = {}  # in the order in which they were told of last

    @property
    def views(self) -> tuple[View, ...]:
        return (self.first, *self.others)

    @property
    def may_part(self) -> bool:
        """Whether there is a key that may be found. The secrets inside a capture are read before its packets."""
        return bool(self.others) and not self.are_apart and (self._grows or len(self.keys) > 0)

    def told_of(self, one: OneForAll) -> None:
        """Something was just told of it: the one of which nothing was told for the longest time may rest."""
        self._awake.pop(one, None)
        self._awake[one] = None
        if len(self._awake) > MOST_AWAKE:
            quiet = next(iter(self._awake))
            del self._awake[quiet]
            quiet.rest()

    def over(self, one: OneForAll) -> None:
        """Nothing more is told of it."""
        self._awake.pop(one, None)


def glimpsed(conversation: Conversation, glimpses: Glimpses, tell_over: TellOver) -> Listed:
    """One that nobody has asked to see."""
    return Listed(conversation, OneForAll(conversation.number, glimpses, tell_over))


class OneForAll(Observers):
    """One observer, and those that it stands for once there are any.

    It rests when nothing is told of it while much is of others (decision 33): then what it was told is kept, and its
    row, but nobody who looks on. If more is told after all, who looks on is made anew and told all of it.
    """

    def __init__(self, number: int, glimpses: Glimpses, tell_over: TellOver) -> None:
        super().__init__(number, tell_over)
        self._glimpses = glimpses
        self._rests_from = 0.0
        self._begin()

    def _begin(self) -> None:
        self._resting: _Resting | None = None
        self._told: Recording | None = Recording()
        self._told_bytes = 0
        self._weight = 0
        self._may_part = self._glimpses.may_part
        self._make(self._glimpses.first, self._glimpses.looking)
        if self._glimpses.are_apart:
            self._make_others(Recording())

    def of(self, view: View) -> Observer:
        return self.by_view.get(view) or self.by_view[self._glimpses.first]

    def rows(self, views: Iterable[View], masking: Masking) -> dict[View, Row]:
        if self._resting is None:
            return super().rows(views, masking)
        return self._resting.rows(views, self._glimpses.views, is_over=self.over)

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        self._wake()
        super().opened(endpoints, time, packet)
        if self._told is not None:
            self._told.opened(endpoints, time, packet)
        self._was_told()

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        self._wake()
        keys = self._glimpses.keys
        keys.found = False
        super().data(side, data, time, packet)
        if self._told is not None:
            self._told.data(side, data, time, packet)
            self._told_bytes += len(data)
            if self._may_part and (keys.found or self._told_bytes > MOST_REMEMBERED):
                self._part()
            if self._may_part:
                self._glimpses.remembered.holds(self, self._told_bytes)
            elif self._told_bytes > MOST_RESTING:
                self._told = None
        self._was_told(len(data))

    def lost(self, side: Side, count: int, time: int) -> None:
        self._wake()
        super().lost(side, count, time)
        if self._told is not None:
            self._told.lost(side, count, time)
        self._was_told()

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        self._wake()
        super().closed(side, time, how, packet)
        if self.over:
            self._forget()
            return
        if self._told is not None:
            self._told.closed(side, time, how, packet)
        self._was_told()

    def finish(self) -> None:
        if self._resting is None:
            super().finish()
        else:
            self.over = True
            self._tell_over(self._number)
        self._forget()

    def let_go(self) -> None:
        """Remember nothing more: there is an observer for each view from here on."""
        self._part()
        self._told = None

    def rest(self) -> None:
        """Nothing was told for long. What the row would say in the end is written now: mostly it is that."""
        glimpses = self._glimpses
        may_rest = not self.over and self._resting is None and self._told is not None
        if not may_rest or self._told_bytes > MOST_RESTING or self._weight < self._rests_from:
            return
        now = self.rows(glimpses.views, glimpses.masking)
        for observer in self.by_view.values():
            observer.flow.finish()
        written = {one.writer: one.row(glimpses.masking, running=False) for one in self.by_view.values()}
        in_the_end: dict[View, Row] = {view: written[self.of(view).writer] for view in glimpses.views}
        self._resting = _Resting.of(now, in_the_end)
        self._rests_from = self._weight * MORE_BEFORE_REST
        glimpses.remembered.holds(self, 0)
        self.by_view = {}
        self._taps = ()

    def _wake(self) -> None:
        """Be told again what was told, as it was: with all that came of it."""
        if self._resting is not None:
            told = self._told or Recording()
            self._begin()
            told.replay(self)

    def _was_told(self, count: int = 0) -> None:
        self._weight += _EACH + count
        self._glimpses.told_of(self)

    def _forget(self) -> None:
        self._told = None
        self._glimpses.remembered.holds(self, 0)
        self._glimpses.over(self)

    def _part(self) -> None:
        """From here on there is an observer for each view."""
        self._glimpses.remembered.holds(self, 0)
        if self._may_part and self._told is not None:
            self._may_part = False
            self._make_others(self._told)

    def _make_others(self, told: Recording) -> None:
        for view, looking in self._glimpses.others.items():
            told.replay(self._make(view, looking))

    def _make(self, view: View, looking: Looking) -> Flow:
        writer = RowWriter()
        flow = Flow(self._number, writer.take, looking)
        self.add(view, Observer(flow, writer))
        return flow


_Contents = tuple[Json, ...]


class _Resting(NamedTuple):
    """The rows of one that rests, for each of the views: as they are `now`, and as they would be `in_the_end`.

    Of both the same `names` have these contents, most of which are the same.
    """

    names: tuple[str, ...]
    now: tuple[_Contents, ...]
    in_the_end: tuple[_Contents, ...]

    @classmethod
    def of(cls, now: Mapping[View, Row], in_the_end: Mapping[View, Row]) -> _Resting:
        known: dict[int, _Contents] = {}  # views that see the same have one row
        ends: dict[int, _Contents] = {}
        for view, row in now.items():
            contents = known.setdefault(id(row), tuple(row.values()))
            pairs = zip(contents, in_the_end[view].values(), strict=True)
            ends.setdefault(id(row), tuple(one if one == other else other for one, other in pairs))
        order = [id(row) for row in now.values()]
        names = _one(tuple(next(iter(now.values()))))
        return cls(names, tuple(known[one] for one in order), tuple(ends[one] for one in order))

    def rows(self, views: Iterable[View], order: Sequence[View], *, is_over: bool) -> dict[View, Row]:
        """These of them."""
        written = self.in_the_end if is_over else self.now
        return {view: dict(zip(self.names, written[order.index(view)], strict=True)) for view in views}


@cache
def _one(names: tuple[str, ...]) -> tuple[str, ...]:
    """The same object for all."""
    return names
