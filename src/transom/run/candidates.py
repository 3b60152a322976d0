"""The connections on this machine's interfaces, and of those whose owner is not known yet the packets, for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Literal

from transom.capture.packets import ACK, SYN, FlowKey, Segment, reverse_flow
from transom.capture.trace_secrets import client_random
from transom.net.packet_socket import Frame
from transom.run.ownership import Ends, Ownership, ends_of
from transom.tls.observed.held import HeldBytes

MOST_CONNECTIONS = 2**16
"""Connections of which it is remembered whose they are; of one that is forgotten it is asked again."""

MOST_HELD, HELD_IN_ALL = 2**24, 2**26
"""Bytes of one connection, and of all together, that are kept until it is known whose they are."""

PATIENCE = 10.0
"""Seconds after which a connection of nobody is forgotten."""

_OFTEN = 0.05
"""Seconds between two looks for the owner of the same connection."""

Whose = Literal["ours", "others", "nobody's"]


class Candidate:
    """One connection. While it is nobody's its frames are held."""

    def __init__(self, ends: Ends, account: HeldBytes, forget: Callable[[Candidate], None]) -> None:
        self.whose: Whose = "nobody's"
        self.ends = ends
        self.random: bytes | None = None
        self.held: list[Frame] = []
        self.since = time.monotonic()
        self.spoke = False
        self._size = 0
        self._account = account
        self._forget = forget

    def hold(self, frame: Frame, payload: memoryview) -> None:
        """Keep a frame, unless there are too many; `payload` is what TCP has in it."""
        self.random = self.random or client_random(payload)
        self.spoke = self.spoke or len(payload) > 0
        self.held.append(frame)
        self._size += len(frame.data)
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
        self._account.holds(self, 0)
        held, self.held = self.held, []
        return held


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
        self._looked = 0.0
        self._has_new = False

    def prepare(self) -> None:
        """What takes its time at the first look, before there is anything to look for."""
        self._ownership.prepare()

    def of(self, segment: Segment, interface: int) -> Candidate:
        """The connection of a segment."""
        opens = segment.flags & (SYN | ACK) == SYN
        known = self._all.get(segment.flow)
        if known is not None and not (opens and known.whose != "nobody's"):
            return known
        candidate = Candidate(ends_of(segment, interface), self._account, self._forget)
        for flow in (segment.flow, reverse_flow(segment.flow)):
            self._all.pop(flow, None)
            self._all[flow] = candidate
        while len(self._all) > 2 * MOST_CONNECTIONS:
            del self._all[next(iter(self._all))]
        if candidate.ends.local:
            self._undecided[candidate] = None
            self._has_new = True
        else:  # it only passes through
            candidate.becomes("others")
        return candidate

    def decide(self, *, at_last: bool = False) -> Iterator[list[Frame]]:
        """Look for the owners of those that have none; what was held of each that turns out to be the command's.

        `at_last` there will be no other time: whoever has none then will have none.
        """
        now = time.monotonic()
        if not self._undecided or not (at_last or self._has_new or now - self._looked >= _OFTEN):
            return
        self._looked, self._has_new = now, False
        for candidate, ours in self._looked_up():
            if ours is not None:
                del self._undecided[candidate]
                held = candidate.becomes("ours" if ours else "others")
                if ours:
                    yield held
            elif at_last or now - candidate.since > PATIENCE:
                self._forget(candidate)

    def _looked_up(self) -> list[tuple[Candidate, bool | None]]:
        undecided = list(self._undecided)
        judged = self._ownership.judge([candidate.ends for candidate in undecided])
        return [
            (candidate, True if self._is_logged(candidate) else ours)
            for candidate, ours in zip(undecided, judged, strict=True)
        ]

    def _is_logged(self, candidate: Candidate) -> bool:
        """Then it is the command's, whatever has become of its socket."""
        return candidate.random is not None and self._logged(candidate.random)

    def _forget(self, candidate: Candidate) -> None:
        if candidate in self._undecided:
            del self._undecided[candidate]
            candidate.becomes("others")
            self.forgotten += candidate.spoke
