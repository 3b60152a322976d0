"""A connection that somebody made to the tunnel, while it is still spoken with: heads and handshakes, not bulk."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import h11

from transom.http.head import REQUEST_LIMITS, HeadReader, check_fields, check_line_ends, parse_request, server_side
from transom.http.messages import Request
from transom.value import value
from transom.wire.tap import Endpoint

_PIECE = 64 * 1024


class Left(Exception):
    """It has closed in the middle of what it said, or before."""


@value
class AskedInHttp:
    """A request: `head` is its bytes, `connection` has read them and expects the body."""

    request: Request
    head: bytes
    connection: h11.Connection


class Guest:
    """The bytes that came and were not used yet are in `came`."""

    def __init__(self, connection: socket.socket, address: Endpoint) -> None:
        connection.setblocking(False)
        self.connection = connection
        self.address = address
        self.came = b""
        self.has_said_all: Callable[[], bool] = lambda: False
        """Whether all that it will ever say has gone on, as far as whoever serves it knows."""
        self._loop = asyncio.get_running_loop()

    async def receive(self) -> bytes:
        """What is there, else what comes next. Raises Left at the end of the stream."""
        came, self.came = self.came, b""
        if not came:
            came = await self._loop.sock_recv(self.connection, _PIECE)
        if not came:
            raise Left
        return came

    async def exactly(self, count: int) -> bytes:
        """So many bytes. Raises Left."""
        while len(self.came) < count:
            more = await self._loop.sock_recv(self.connection, _PIECE)
            if not more:
                raise Left
            self.came += more
        taken, self.came = self.came[:count], self.came[count:]
        return taken

    async def peek(self) -> int:
        """The first byte that comes. Raises Left."""
        first = await self.exactly(1)
        self.came = first + self.came
        return first[0]

    async def request(self) -> AskedInHttp:
        """The next head. Raises Left, and HttpError with the status to answer with."""
        reader = HeadReader(REQUEST_LIMITS)
        head = None
        while head is None:
            data = await self.receive()
            head, taken = reader.receive(data)
            self.came = data[taken:]
        check_line_ends(head)
        connection = server_side()
        request = parse_request(connection, head)
        check_fields(request.headers, REQUEST_LIMITS)
        return AskedInHttp(request, head, connection)

    async def send(self, data: bytes | memoryview) -> None:
        """Send all of it."""
        await self._loop.sock_sendall(self.connection, data)
