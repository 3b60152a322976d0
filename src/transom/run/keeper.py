"""Who holds the listener of `seccomp`: it notes which sockets a program connects, and lets each call go on at once.

A process of its own, which is there as long as any process behind the filter: a call that nobody lets go on hangs, and
once nobody holds the listener each one fails with ENOSYS. So what the command leaves running has a keeper when we are
long gone, and has one if we are killed.

A socket is noted by its cookie, the number that Linux gives to one socket alone and that sock_diag(7) tells of each.
Our copy of the descriptor is closed before the call goes on, so it never keeps a connection open.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
from contextlib import suppress
from pathlib import Path
from struct import Struct

from transom.run import seccomp

WATCHED, WATCHED_WITHOUT_PRIVILEGES, NOT_WATCHED, CONNECTS, MISSED = range(5)
"""What is reported: with NOT_WATCHED goes the number of the error, with CONNECTS the cookie of a socket."""

REPORT = Struct("=QQ")

_ROOM = 1.0
"""Seconds that one call waits, once, until those who read the reports have room for its own."""

_SO_PROTOCOL, _SO_DOMAIN, _SO_COOKIE = 38, 39, 57
_COOKIE = Struct("=Q")
_MPTCP = 262
"""Its connections are sockets of their own, each with its own cookie."""


def become_keeper(handed: socket.socket, reports: int) -> None:
    """In a process of its own: take the listener from `handed`, and hold nothing else that was open.

    What comes from a terminal, or is sent to end everybody, does not end it: those behind the filter end first.
    """
    os.setsid()
    os.chdir("/")
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    _close_all_but({handed.fileno(), reports})
    _, descriptors, _, _ = socket.recv_fds(handed, 1, 1)
    if not descriptors:  # it was not to be had
        return
    handed.send(b"\0")
    handed.close()
    keep(descriptors[0], Reporting(reports))


def keep(listener: int, reporting: Reporting) -> None:
    """Let calls go on until there is no process behind the filter any more."""
    waiting = select.poll()
    waiting.register(listener, select.POLLIN)
    while True:
        ((_, happened),) = waiting.poll()
        if not happened & select.POLLIN:  # POLLHUP
            return
        with suppress(FileNotFoundError):  # whoever called was killed
            notification = seccomp.receive(listener)
            try:
                _note(listener, notification, reporting)
            except Exception:  # whatever it is, it must not be the end of every connection
                reporting.report(MISSED)
            finally:
                seccomp.go_on(listener, notification)


class Reporting:
    """To those who read from the pipe `reports`, as long as they do."""

    def __init__(self, reports: int) -> None:
        os.set_blocking(reports, False)
        self._reports = reports
        self._patience = _ROOM
        self._owed = b""
        self._read = True

    def report(self, kind: int, value: int = 0) -> None:
        """Tell one thing; where there is no room for it, that something was not told, as soon as there is."""
        if not self._read:
            return
        report = self._owed + REPORT.pack(kind, value)
        if not self._wrote(report):
            select.select([], [self._reports], [], self._patience)
            self._patience = 0.0  # whoever is that slow shall not make the command slow
            if not self._wrote(report):
                self._owed = REPORT.pack(MISSED, 0)
                return
        self._owed = b""

    def _wrote(self, report: bytes) -> bool:
        try:
            os.write(self._reports, report)  # whole or not at all (pipe(7), PIPE_BUF)
        except BlockingIOError:
            return False
        except BrokenPipeError:
            self._read = False
        return True


def _note(listener: int, notification: seccomp.Notification, reporting: Reporting) -> None:
    if notification.descriptor is None:
        reporting.report(MISSED)
        return
    try:
        cookie = _cookie(listener, notification, notification.descriptor)
    except OSError as error:
        if error.errno in (errno.EBADF, errno.ENOTSOCK):  # it will not connect either
            return
        raise
    if cookie is not None:
        reporting.report(CONNECTS, cookie)


def _cookie(listener: int, notification: seccomp.Notification, descriptor: int) -> int | None:
    """Of the socket; None where it is not of the Internet. Raises OSError where there is no looking at it."""
    with socket.socket(fileno=_copy_of(listener, notification, descriptor)) as copy:
        if copy.getsockopt(socket.SOL_SOCKET, _SO_DOMAIN) not in (socket.AF_INET, socket.AF_INET6):
            return None
        if copy.getsockopt(socket.SOL_SOCKET, _SO_PROTOCOL) == _MPTCP:
            raise OSError(errno.EPROTONOSUPPORT, os.strerror(errno.EPROTONOSUPPORT))
        (cookie,) = _COOKIE.unpack(copy.getsockopt(socket.SOL_SOCKET, _SO_COOKIE, _COOKIE.size))
        return int(cookie)


def _copy_of(listener: int, notification: seccomp.Notification, descriptor: int) -> int:
    try:
        process = os.pidfd_open(notification.thread)
    except OSError:  # not its process's first thread
        process = os.pidfd_open(_process_of(notification.thread))
    try:
        if not seccomp.still_waits(listener, notification):
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
        return seccomp.descriptor_of(process, descriptor)
    finally:
        os.close(process)


def _process_of(thread: int) -> int:
    for line in Path(f"/proc/{thread}/status").read_bytes().splitlines():
        if line.startswith(b"Tgid:"):
            return int(line.split()[1])
    raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))


def _close_all_but(kept: set[int]) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 (names are all there is to them)
        if int(name) > 2 and int(name) not in kept:
            with suppress(OSError):  # the one that they were listed by
                os.close(int(name))
