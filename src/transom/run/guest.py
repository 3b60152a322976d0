"""A connection that somebody made to the tunnel, while it is still spoken with: heads and handshakes, not bulk."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

import h11

from transom.errors import HttpError
from transom.http.head import REQUEST_LIMITS, HeadReader, check_fields, check_line_ends, parse_request, server_side
from transom.http.messages import Request
from transom.value import value
from transom.wire.tap import Endpoint

_PIECE = 64 * 1024

FIRST_WORD = 60.0
"""Seconds that a connection may say nothing: a browser opens some ahead of time, and opens them again."""

WHOLE_HEAD = 30.0
"""Seconds from the first byte of what is asked, a head or a SOCKS handshake, to its last."""

_LISTENS_ON, _LISTENS_IN_ALL = 5.0, 30.0
"""Seconds for a client to end its side once we have ended ours: without a byte, and altogether."""

_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER on, no seconds: close with a reset


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
        self.is_admitted = False
        self.since = time.monotonic()
        self.resets = False
        """Whether it is to be reset, and not ended: what it had is not whole, and an end would say that it is."""
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
        """The first byte that comes. Raises Left, and TimeoutError after `FIRST_WORD`."""
        async with asyncio.timeout(FIRST_WORD):
            first = await self.exactly(1)
        self.came = first + self.came
        return first[0]

    async def request(self) -> AskedInHttp:
        """The next head. Raises Left, TimeoutError as `peek` does, and HttpError with the status to answer with."""
        await self.peek()
        try:
            async with asyncio.timeout(WHOLE_HEAD):
                head = await self._head()
        except TimeoutError:
            raise HttpError(
                "the head took more than {seconds:g} s", seconds=WHOLE_HEAD, status=HTTPStatus.REQUEST_TIMEOUT
            ) from None
        check_line_ends(head)
        connection = server_side()
        request = parse_request(connection, head)
        check_fields(request.headers, REQUEST_LIMITS)
        return AskedInHttp(request, head, connection)

    async def _head(self) -> bytes:
        reader = HeadReader(REQUEST_LIMITS)
        head = None
        while head is None:
            data = await self.receive()
            head, taken = reader.receive(data)
            self.came = data[taken:]
        return head

    async def send(self, data: bytes | memoryview) -> None:
        """Send all of it."""
        await self._loop.sock_sendall(self.connection, data)

    async def take_leave(self) -> None:
        """Say no more, and hear it out: closed with bytes unread, TCP would take back what we said (RFC 9112 §9.6)."""
        if self.resets:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            return
        self.has_said_all = lambda: True
        with suppress(OSError, TimeoutError, Left):
            self.connection.shutdown(socket.SHUT_WR)
            self.came = b""
            async with asyncio.timeout(_LISTENS_IN_ALL):
                while True:
                    async with asyncio.timeout(_LISTENS_ON):
                        await self.receive()
