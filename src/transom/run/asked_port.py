"""Which port a call that waits asks for, read from the memory of whoever made it.

Standard library alone, as `keeper`. Of a program that changes the address while its call waits it is the one before.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Callable
from struct import Struct

from transom.run.seccomp import Notification

_FAMILY = 2
"""Bytes of the family, in sockaddr_in and sockaddr_in6; the port is behind it."""

_BEGINS = 4

_MESSAGE = Struct("=QI")
"""What struct msghdr begins with, where pointers have 64 bits: the address and its length."""


_USED_BITS = 2**56 - 1
"""Of an address; on ARM64 those above may be a tag."""


def asked_port(notification: Notification, still_waits: Callable[[], bool]) -> int | None:
    """The port; None where there is none to be read, and nothing can come of it.

    `still_waits` is asked once the memory is open: whether it is still that of whoever called. Raises OSError where it
    cannot be read.
    """
    memory = os.open(f"/proc/{notification.thread}/mem", os.O_RDONLY)
    try:
        if not still_waits():
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
        pointer, length = _address(notification, memory)
        if pointer == 0 or length < _BEGINS:
            return None
        begins = _read(memory, _BEGINS, pointer)
        if int.from_bytes(begins[:_FAMILY], sys.byteorder) == socket.AF_UNSPEC:  # it takes a connection back
            return None
        return int.from_bytes(begins[_FAMILY:])
    finally:
        os.close(memory)


def _address(notification: Notification, memory: int) -> tuple[int, int]:
    """Where it is, and how long."""
    match notification.call:
        case "connect":
            pointer, length = notification.arguments[1:3]
        case "sendto":
            pointer, length = notification.arguments[4:6]
        case "sendmsg" if notification.wide:
            pointer, length = _MESSAGE.unpack(_read(memory, _MESSAGE.size, notification.arguments[1]))
        case _:  # several, or of a form that is not known here
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    return pointer, length & 0xFFFFFFFF


def _read(memory: int, size: int, at: int) -> bytes:
    found = os.pread(memory, size, at & _USED_BITS)
    if len(found) < size:
        raise OSError(errno.EFAULT, os.strerror(errno.EFAULT))
    return found
