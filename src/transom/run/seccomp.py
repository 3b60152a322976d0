"""Linux's word on each connect(2) of a program before it is done: seccomp's user notification (seccomp_unotify(2)).

A filter of system calls is put before a program and all that it starts. It refuses nothing. At the calls that can make
a connection, or take one, the kernel stops the caller until whoever holds the listener has said that it may go on.

Standard library alone: `launching` runs it in a Python that has nothing else. Numbers and layouts are those of
linux/seccomp.h, linux/filter.h, linux/audit.h and the tables of system calls of the kernel.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
from struct import Struct
from typing import Literal, NamedTuple

_MSG_FASTOPEN = 0x20000000
"""With this flag a first send is a connect(2) as well (RFC 7413; send(2))."""

_SYS_CONNECT, SYS_LISTEN = 3, 4
"""What socketcall(2) is to do, where it is connect(2) or listen(2)."""

Name = Literal["connect", "listen", "sendto", "sendmsg", "sendmmsg", "socketcall", "io_uring_setup"]


class _Call(NamedTuple):
    """One system call that is told of: its number, and where not every one is, a test of an argument's low half.

    One of the values is enough.
    """

    name: Name
    number: int
    argument: int = 0
    operation: int = 0
    values: tuple[int, ...] = ()


_IS, _HAS = 0x15, 0x45  # BPF_JMP|BPF_K with BPF_JEQ, BPF_JSET


def _calls(connect: int, listen: int, sendto: int, sendmsg: int, sendmmsg: int) -> tuple[_Call, ...]:
    return (
        _Call("connect", connect),
        _Call("listen", listen),
        _Call("io_uring_setup", _IO_URING_SETUP),
        _Call("sendto", sendto, 3, _HAS, (_MSG_FASTOPEN,)),
        _Call("sendmsg", sendmsg, 2, _HAS, (_MSG_FASTOPEN,)),
        _Call("sendmmsg", sendmmsg, 3, _HAS, (_MSG_FASTOPEN,)),
    )


_IO_URING_SETUP = 425
_X86_64, _AARCH64 = 0xC000003E, 0xC00000B7
_I386, _ARM = 0x40000003, 0x40000028

_TOLD = {
    "x86_64": {
        _X86_64: _calls(42, 50, 44, 46, 307),
        _I386: (
            *_calls(362, 363, 369, 370, 345),
            _Call("socketcall", 102, 0, _IS, (_SYS_CONNECT, SYS_LISTEN)),
        ),
    },
    "aarch64": {_AARCH64: _calls(203, 201, 206, 211, 269), _ARM: _calls(283, 284, 290, 296, 374)},
}
"""By the kernel's machine: of each convention of system calls that its programs may have (AUDIT_ARCH_*) the calls.

x32's carry a bit in their number and are none of these: such programs pass."""

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_PIDFD_GETFD = 438
_SET_MODE_FILTER = 1
_SPEC_ALLOW, _NEW_LISTENER, _WAIT_KILLABLE_RECV = 1 << 2, 1 << 3, 1 << 5
"""It is no sandbox, so it asks for no mitigation. And once a call is taken only a signal that kills interrupts it: else
a connect(2) would come back with EINTR that never does (Linux 5.19)."""

_PR_SET_NO_NEW_PRIVS = 38

_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_LOAD, _RETURN = 0x20, 0x06  # BPF_LD|BPF_W|BPF_ABS, BPF_RET|BPF_K
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16
_INSTRUCTION = Struct("=HBBI")

_NOTIFICATION = Struct("=QIIiIQ6Q")
_RESPONSE = Struct("=QqiI")
_CONTINUE = 1
_IOCTL_RECV = 3 << 30 | _NOTIFICATION.size << 16 | 0x21 << 8
_IOCTL_SEND = 3 << 30 | _RESPONSE.size << 16 | 0x21 << 8 | 1
_IOCTL_ID_VALID = 1 << 30 | 8 << 16 | 0x21 << 8 | 2


class Notification(NamedTuple):
    """A system call that waits: `thread` makes it. `wide` where pointers and lengths in its structures have 64 bits."""

    id: int
    thread: int
    call: Name
    arguments: tuple[int, ...]
    wide: bool

    @property
    def descriptor(self) -> int:
        """The socket that it is about; not of socketcall and io_uring_setup."""
        return self.arguments[0] & 0xFFFFFFFF


def install() -> tuple[int, bool]:
    """Put the filter before this process from here on; the listener, and whether new privileges had to be given up.

    That is what the kernel asks of whoever has not CAP_SYS_ADMIN: programs that would run with another user's rights or
    with capabilities of their own (setuid, setcap) run without them (PR_SET_NO_NEW_PRIVS). Raises OSError where there
    is no such thing, or it is not allowed, or there is a listener already (EBUSY).
    """
    machine = platform.machine()
    if machine not in _TOLD:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    try:
        return _install(machine), False
    except PermissionError:
        _system_call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return _install(machine), True


def receive(listener: int) -> Notification:
    """The next one. Raises OSError with ENOENT where its process has been killed meanwhile."""
    room = bytearray(_NOTIFICATION.size)  # the kernel takes no other than zeroes
    fcntl.ioctl(listener, _IOCTL_RECV, room)
    id_, thread, _, number, convention, _, *arguments = _NOTIFICATION.unpack(room)
    by_number: dict[int, Name] = {
        call.number: call.name for told in _TOLD.values() for call in told.get(convention, ())
    }
    return Notification(id_, thread, by_number[number], tuple(arguments), convention in (_X86_64, _AARCH64))


def go_on(listener: int, notification: Notification) -> None:
    """Let the call be done as if nobody had asked. Raises OSError with ENOENT where its process is gone."""
    fcntl.ioctl(listener, _IOCTL_SEND, _RESPONSE.pack(notification.id, 0, 0, _CONTINUE))


def still_waits(listener: int, notification: Notification) -> bool:
    """Whether its process is still there, and so the number of its thread is not another's."""
    try:
        fcntl.ioctl(listener, _IOCTL_ID_VALID, notification.id.to_bytes(8, "little"))
    except OSError:
        return False
    return True


def descriptor_of(process: int, descriptor: int) -> int:
    """A copy of another process's descriptor; `process` is one of a pidfd (pidfd_getfd(2)). Raises OSError."""
    return _system_call("syscall", _PIDFD_GETFD, process, descriptor, 0)


def program(machine: str) -> bytes:
    """The filter as the kernel has it: struct sock_filter, one after the other."""
    told = _TOLD[machine]
    instructions: list[tuple[int, int, int, int]] = []
    for convention, calls in told.items():
        rows = [row for call in calls for row in _rows(call)]
        instructions += [(_LOAD, 0, 0, _ARCH_AT), (_IS, 0, len(rows) + 2, convention), (_LOAD, 0, 0, _NUMBER_AT), *rows]
        instructions.append((_RETURN, 0, 0, _ALLOW))
    instructions.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(_INSTRUCTION.pack(*instruction) for instruction in instructions)


def _rows(call: _Call) -> list[tuple[int, int, int, int]]:
    """They begin and end with the call's number loaded."""
    if not call.operation:
        return [(_IS, 0, 1, call.number), (_RETURN, 0, 0, _NOTIFY)]
    low_half = _ARGUMENTS_AT + 8 * call.argument  # both machines are little-endian
    tests = [row for value in call.values for row in ((call.operation, 0, 1, value), (_RETURN, 0, 0, _NOTIFY))]
    return [
        (_IS, 0, len(tests) + 2, call.number),
        (_LOAD, 0, 0, low_half),
        *tests,
        (_RETURN, 0, 0, _ALLOW),
    ]


def _install(machine: str) -> int:
    filter_ = program(machine)
    kept = ctypes.create_string_buffer(filter_, len(filter_))
    described = Struct("@HP").pack(len(filter_) // _INSTRUCTION.size, ctypes.addressof(kept))  # struct sock_fprog
    flags = _NEW_LISTENER | _WAIT_KILLABLE_RECV | _SPEC_ALLOW
    return _system_call("syscall", _SECCOMP[machine], _SET_MODE_FILTER, flags, described)


def _system_call(function: str, *arguments: int | bytes) -> int:
    called = getattr(ctypes.CDLL(None, use_errno=True), function)
    called.restype = ctypes.c_long
    result = called(*(ctypes.c_long(each) if isinstance(each, int) else each for each in arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(result)
