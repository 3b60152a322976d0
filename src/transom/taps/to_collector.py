"""A sink in another process: events as messages on a socket that the environment names.

Each event is one message (SOCK_SEQPACKET keeps them apart and in order), so threads and forked children share the
socket without a lock, and say which of them it is. When whoever listens has gone, the program goes on untold.
"""

from __future__ import annotations

import _socket
import os
import socket
from struct import Struct

from .events import KEYS, RECEIVED, SENT
from .wire import MOST_TOGETHER

VARIABLE = "TRANSOM_TAPS"
"""Names the path of the socket."""

HEADER = Struct("<BIIQ")
"""Kind, process id, number of the connection, time; the payload follows."""

MOST = MOST_TOGETHER
"""Bytes of one payload."""

_IN_THE_SOCKET = 2**18
"""Bytes that may wait there, if the system lets it (`net.core.wmem_max`). A message has to fit whole."""

_OF_THE_KERNEL = 2**10
"""Bytes of that which are the kernel's, and the header's."""

_PATIENCE = 10.0
"""Seconds that a listener may let the program wait."""


class ToCollector:
    """Tells whoever listens at `path`, who reads `known_log` by itself. Raises OSError if nobody does."""

    outlives_a_fork = True

    def __init__(self, path: str, known_log: str = "") -> None:
        self.known_log = known_log
        # What goes through the C type itself is not told.
        self._socket = _socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.connect(path)
        self._socket.settimeout(_PATIENCE)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _IN_THE_SOCKET)
        self._most = min(MOST, self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) - _OF_THE_KERNEL)
        self._inode = os.fstat(self._socket.fileno()).st_ino
        self._listens = True

    def __call__(self, kind: int, number: int, time: int, payload: bytes) -> None:
        if kind == KEYS:
            for line in payload.splitlines(keepends=True):
                self._tell(kind, number, time, line)
        elif kind in (SENT, RECEIVED):
            view = memoryview(payload)
            for start in range(0, len(payload), self._most):
                self._tell(kind, number, time, view[start : start + self._most])
        else:
            self._tell(kind, number, time, payload)

    def _tell(self, kind: int, number: int, time: int, payload: bytes | memoryview) -> None:
        try:
            # A program that closes all descriptors it has closes this one too, and may open another by its number.
            if self._listens and os.fstat(self._socket.fileno()).st_ino == self._inode:
                self._socket.sendmsg((HEADER.pack(kind, os.getpid(), number, time), payload))
        except OSError:
            self._listens = False
