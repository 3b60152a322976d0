"""Three uses of time: what time it is, how long something took, and how long something may take."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


def epoch_seconds() -> int:
    """The time of day, in whole seconds since the epoch."""
    return int(time.time())


class Stopwatch:
    """Seconds since it was made, or since its last lap."""

    def __init__(self) -> None:
        self._started = self._lap = time.monotonic()

    def lap(self) -> float:
        """The seconds since the last lap; the next lap begins."""
        now = time.monotonic()
        taken, self._lap = now - self._lap, now
        return taken

    @property
    def total(self) -> float:
        return time.monotonic() - self._started


class Watch:
    """A limit that is put off often and reached rarely.

    Putting it off is an assignment: the loop's timer is left alone and looks again when it fires.
    """

    def __init__(self, expired: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._expired = expired
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def restart(self, seconds: float) -> None:
        """Expire `seconds` from now, unless restarted or stopped before."""
        self._due = self._loop.time() + seconds
        if self._timer is not None and self._timer.when() > self._due:
            self.stop()
        if self._timer is None:
            self._timer = self._loop.call_at(self._due, self._look)

    @property
    def runs(self) -> bool:
        """Whether it may expire yet."""
        return self._timer is not None

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._look)
        else:
            self._expired()
