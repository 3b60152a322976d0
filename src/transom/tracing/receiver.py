"""Where the taps of other processes tell what they see: a socket in a private folder, read by the loop.

`environment` is what a program has to be started with. Its taps come with it: `taps/site` stands first in PYTHONPATH.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import struct
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import transom.taps
from transom.taps.to_collector import HEADER, MOST, VARIABLE
from transom.tracing.collector import Receive

SITE = Path(transom.taps.__file__).parent / "site"

_PATH = "PYTHONPATH"
_MESSAGES_A_ROUND = 64
"""Read before other connections of the loop have their turn."""


class Receiver:
    """Tells `receive` each event, and `finish` when a process can tell no more. Close it when the program is over.

    The processes have numbers of ours: several interpreters within one are as many here, each with its own connections.
    """

    def __init__(self, receive: Receive, finish: Callable[[int], None]) -> None:
        self._receive = receive
        self._finish = finish
        self._folder = tempfile.TemporaryDirectory(prefix="transom-taps-")  # mode 0700
        self._path = str(Path(self._folder.name) / "socket")
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listening.bind(self._path)
        self._listening.listen(512)
        self._listening.setblocking(False)
        self._processes: dict[socket.socket, dict[int, int]] = {}
        """Of each connection to us: who shares it, by process id."""
        self._numbers = itertools.count()
        self._loop: asyncio.AbstractEventLoop | None = None

    def environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        """`environ` with the taps in it."""
        paths = [str(SITE), *filter(None, [environ.get(_PATH)])]
        return dict(environ) | {VARIABLE: self._path, _PATH: os.pathsep.join(paths)}

    def start(self) -> None:
        """Read whenever there is something, in the running loop."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._listening, self._accept)

    def close(self) -> None:
        """Read what there is still. What runs on in the background is told of no more."""
        self._accept()
        for connection in list(self._processes):
            while connection in self._processes and self._read(connection):
                pass
            self._drop(connection)
        if self._loop is not None:
            self._loop.remove_reader(self._listening)
        self._listening.close()
        self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:  # none is waiting, or its caller has gone
                return
            connection.setblocking(False)
            self._processes[connection] = {}
            if self._loop is not None:
                self._loop.add_reader(connection, self._read, connection)

    def _read(self, connection: socket.socket) -> bool:
        """Some messages; whether there may be more."""
        for _ in range(_MESSAGES_A_ROUND):
            try:
                message = connection.recv(HEADER.size + MOST)
            except BlockingIOError:
                return False
            except OSError:
                message = b""
            if not message:
                self._drop(connection)
                return False
            self._take(connection, message)
        return True

    def _take(self, connection: socket.socket, message: bytes) -> None:
        try:
            kind, process, number, time = HEADER.unpack_from(message)
        except struct.error:  # whoever it is speaks something else
            self._drop(connection)
            return
        sharing = self._processes[connection]
        if process not in sharing:
            sharing[process] = next(self._numbers)
        self._receive(sharing[process], (kind, number, time, message[HEADER.size :]))

    def _drop(self, connection: socket.socket) -> None:
        """The last process with this connection has ended."""
        for process in self._processes.pop(connection, {}).values():
            self._finish(process)
        if self._loop is not None:
            self._loop.remove_reader(connection)
        connection.close()
