"""Which secrets go into a trace: those of the sessions that are in it, and no others that happen to be in a log."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

_MOST_UNCLAIMED = 10_000


class SessionSecrets:
    """Passes on each line once its session has been seen; `claim` says that it has, by the client's random."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._claimed: set[str] = set()
        self._waiting: dict[str, list[str]] = {}
        self._own: set[str] = set()
        """Of those that wait: whose keys are in no log that others write too."""

    @property
    def unclaimed(self) -> int:
        """How many sessions have keys and were never seen; those that may be another process's are not counted."""
        return len(self._own)

    def add(self, line: str, *, shared: bool) -> None:
        """A line of a key log: label, client random, secret. Which session an `RSA` line is of it does not say."""
        label, _, rest = line.partition(" ")
        random = rest.partition(" ")[0].lower()
        if label == "RSA" or random in self._claimed:
            self._write(line)
        else:
            self._waiting.setdefault(random, []).append(line)
            if not shared:
                self._own.add(random)
            for oldest in list(islice(self._waiting, max(0, len(self._waiting) - _MOST_UNCLAIMED))):
                del self._waiting[oldest]
                self._own.discard(oldest)

    def claim(self, client_random: bytes) -> None:
        """The session of this ClientHello is in the trace."""
        random = client_random.hex()
        self._claimed.add(random)
        self._own.discard(random)
        for line in self._waiting.pop(random, ()):
            self._write(line)
