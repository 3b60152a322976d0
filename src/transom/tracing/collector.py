"""Events of taps in, conversations out: each connection that speaks TLS or HTTP, once, its sides as they are."""

from __future__ import annotations

import time as clock
from collections import defaultdict
from collections.abc import Callable, Container
from typing import Protocol

from transom.taps.events import GONE, KEYS, OPENED, OWN_ENDED, PEER_ENDED, RECEIVED, SENT, SERVER, SHARED_LOG, Event
from transom.tracing.recognised import Recognised
from transom.value import value
from transom.wire.tap import Endpoint, Endpoints, Finishing, Side

_NOBODY: frozenset[Endpoint] = frozenset()

_GONE_LATELY = 1024
"""Ends that are remembered when they are gone, so that the other end of one, told of too late, is known as that."""


class Watching(Protocol):
    """Who looks on."""

    def conversation(self) -> Finishing:
        """The tap for one more conversation."""
        ...

    def secret(self, line: str, *, shared: bool) -> None:
        """A line of a key log, without its end: of a log of the process's own, or of one it may share with others."""
        ...


class Collector:
    """Takes the events of several processes, each in order. Connections to `but_not` are somebody else's to look at.

    A process that talks to itself, as a test with a server in a thread does, sees both ends of a connection: the end
    that is told of first is told on, the other is not, even if the first is gone by then: a thread that is kept waiting
    tells of what it sent when its peer has answered and closed.
    """

    def __init__(self, watching: Watching, but_not: Container[Endpoint] = _NOBODY) -> None:
        self._watching = watching
        self._but_not = but_not
        self._open: dict[tuple[int, int], _Seen] = {}
        self._without_twin: defaultdict[tuple[Endpoint, Endpoint], list[tuple[int, int]]] = defaultdict(list)
        self._gone_lately: dict[tuple[Endpoint, Endpoint], int] = {}
        """Of those that were without a twin: when they went."""

    def receive(self, process: int, event: Event) -> None:
        """The next event of a process."""
        kind, number, time, payload = event
        key = process, number
        if kind == KEYS:
            self._keys(payload, shared=number == SHARED_LOG)
        elif kind == OPENED:
            self._opened(key, time, payload)
        elif kind == GONE:
            self._gone(key, time)
        elif key in self._open:
            self._open[key].receive(kind, time, payload)

    def finish(self, process: int | None = None) -> None:
        """Nothing more will come, of that process or of any."""
        for key in [key for key in self._open if process in (None, key[0])]:
            self._gone(key, clock.time_ns())

    def _keys(self, payload: bytes, *, shared: bool) -> None:
        for line in payload.decode("ascii", "replace").splitlines():
            if line.strip() and not line.startswith("#"):
                self._watching.secret(line, shared=shared)

    def _opened(self, key: tuple[int, int], time: int, payload: bytes) -> None:
        role, own_address, own_port, peer_address, peer_port = payload.decode("ascii", "replace").split(" ")
        own, peer = Endpoint(own_address, int(own_port)), Endpoint(peer_address, int(peer_port))
        if peer in self._but_not or self._is_second_end(key, own, peer, time):
            return
        side = Side.SERVER if role == SERVER else Side.CLIENT
        ends = Endpoints(own, peer) if side is Side.CLIENT else Endpoints(peer, own)
        self._open[key] = _Seen(own, peer, side, Recognised(ends, time, self._watching.conversation))

    def _is_second_end(self, key: tuple[int, int], own: Endpoint, peer: Endpoint, time: int) -> bool:
        others = self._without_twin.get((peer, own))
        if others:
            others.pop(0)
            return True
        # What began later than the other end went is another connection between the same two ports.
        if time <= self._gone_lately.pop((peer, own), -1):
            return True
        self._without_twin[own, peer].append(key)
        return False

    def _gone(self, key: tuple[int, int], time: int) -> None:
        seen = self._open.pop(key, None)
        if seen is None:
            return
        ends = seen.own, seen.peer
        if key in self._without_twin[ends]:
            self._without_twin[ends].remove(key)
            self._gone_lately[ends] = time
            if len(self._gone_lately) > _GONE_LATELY:
                del self._gone_lately[next(iter(self._gone_lately))]
        if not self._without_twin[ends]:
            del self._without_twin[ends]
        seen.conversation.finish()


@value
class _Seen:
    """A connection from one end of it: `side` is which of them this is taken for."""

    own: Endpoint
    peer: Endpoint
    side: Side
    conversation: Recognised

    def receive(self, kind: int, time: int, payload: bytes) -> None:
        side = self.side if kind in (SENT, OWN_ENDED) else self.side.peer
        if kind in (SENT, RECEIVED):
            self.conversation.data(side, payload, time)
        elif kind in (OWN_ENDED, PEER_ENDED):
            self.conversation.closed(side, time, "reset" if payload == b"reset" else "fin")


Receive = Callable[[int, Event], None]
"""Takes an event of the process with this number, whoever gives them."""
