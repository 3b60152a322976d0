"""The TCP and UDP sockets of this machine that are no more: Linux tells whoever wants to hear it of the end of each.

What was connected for less time than it takes to look for it can be known by that.
"""

from __future__ import annotations

import errno
import socket
import time
from contextlib import suppress

from transom.run.socket_diag import NETLINK_SOCK_DIAG, ends_in, found_in, is_socket, packed
from transom.wire.tap import Endpoint

MOST_ENDED = 2**14
"""So many of those that ended last are remembered."""

OF_TCP, OF_UDP = 1 << 0 | 1 << 2, 1 << 1 | 1 << 3
"""SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET6_TCP_DESTROY and those of UDP of linux/sock_diag.h, as bits."""

_ROOM = 2**22
"""Bytes that the kernel may keep for us, where any user may have so many."""

_SO_RCVBUFFORCE = 33
_ENOUGH = 8192


class EndedSockets:
    """From when it is made. To be asked by one thread. Raises OSError where the kernel does not tell."""

    def __init__(self, groups: int = OF_TCP) -> None:
        self.complete = True
        """Whether all were told of."""
        self._cookies: dict[bytes, tuple[int, int]] = {}
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, NETLINK_SOCK_DIAG)
        try:
            self._socket.bind((0, groups))
            self._socket.setblocking(False)
            self._make_room()
        except OSError:
            self._socket.close()
            raise

    def take(self) -> None:
        """Whatever was told by now."""
        while True:
            try:
                message = self._socket.recv(_ENOUGH)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self.complete = False
                continue
            if is_socket(message):
                self._cookies.pop(ends := ends_in(message), None)
                self._cookies[ends] = found_in(message).cookie, time.time_ns()
                if len(self._cookies) > MOST_ENDED:
                    del self._cookies[next(iter(self._cookies))]

    def cookie(self, local: Endpoint, remote: Endpoint, since: int) -> int:
        """Of the socket with that end that ended after `since`, in nanoseconds since the epoch; 0 if there is none."""
        cookie, ended = self._cookies.get(packed(local, remote), (0, 0))
        return cookie if ended > since else 0

    def close(self) -> None:
        self._socket.close()

    def _make_room(self) -> None:
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _ROOM)
        except PermissionError:
            with suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
