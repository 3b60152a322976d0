"""The sockets that the command connects or listens on, known before their first packet: our side of `keeper`.

A look at a connection's owner once its SYN was seen comes too late for one of milliseconds. So the command is started
behind a filter of system calls that stops each connect(2) until its socket has been noted
([decision 15](../../../docs/decisions/0015-a-connect-waits-until-its-socket-is-noted.md)).
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from transom.run import keeper
from transom.run.launching import encode_job
from transom.run.programs import Program

MOST_SOCKETS = 2**16
"""So many of the sockets that were noted last are remembered."""

_PIPE = 2**20
"""Bytes of reports that wait for us; where no user may have so many, those that there are."""

_NUMBER = 16
"""Digits that an error's number has at most."""

_SOURCE = Path(__file__).parents[2]
_PROGRAM = f"import sys; sys.path.insert(0, {str(_SOURCE)!r}); from transom.run.launching import main; main()"


class Noticed:
    """From when it is made until `close`. `spawn` starts the command; its sockets are `in` here from then on.

    `packets` is the descriptor of a packet socket, which then takes of TCP what may be the command's alone.
    """

    def __init__(self, packets: int | None = None) -> None:
        self._packets = () if packets is None else (packets,)
        self.why_not = ""
        """Why the kernel would not do it, where it would not: then nothing is noticed."""
        self.without_privileges = False
        """Whether programs with rights of their own (setuid, setcap) are without them for it."""
        self._began = self._complete = False
        self._sockets: dict[int, Program | None] = {}
        self._programs: dict[int, Program] = {}
        self._rest = b""
        self._reports, self._keepers_end = os.pipe()
        os.set_blocking(self._reports, False)
        with suppress(PermissionError):
            fcntl.fcntl(self._reports, fcntl.F_SETPIPE_SZ, _PIPE)

    def __contains__(self, cookie: int) -> bool:
        return cookie in self._sockets

    def program(self, cookie: int) -> Program | None:
        """What was to use that socket; None if that is not known."""
        return self._sockets.get(cookie)

    @property
    def complete(self) -> bool:
        """Whether every socket that the command has connected until now was noted."""
        return self._complete

    def spawn(self, words: Sequence[str], environment: Mapping[str, str], mask: Iterable[int]) -> int:
        """As `child.spawn`: the process, which is the command by now. Raises OSError if that could not be started."""
        job, jobs_end = socket.socketpair()
        failed, failing = socket.socketpair()
        with job, failed:
            with jobs_end, failing:
                process = self._launch(jobs_end.fileno(), self._keepers_end, failing.fileno(), *self._packets)
            with suppress(BrokenPipeError):
                job.sendall(encode_job(words, environment, mask))
            job.close()
            error = failed.recv(_NUMBER)  # nothing, once it has become the command
        self.take()
        if error or not self._began:
            os.waitpid(process, 0)
            number = int(error or errno.ECHILD)
            raise OSError(number, os.strerror(number))
        return process

    def _launch(self, *handed: int) -> int:
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-S", "-c", _PROGRAM, *map(str, handed)],
            os.environ,  # not the command's, which its processes are known by: the keeper is none of them
            file_actions=[(os.POSIX_SPAWN_DUP2, descriptor, descriptor) for descriptor in handed],
        )

    def take(self) -> None:
        """Whatever was reported by now. To be called by one thread."""
        with suppress(BlockingIOError):
            while reports := os.read(self._reports, _PIPE):
                self._take_whole(self._rest + reports)

    def close(self) -> None:
        """The keeper goes on by itself for what is left behind the filter."""
        os.close(self._reports)
        os.close(self._keepers_end)

    def _take_whole(self, reports: bytes) -> None:
        at = 0
        while (start := at + keeper.REPORT.size) <= len(reports):
            kind, value, other = keeper.REPORT.unpack_from(reports, at)
            if kind == keeper.PROGRAM:
                if start + other > len(reports):
                    break
                name, _, file = reports[start : start + other].partition(b"\0")
                self._programs[value] = Program(os.fsdecode(name), os.fsdecode(file))
                start += other
            else:
                self._reported(kind, value, other)
            at = start
        self._rest = reports[at:]

    def _reported(self, kind: int, value: int, other: int) -> None:
        if kind == keeper.USES:
            self._sockets[value] = self._programs.get(other)
            if len(self._sockets) > MOST_SOCKETS:
                del self._sockets[next(iter(self._sockets))]
        elif kind == keeper.NOT_WATCHED:
            self._began = True
            self.why_not = os.strerror(value)
        elif kind == keeper.MISSED:
            self._complete = False
        else:
            self._began = self._complete = True
            self.without_privileges = kind == keeper.WATCHED_WITHOUT_PRIVILEGES
