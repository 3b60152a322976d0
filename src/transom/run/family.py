"""The command's own processes, and the sockets that they have open: Linux tells both in /proc.

A process is one of the command's if it descends from it. Of one whose parents have ended, and which was adopted by
another, the environment that it was started with tells: `mark` is in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from transom.value import value

_SOCKET = "socket:["
_PARENT, _STARTED = 1, 19
"""Fields of /proc/PID/stat, counted from the state that stands behind the name (proc_pid_stat(5))."""


@value
class Family:
    """The process `command` and what descends from it, or has `mark` in its environment."""

    command: int
    mark: str

    def sockets(self) -> set[str]:
        """The inodes of the sockets that they have open, as far as this user may look into them."""
        found: set[str] = set()
        for pid in self._members():
            with suppress(OSError), os.scandir(f"/proc/{pid}/fd") as entries:
                for entry in entries:
                    with suppress(OSError):  # closed meanwhile
                        target = os.readlink(entry.path)  # noqa: PTH115 (a path object each is most of the time it takes)
                        if target.startswith(_SOCKET):
                            found.add(target[len(_SOCKET) : -1])
        return found

    def _members(self) -> Iterator[int]:
        processes = {pid: process for pid in _pids() if (process := _process(pid)) is not None}
        command = processes.get(self.command)
        # Once it has been waited for, nobody descends from it any more, and nobody knows when it began.
        began = command.started if command is not None else 0
        for pid, process in processes.items():
            if process.started >= began and (self._descends(pid, processes) or self._is_marked(pid)):
                yield pid

    def _descends(self, pid: int, processes: dict[int, _Process]) -> bool:
        while pid > 1:
            if pid == self.command:
                return True
            process = processes.get(pid)
            pid = process.parent if process is not None else 0
        return False

    def _is_marked(self, pid: int) -> bool:
        with suppress(OSError):
            return self.mark.encode() in Path(f"/proc/{pid}/environ").read_bytes()
        return False


class _Process(NamedTuple):
    parent: int
    started: int


def _pids() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdecimal())  # noqa: PTH208 (as above)


def _process(pid: int) -> _Process | None:
    """None when it is gone."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return _Process(int(fields[_PARENT]), int(fields[_STARTED]))
    return None
