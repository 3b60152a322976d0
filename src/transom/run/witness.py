"""Who else got a signal that came to us: then it was sent to our process group, or to all of a service, and the command
has it already.

The kernel does not tell one from the other. So a process stands beside us that does nothing but hold every signal back:
what is pending there was sent there too.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from transom.net.descriptors import open_descriptors

_PATIENCE, _TRIES = 0.005, 4
"""Seconds between looks, and looks: whoever kills a service kills one of its processes after the other."""

_PROGRAM = "cat"
"""It waits for the end of its input, which comes with ours; and by its name nobody takes it for us."""


class Witness:
    """Stands beside us from here on until `leave`. Where there is no such program or no /proc, nobody does."""

    def __init__(self, signals: Iterable[int]) -> None:
        self._signals = frozenset(signals)
        self._pid: int | None = None
        self._end: int | None = None
        self._seen_before: set[int] = set()
        """What those who stood there before had besides, and has not been asked for yet."""
        self._stand()

    def has(self, number: int) -> bool:
        """Whether this signal, which has come to us, has come there too. It is asked once for each."""
        for _ in range(_TRIES):
            if number in self._seen_before:
                self._seen_before.remove(number)
                return True
            if number in self._pending(self._pid):
                self._replace(number)
                return True
            time.sleep(_PATIENCE)
        return False

    def leave(self) -> None:
        """It is not needed any more."""
        _end(self._pid, self._end)
        self._pid = self._end = None

    def _replace(self, number: int) -> None:
        """What is pending stays so: another takes the place, and is there before the one that has this signal goes."""
        before = self._pid, self._end
        self._stand()
        others = self._pending(before[0]) - {number}
        self._seen_before |= others - self._pending(self._pid)
        _end(*before)

    def _stand(self) -> None:
        reading, self._end = os.pipe()
        silent = [(os.POSIX_SPAWN_OPEN, out, os.devnull, os.O_WRONLY, 0) for out in (1, 2)]
        actions = [(os.POSIX_SPAWN_DUP2, reading, 0), *silent, *((os.POSIX_SPAWN_CLOSE, one) for one in _left_to_us())]
        try:
            self._pid = os.posix_spawnp(_PROGRAM, [_PROGRAM], {}, file_actions=actions, setsigmask=self._signals)
        except OSError:
            os.close(self._end)
            self._pid = self._end = None
        finally:
            os.close(reading)

    def _pending(self, pid: int | None) -> set[int]:
        if pid is None:
            return set()
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                name, _, mask = line.partition(":")
                if name == "ShdPnd":
                    return {number for number in self._signals if int(mask, 16) >> (number - 1) & 1}
        return set()


def _end(pid: int | None, end: int | None) -> None:
    if pid is not None and end is not None:
        os.close(end)
        os.kill(pid, signal.SIGKILL)  # somebody may have stopped it
        os.waitpid(pid, 0)


def _left_to_us() -> list[int]:
    """Descriptors that a program we start would have open as well, besides the standard ones."""
    with suppress(OSError):
        return [number for number in open_descriptors() if number > 2 and _is_inherited(number)]
    return []


def _is_inherited(descriptor: int) -> bool:
    with suppress(OSError):  # the one by which they were listed
        return os.get_inheritable(descriptor)
    return False
