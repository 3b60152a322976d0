"""The connections on this machine's interfaces, and of those whose owner is not known yet the packets, for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from transom.capture.packets import ACK, RST, SYN, FlowKey, Segment, reverse_flow
from transom.capture.trace_secrets import client_random
from transom.net.packet_socket import Frame
from transom.run.ownership import NOWHERE, Ends, Judged, Ownership, ends_of, ends_of_refused
from transom.run.programs import Program
from transom.tls.observed.held import HeldBytes
from transom.value import value
from transom.wire.tap import Endpoint

MOST_CONNECTIONS = 2**16
"""Connections of which it is remembered whose they are; of one that is forgotten it is asked again."""

MOST_HELD, HELD_IN_ALL = 2**24, 2**26
"""Bytes of one connection, and of all together, that are kept until it is known whose they are."""

_CONNECTION, _FRAME = 1024, 256
"""Bytes that a connection and a frame take besides the frame's own, so that tiny ones count for what they take."""

PATIENCE = 10.0
"""Seconds after which a connection of nobody is forgotten."""

_OFTEN, _REST = 0.05, 4.0
"""Seconds between two looks for the owner of the same connection; and how many times as long as a look takes it is
until the next, so that very many cost no more than a fifth of the time."""

Whose = Literal["ours", "others", "nobody's"]


class Candidate:
    """One connection. While it is nobody's its frames are held."""

    def __init__(
        self, ends: Ends, opens: FlowKey | None, account: HeldBytes, forget: Callable[[Candidate], None]
    ) -> None:
        """`opens` is the way of its SYN, if it began with one; None once that was answered."""
        self.whose: Whose = "nobody's"
        self.ends = ends
        self.random: bytes | None = None
        self.held: list[Frame] = []
        self.since = time.monotonic()
        self.spoke = False
        self.opens = opens
        self._size = _CONNECTION
        self._account = account
        self._forget = forget

    def hold(self, frame: Frame, payload: memoryview) -> None:
        """Keep a frame, unless there are too many; `payload` is what TCP has in it."""
        self.random = self.random or client_random(payload)
        self.spoke = self.spoke or len(payload) > 0
        self.held.append(frame)
        self._size += len(frame.data) + _FRAME
        if self._size > MOST_HELD:
            self.let_go()
        else:
            self._account.holds(self, self._size)

    def let_go(self) -> None:
        """It is too much."""
        self._forget(self)

    def becomes(self, whose: Whose) -> list[Frame]:
        """It is known now, or given up; what was held of it."""
        self.whose = whose
        self.ends = NOWHERE
        self._account.holds(self, 0)
        held, self.held = self.held, []
        return held


@value
class Decided:
    """A connection that turned out to be the command's: what was held of it, its two ends, and whose it is."""

    held: Sequence[Frame]
    between: frozenset[Endpoint]
    program: Program | None


class Candidates:
    """All of them. `logged` says whether the session of a client random has its keys in the command's own log."""

    def __init__(self, ownership: Ownership, logged: Callable[[bytes], bool]) -> None:
        self.forgotten = 0
        """How many were given up, nobody knowing whose they were, though something was said."""
        self._ownership = ownership
        self._logged = logged
        self._account = HeldBytes(HELD_IN_ALL)
        self._all: dict[FlowKey, Candidate] = {}
        self._undecided: dict[Candidate, None] = {}
        self._new: list[Candidate] = []
        self._next_look = 0.0

    def prepare(self) -> None:
        """What takes its time at the first look, before there is anything to look for."""
        self._ownership.prepare()

    def of(self, segment: Segment, interface: int) -> Candidate:
        """The connection of a segment."""
        opens = segment.flags & (SYN | ACK) == SYN
        known = self._all.get(segment.flow)
        if known is not None and not (opens and known.whose != "nobody's"):
            self._look_for_answer(known, segment)
            return known
        way = segment.flow if opens else None
        candidate = Candidate(ends_of(segment, interface), way, self._account, self._forget)
        for flow in (segment.flow, reverse_flow(segment.flow)):
            self._all.pop(flow, None)
            self._all[flow] = candidate
        while len(self._all) > 2 * MOST_CONNECTIONS:
            del self._all[next(iter(self._all))]
        if candidate.ends.local:
            self._undecided[candidate] = None
            self._new.append(candidate)
        else:  # it only passes through
            candidate.becomes("others")
        return candidate

    def _look_for_answer(self, candidate: Candidate, segment: Segment) -> None:
        if candidate.opens in (None, segment.flow):
            return
        candidate.opens = None
        if segment.flags & RST and candidate in self._undecided:
            candidate.ends = ends_of_refused(candidate.ends)
            if not candidate.ends.local:
                del self._undecided[candidate]
                candidate.becomes("others")

    def decide(self, *, at_last: bool = False) -> Iterator[Decided]:
        """Look for the owners of those that have none; each that turns out to be the command's.

        `at_last` there will be no other time: whoever has none then will have none.
        """
        now = time.monotonic()
        again = at_last or now >= self._next_look
        undecided = [
            candidate for candidate in (self._undecided if again else self._new) if candidate in self._undecided
        ]
        self._new.clear()
        if not undecided:
            return
        judged = self._judged(undecided)
        if again:
            ended = time.monotonic()
            self._next_look = ended + max(_OFTEN, _REST * (ended - now))
        for candidate, each in judged:
            if each.ours is not None:
                del self._undecided[candidate]
                between = frozenset(candidate.ends.local[0])
                held = candidate.becomes("ours" if each.ours else "others")
                if each.ours:
                    yield Decided(held, between, each.program)
            elif at_last or now - candidate.since > PATIENCE:
                self._forget(candidate)

    def _judged(self, undecided: Sequence[Candidate]) -> list[tuple[Candidate, Judged]]:
        judged = self._ownership.judge([candidate.ends for candidate in undecided])
        return [
            (candidate, replace(each, ours=True) if self._is_logged(candidate) else each)
            for candidate, each in zip(undecided, judged, strict=True)
        ]

    def _is_logged(self, candidate: Candidate) -> bool:
        """Then it is the command's, whatever has become of its socket."""
        return candidate.random is not None and self._logged(candidate.random)

    def _forget(self, candidate: Candidate) -> None:
        if candidate in self._undecided:
            del self._undecided[candidate]
            candidate.becomes("others")
            self.forgotten += candidate.spoke
