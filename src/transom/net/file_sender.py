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
    its descriptor, made when it is first needed. It is watched until `rest`: a socket that was full will be full again.
    """

    def __init__(self, connection: socket.socket, room: Callable[[], None]) -> None:
        self._fd = connection.fileno()
        self._room = room
        self._loop = asyncio.get_running_loop()
        self._duplicate: int | None = None
        self._watching = False
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

    def rest(self) -> None:
        """There is nothing to send for now."""
        if self._watching and self._duplicate is not None:
            self._loop.remove_writer(self._duplicate)
        self._watching = self.waits = False

    def close(self) -> None:
        """Let go of the socket."""
        self.rest()
        if self._duplicate is not None:
            os.close(self._duplicate)
            self._duplicate = None

    def _wait(self) -> None:
        self.waits = True
        if self._duplicate is None:
            self._duplicate = os.dup(self._fd)
        if not self._watching:
            self._watching = True
            self._loop.add_writer(self._duplicate, self._has_room)

    def _has_room(self) -> None:
        if self.waits:
            self.waits = False
            self._room()
