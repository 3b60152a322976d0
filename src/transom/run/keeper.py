"""Who holds the listener of `seccomp`: it notes which sockets a program uses, and lets each call go on at once.

A process of its own, which is there as long as any process behind the filter: a call that nobody lets go on hangs, and
once nobody holds the listener each one fails with ENOSYS. So what the command leaves running has a keeper when we are
long gone, and has one if we are killed.

A socket is noted by its cookie, the number that Linux gives to one socket alone and that sock_diag(7) tells of each.
Our copy of the descriptor is closed before the call goes on, so it never keeps a connection open. By then the packet
socket, of which there is a copy here as long as somebody reads the reports, takes what comes by the port (`UsedPorts`).
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

from transom.net.descriptors import open_descriptors
from transom.run import seccomp
from transom.run.asked_port import asked_port
from transom.run.programs import Program, program_of
from transom.run.used_ports import UsedPorts, ports_of_inherited

WATCHED, WATCHED_WITHOUT_PRIVILEGES, NOT_WATCHED, USES, MISSED, PROGRAM = range(6)
"""What is reported: with NOT_WATCHED goes the number of the error, with USES the cookie of a socket that is to be
connected or to listen, and the number of the program that calls, with PROGRAM such a number, and how many bytes of its
name and its file follow, a zero between them."""

REPORT = Struct("=IQI")
"""Kind, and two values."""

NOT_KNOWN = 0
"""In the place of a program's number."""

MOST_PROGRAMS = 256
"""So many are told apart; of the others it is not known which they are."""

_LONGEST_PROGRAM = select.PIPE_BUF - 2 * REPORT.size
"""Bytes of a name and a file that a report has room for, with one that is owed."""

_ROOM = 1.0
"""Seconds that one call waits, once, until those who read the reports have room for its own."""

_SO_PROTOCOL, _SO_DOMAIN, _SO_COOKIE = 38, 39, 57
_COOKIE = Struct("=Q")
_MPTCP = 262
"""Its connections are sockets of their own, each with its own cookie."""


def become_keeper(handed: socket.socket, reports: int, packets: int | None) -> None:
    """In a process of its own: take the listener from `handed`, and hold nothing else that was open.

    `packets` is a packet socket, of which no more is wanted than the command's.

    What comes from a terminal, or is sent to end everybody, does not end it: those behind the filter end first.
    """
    os.setsid()
    os.chdir("/")
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    inherited = ports_of_inherited()
    _close_all_but({handed.fileno(), reports, *([] if packets is None else [packets])})
    _, descriptors, _, _ = socket.recv_fds(handed, 1, 1)
    if not descriptors:  # it was not to be had
        return
    ports = UsedPorts(None if packets is None else socket.socket(fileno=packets), inherited)
    handed.send(b"\0")
    handed.close()
    keep(descriptors[0], Reporting(reports), ports)


def keep(listener: int, reporting: Reporting, ports: UsedPorts) -> None:
    """Let calls go on until there is no process behind the filter any more."""
    waiting = select.poll()
    waiting.register(listener, select.POLLIN)
    waiting.register(reporting.descriptor, 0)
    while True:
        happened = dict(waiting.poll())
        if reporting.descriptor in happened:  # POLLERR: nobody reads any more
            waiting.unregister(reporting.descriptor)
            ports.close()
        if listener not in happened:
            continue
        if not happened[listener] & select.POLLIN:  # POLLHUP
            return
        with suppress(FileNotFoundError):  # whoever called was killed
            notification = seccomp.receive(listener)
            try:
                _note(listener, notification, reporting, ports)
            except Exception:  # whatever it is, it must not be the end of every connection
                reporting.report(MISSED)
                with suppress(OSError):
                    ports.add_all()
            finally:
                seccomp.go_on(listener, notification)


class Reporting:
    """To those who read from the pipe `reports`, as long as they do."""

    def __init__(self, reports: int) -> None:
        os.set_blocking(reports, False)
        self.descriptor = reports
        self._patience = _ROOM
        self._owed = b""
        self._read = True
        self._programs: dict[Program, int] = {}

    def uses(self, cookie: int, pid: int) -> None:
        """A socket is to be used by that process, which waits for it."""
        self.report(USES, cookie, self._number_of(pid))

    def _number_of(self, pid: int) -> int:
        """It is told what program that is before its number is used."""
        program = program_of(pid) if self._read else None
        if program is None:
            return NOT_KNOWN
        if program not in self._programs:
            text = b"\0".join(os.fsencode(part) for part in (program.name, program.file))
            if len(self._programs) >= MOST_PROGRAMS or len(text) > _LONGEST_PROGRAM:
                return NOT_KNOWN
            self._programs[program] = len(self._programs) + 1
            self.report(PROGRAM, self._programs[program], len(text), text)
        return self._programs[program]

    def report(self, kind: int, value: int = 0, other: int = 0, more: bytes = b"") -> None:
        """Tell one thing; where there is no room for it, that something was not told, as soon as there is."""
        if not self._read:
            return
        report = self._owed + REPORT.pack(kind, value, other) + more
        if not self._wrote(report):
            select.select([], [self.descriptor], [], self._patience)
            self._patience = 0.0  # whoever is that slow shall not make the command slow
            if not self._wrote(report):
                self._owed = REPORT.pack(MISSED, 0, 0)
                return
        self._owed = b""

    def _wrote(self, report: bytes) -> bool:
        try:
            os.write(self.descriptor, report)  # whole or not at all (pipe(7), PIPE_BUF)
        except BlockingIOError:
            return False
        except BrokenPipeError:
            self._read = False
        return True


def _note(listener: int, notification: seccomp.Notification, reporting: Reporting, ports: UsedPorts) -> None:
    call = notification.call
    if call in ("io_uring_setup", "socketcall"):
        ports.add_all()
        if (call, notification.arguments[0]) != ("socketcall", seccomp.SYS_LISTEN):
            reporting.report(MISSED)
        return
    try:
        pid, descriptor = _copy_of(listener, notification)
        copy = socket.socket(fileno=descriptor)
    except OSError as error:
        if error.errno in (errno.EBADF, errno.ENOTSOCK):  # it will not connect either
            return
        raise
    with copy:
        if copy.getsockopt(socket.SOL_SOCKET, _SO_DOMAIN) not in (socket.AF_INET, socket.AF_INET6):
            return
        protocol = copy.getsockopt(socket.SOL_SOCKET, _SO_PROTOCOL)
        (cookie,) = _COOKIE.unpack(copy.getsockopt(socket.SOL_SOCKET, _SO_COOKIE, _COOKIE.size))
        if call == "listen":
            reporting.uses(cookie, pid)
            _note_listening(copy, protocol, ports)
            return
        if protocol == _MPTCP:
            raise OSError(errno.EPROTONOSUPPORT, os.strerror(errno.EPROTONOSUPPORT))
    reporting.uses(cookie, pid)
    if protocol == socket.IPPROTO_TCP:
        try:
            port = asked_port(notification, lambda: seccomp.still_waits(listener, notification))
        except OSError:  # whichever it is
            ports.add_all()
            return
        if port is not None:
            ports.add(port)


def _note_listening(listening: socket.socket, protocol: int, ports: UsedPorts) -> None:
    port = listening.getsockname()[1]
    if port == 0 or protocol == _MPTCP:  # one that the kernel chooses; more than one
        ports.add_all()
    elif protocol == socket.IPPROTO_TCP:
        ports.add(port)


def _copy_of(listener: int, notification: seccomp.Notification) -> tuple[int, int]:
    """The process, and a copy of the descriptor that the call is about."""
    pid = notification.thread
    try:
        process = os.pidfd_open(pid)
    except OSError:  # not its process's first thread
        pid = _process_of(pid)
        process = os.pidfd_open(pid)
    try:
        if not seccomp.still_waits(listener, notification):
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
        return pid, seccomp.descriptor_of(process, notification.descriptor)
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
    for number in open_descriptors():
        if number > 2 and number not in kept:
            with suppress(OSError):  # the one that they were listed by
                os.close(number)
