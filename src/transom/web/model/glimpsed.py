"""A conversation of which nothing but its row is kept, and the one observer that stands for all views of it.

Who was given keys and finds none that fits sees what one sees who was given none. So there is one observer until a key
is found; then the others are made, and told what was told until then. A key is found early, right behind the hellos, so
that is little. Where it is more, the others are made without waiting for a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from transom.capture.conversation import Conversation
from transom.dissect.flow import Flow
from transom.dissect.recording import Recording
from transom.dissect.telling import Looking
from transom.tls.keys.noticing import NoticingKeys
from transom.tls.observed.held import HeldBytes
from transom.web.model.listed import Listed, Observer, Observers, TellOver
from transom.web.model.looked import View
from transom.web.model.rows import RowWriter
from transom.wire.tap import Buffer, Ending, Endpoints, Side

MOST_REMEMBERED = 16 * 1024
"""Bytes of one conversation: a handshake with its certificates is shorter."""

MOST_IN_ALL = 16 * 2**20
"""Bytes of all of them, before the one that has been remembered longest has an observer for each view."""


class Glimpses:
    """What the conversations of one pass share. The first of `lookings` is that with the most keys."""

    def __init__(self, lookings: Mapping[View, Looking], *, grows: bool) -> None:
        """Of a capture that `grows` keys may come that are not there yet."""
        (first, looking), *others = lookings.items()
        self.first: View = first
        self.others = dict(others)
        self.keys = NoticingKeys(looking.keys)
        self.looking = replace(looking, keys=self.keys)
        self.remembered = HeldBytes(MOST_IN_ALL)
        # What a private key opens is looked up nowhere.
        self.are_apart = bool(others) and len(looking.private_keys) > 0
        self._grows = grows

    @property
    def may_part(self) -> bool:
        """Whether there is a key that may be found. The secrets inside a capture are read before its packets."""
        return bool(self.others) and not self.are_apart and (self._grows or len(self.keys) > 0)


def glimpsed(conversation: Conversation, glimpses: Glimpses, tell_over: TellOver) -> Listed:
    """One that nobody has asked to see."""
    return Listed(conversation, OneForAll(conversation.number, glimpses, tell_over))


class OneForAll(Observers):
    """One observer, and those that it stands for once there are any."""

    def __init__(self, number: int, glimpses: Glimpses, tell_over: TellOver) -> None:
        super().__init__(number, tell_over)
        self._glimpses = glimpses
        self._told = Recording() if glimpses.may_part else None
        self._told_bytes = 0
        self._make(glimpses.first, glimpses.looking)
        if glimpses.are_apart:
            self._make_others(Recording())

    def of(self, view: View) -> Observer:
        return self.by_view.get(view) or self.by_view[self._glimpses.first]

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        super().opened(endpoints, time, packet)
        if self._told is not None:
            self._told.opened(endpoints, time, packet)

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        keys = self._glimpses.keys
        keys.found = False
        super().data(side, data, time, packet)
        if self._told is None:
            return
        self._told.data(side, data, time, packet)
        self._told_bytes += len(data)
        if keys.found or self._told_bytes > MOST_REMEMBERED:
            self.let_go()
        else:
            self._glimpses.remembered.holds(self, self._told_bytes)

    def lost(self, side: Side, count: int, time: int) -> None:
        super().lost(side, count, time)
        if self._told is not None:
            self._told.lost(side, count, time)

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        super().closed(side, time, how, packet)
        if self._told is None:
            return
        if self.over:
            self._told = None
            self._glimpses.remembered.holds(self, 0)
        else:
            self._told.closed(side, time, how, packet)

    def finish(self) -> None:
        super().finish()
        if self._told is not None:
            self._told = None
            self._glimpses.remembered.holds(self, 0)

    def let_go(self) -> None:
        """Remember nothing more: there is an observer for each view from here on."""
        told, self._told = self._told, None
        self._glimpses.remembered.holds(self, 0)
        if told is not None:
            self._make_others(told)

    def _make_others(self, told: Recording) -> None:
        for view, looking in self._glimpses.others.items():
            told.replay(self._make(view, looking))

    def _make(self, view: View, looking: Looking) -> Flow:
        writer = RowWriter()
        flow = Flow(self._number, writer.take, looking)
        self.add(view, Observer(flow, writer))
        return flow
