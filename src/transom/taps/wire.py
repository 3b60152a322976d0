"""One TCP connection as this process sees it, and who is told of it.

What was received is told one step late: when the connection is next used. By then the program has read it, and the
keys that were made of it are in the key log, so that they can be told first: whoever looks on then can open it.

Large pieces that come at once, the records of a file, are told together, as if one call had received them: to tell of
anything costs more than to receive it.
"""

from __future__ import annotations

import itertools
import threading
import time
import weakref
from typing import TYPE_CHECKING

from .events import GONE, KEYS, OPENED, OWN_ENDED, OWN_LOG, PEER_ENDED, RECEIVED, SENT, SHARED_LOG

if TYPE_CHECKING:
    from .events import Event, Sink
    from .keys import KeyLogs


MOST_TOGETHER = 2**17 + 2**13
"""Bytes that are told together: eight full records, in any version."""

_LARGE = 2**13
_AT_ONCE = 1_000_000
"""Nanoseconds from the first to the last of what is told together, whose time is the last one's."""


class Hub:
    """Who is told. There is one, `HUB`; without sinks it costs a tapped call next to nothing."""

    def __init__(self) -> None:
        self.sinks: tuple[Sink, ...] = ()
        self.keys: KeyLogs | None = None
        self.wires: dict[int, Wire] = {}
        self.numbers = itertools.count(1)
        self._telling_keys = threading.RLock()

    def known_logs(self) -> frozenset[str]:
        """Key logs that nobody here is to be told of."""
        known = {str(getattr(sink, "known_log", "")) for sink in self.sinks}
        return frozenset(known) if len(known) == 1 else frozenset()

    def tell_keys(self) -> None:
        # Whoever finds none to tell must not go on before those are told that another thread has found.
        with self._telling_keys:
            for log, lines in self.keys.read() if self.keys is not None else ():
                for sink in self.sinks:
                    if not log or log != getattr(sink, "known_log", ""):
                        sink(KEYS, SHARED_LOG if log else OWN_LOG, time.time_ns(), lines)

    def forked(self) -> None:
        """In a new process: whoever held the lock is not in it."""
        self._telling_keys = threading.RLock()

    def settle(self) -> None:
        """Tell what is held back."""
        for wire in list(self.wires.values()):
            wire.settle()
        self.tell_keys()


HUB = Hub()


class Wire:
    """A connection. `role` is what this process most likely is in it: the one who accepted it is the server."""

    def __init__(self, sock: object, ends: bytes, role: str) -> None:
        self.ends = ends
        self.role = role
        self.number = next(HUB.numbers)
        self._lock = threading.RLock()
        self._told: list[Sink] = []
        self._held: list[bytes] = []
        """What was received and is not told yet: if it is more than one piece, all are large."""
        self._held_size = 0
        self._held_since = self._held_until = 0
        self._over: set[int] = set()
        HUB.wires[self.number] = self
        self._sock: weakref.ref[object] | None = None
        self.belongs_to(sock)

    def belongs_to(self, sock: object) -> None:
        """It goes away with that socket object, closed or not."""
        self._sock = weakref.ref(sock, lambda _: self.gone())

    def is_between_sockets(self) -> None:
        """Its socket object has let go of the connection."""
        self._sock = None

    def received(self, data: bytes, at: int | None = None) -> None:
        """The peer's next bytes, which came at the time `at`, or now; none are the end of them."""
        if HUB.sinks and data:
            with self._lock:
                self._hold(data, time.time_ns() if at is None else at)
        elif not data:
            self._end(PEER_ENDED, b"fin")

    def sent(self, data: bytes, at: int) -> None:
        """Bytes that were given to the operating system at the time `at`."""
        if HUB.sinks and data:
            with self._lock:
                self._tell_held()
                self._tell((SENT, self.number, at, data))

    def own_end(self) -> None:
        self._end(OWN_ENDED, b"fin")

    def reset(self) -> None:
        """The peer has reset it."""
        self._end(PEER_ENDED, b"reset")

    def gone(self) -> None:
        if HUB.wires.pop(self.number, None) is None:
            return
        self._end(OWN_ENDED, b"fin")
        with self._lock:
            self._tell((GONE, self.number, time.time_ns(), b""))

    def settle(self) -> None:
        with self._lock:
            self._tell_held()

    def forked(self) -> None:
        """In a new process it is another connection to those who are told: nothing of it was told yet."""
        self._lock = threading.RLock()
        self._told = []
        self._held = []

    def _end(self, kind: int, how: bytes) -> None:
        with self._lock:
            if kind not in self._over:
                self._over.add(kind)
                self._tell_held()
                self._tell((kind, self.number, time.time_ns(), how))

    def _hold(self, data: bytes, at: int) -> None:
        size = len(data)
        if self._held and not (
            size >= _LARGE <= len(self._held[-1])
            and self._held_size + size <= MOST_TOGETHER
            and at - self._held_since <= _AT_ONCE
        ):
            self._tell_held()
        if not self._held:
            self._held_since, self._held_size = at, 0
        self._held.append(data)
        self._held_size += size
        self._held_until = at

    def _tell_held(self) -> None:
        held, self._held = self._held, []
        if held:
            data = held[0] if len(held) == 1 else b"".join(held)
            self._tell((RECEIVED, self.number, self._held_until, data))

    def _tell(self, event: Event) -> None:
        HUB.tell_keys()
        for sink in HUB.sinks:
            if sink not in self._told:
                if event[0] not in (SENT, RECEIVED):
                    continue  # what never said anything is not told of
                self._told.append(sink)
                sink(OPENED, self.number, event[2], self.role.encode() + b" " + self.ends)
            sink(*event)
