"""Bytes of a file that go into a socket without passing through this process: `sendfile(2)`."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable

AT_ONCE = 1024 * 1024
"""At most so many bytes in one step: other connections have theirs between."""


class FileSender:
    """Sends from files into one socket; `room` is called when a socket that was full can take more.

    asyncio lets nobody else wait for a socket that one of its transports has, so the waiting is done on a duplicate of
    its descriptor, made when it is first needed.
    """

    def __init__(self, connection: socket.socket, room: Callable[[], None]) -> None:
        self._fd = connection.fileno()
        self._room = room
        self._loop = asyncio.get_running_loop()
        self._watched: int | None = None
        self.waits = False
        """The socket was full: nothing is to be sent before `room` is called."""

    def send(self, file: int, offset: int, most: int) -> int | None:
        """Send up to `most` bytes of the file from `offset` on; how many it took, None while it can take none.

        Raises OSError: of the socket, or of the file.
        """
        try:
            return os.sendfile(self._fd, file, offset, min(most, AT_ONCE))
        except BlockingIOError:
            self._wait()
            return None

    def close(self) -> None:
        """Wait no more."""
        if self._watched is not None:
            self._loop.remove_writer(self._watched)
            os.close(self._watched)
            self._watched = None

    def _wait(self) -> None:
        if self._watched is None:
            self._watched = os.dup(self._fd)
        self.waits = True
        self._loop.add_writer(self._watched, self._has_room)

    def _has_room(self) -> None:
        if self._watched is not None:
            self._loop.remove_writer(self._watched)
        self.waits = False
        self._room()
