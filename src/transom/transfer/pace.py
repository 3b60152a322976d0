"""How fast bytes may be taken: by pausing whoever brings them, so that TCP slows the sender down."""

from __future__ import annotations

import time
from collections.abc import Callable

from transom.net.pump import RECEIVE_SIZE

SLOWEST = 1024
"""Bytes a second. Slower still, and between two pieces the connection would pass for dead."""

BESIDE_A_HASH = 4 * RECEIVE_SIZE
"""Bytes. Server, client and hash take turns on two processors, and each time find the caches full of what others did:
what Python does for a piece is dear then, and fewer pieces are worth the cache that they overflow (decision 11)."""

_PIECES_A_SECOND = 8
_RECORD = 16 * 1024  # a TLS record comes as a whole, so taking less at a time paces nothing


class Pace:
    """`rate` bytes a second, on the average since the first of them came. `clock` gives seconds.

    What it took to get there, the handshake, say, is no time to be made up for.
    """

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._began: float | None = None
        self._taken = 0

    def wait_after(self, count: int) -> float:
        """The seconds to take nothing in, now that `count` more bytes were taken; 0 when they came slowly enough."""
        self._taken += count
        now = self._clock()
        if self._began is None:
            self._began = now
        return max(0.0, self._taken / self._rate - (now - self._began))


def receive_size(rate: int | None, *, hashed: bool = False) -> int:
    """How many bytes to take from the socket at a time, so that the pace is even; `rate` is None for full speed.

    `hashed` is whether a thread beside makes a hash of them.
    """
    most = BESIDE_A_HASH if hashed else RECEIVE_SIZE
    return most if rate is None else min(max(rate // _PIECES_A_SECOND, _RECORD), most)
