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

_SOCKET = "socket:["
_PARENT, _STARTED = 1, 19
"""Fields of /proc/PID/stat, counted from the state that stands behind the name (proc_pid_stat(5))."""


class Family:
    """The process `command` and what descends from it, or has `mark` in its environment.

    What a process is it is from its birth on, so each is looked at once; to be asked by one thread alone.
    """

    def __init__(self, command: int, mark: str) -> None:
        self._command = command
        self._mark = mark.encode()
        self._belongs: dict[int, bool] = {command: True}
        self._began = _stat(command).started
        """When the command began; if it has ended by now, no time that anything is before."""

    def sockets(self) -> set[int]:
        """The inodes of the sockets that they have open, as far as this user may look into them."""
        found: set[int] = set()
        for pid in self.members():
            for target in open_files(pid):
                if target.startswith(_SOCKET):
                    found.add(int(target[len(_SOCKET) : -1]))
        return found

    def owner(self, inode: int) -> int | None:
        """The process that has this socket open; the youngest of several, as most that hand one on look no more."""
        target = f"{_SOCKET}{inode}]"
        return next((pid for pid in sorted(self.members(), reverse=True) if target in open_files(pid)), None)

    def members(self) -> list[int]:
        """The processes that there are now."""
        self._look_for_more()
        return [pid for pid, belongs in self._belongs.items() if belongs]

    def _look_for_more(self) -> None:
        there = processes()
        for pid in self._belongs.keys() - there:
            del self._belongs[pid]  # another may get the number
        for pid in sorted(there - self._belongs.keys()):
            self._decide(pid)

    def _decide(self, pid: int) -> bool:
        known = self._belongs.get(pid)
        if known is not None:
            return known
        self._belongs[pid] = False  # until it is known, and where a process is its own ancestor
        process = _stat(pid)
        if process.started >= self._began:
            self._belongs[pid] = (process.parent > 0 and self._decide(process.parent)) or self._is_marked(pid)
        return self._belongs[pid]

    def _is_marked(self, pid: int) -> bool:
        with suppress(OSError):
            return self._mark in Path(f"/proc/{pid}/environ").read_bytes()
        return False


def processes() -> set[int]:
    """The numbers of all that there are now."""
    return {int(name) for name in os.listdir("/proc") if name.isdecimal()}  # noqa: PTH208 (a path object each is most of the time)


def open_files(pid: int) -> Iterator[str]:
    """What each descriptor stands for, as far as this user may look."""
    with suppress(OSError), os.scandir(f"/proc/{pid}/fd") as entries:
        for entry in entries:
            with suppress(OSError):  # closed meanwhile
                yield os.readlink(entry.path)  # noqa: PTH115 (a path object each is most of the time it takes)


class _Process(NamedTuple):
    parent: int
    started: int


def _stat(pid: int) -> _Process:
    """All zero when it is gone."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return _Process(int(fields[_PARENT]), int(fields[_STARTED]))
    return _Process(0, 0)
