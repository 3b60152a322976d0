"""Plain HTTP through the tunnel: each request goes to the server that its URL names, and the answer comes back.

A client may keep its one connection to a proxy and ask another server with every request, so requests have to be taken
apart from each other, and answers too. What is between the client and its proxy alone does not go on: `heads`.
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

from transom.errors import HttpError
from transom.http.body import BodyReader, reader_for
from transom.http.framing import keeps_alive, request_framing
from transom.http.messages import Request
from transom.run.answers import Answers
from transom.run.guest import AskedInHttp, Guest, Left
from transom.run.heads import check_request, request_onward
from transom.run.outward import Asked, Reached, asked_of
from transom.wire.tap import Ending, Side, Tap

Reach = Callable[[Asked], Awaitable[tuple[Reached, Tap]]]
Join = Callable[[Guest, Reached, Tap], Awaitable[None]]

Then = Literal["goes on", "closes", "switches"]
"""What becomes of a connection after an answer: the last is to another protocol (RFC 9110 §7.8)."""

_PIECE = 256 * 1024
_PATIENCE = 5.0
"""Seconds without a byte of the rest of a request that has been answered already, before it is given up."""

_MOST_SERVERS = 16
"""Servers whose connections are kept for one client: beyond them the one that was asked longest ago is let go."""

_ABSOLUTE = re.compile(r"(?:http|ws)://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
"""aiohttp asks for a WebSocket by its own scheme, which is HTTP until it is switched (RFC 6455 §1.7)."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


class Forwarding:
    """One client's connection, request after request. `reach` connects to a server, `join` lets both speak freely."""

    def __init__(self, guest: Guest, reach: Reach, join: Join) -> None:
        self._guest = guest
        self._reach = reach
        self._join = join
        self._servers: dict[Asked, _Server] = {}

    async def forward(self, asked: AskedInHttp) -> bool:
        """One request and its answer; whether the connection may carry another. Raises HttpError, TransferError."""
        check_request(asked.request, asked.head)
        where, authority, origin_target = server_of(asked.request)
        server = await self._server(where)
        proxy = server.reached.proxy
        target = origin_target if proxy is None else asked.request.target
        head = request_onward(asked.request, asked.head, target, _new_host(asked.request, where, authority))
        if proxy is not None:
            line, _, fields = head.partition(b"\r\n")
            login = b"".join(b"%b: %b\r\n" % field for field in proxy.headers.raw)
            head = line + b"\r\n" + login + fields
        then = await server.exchange(self._guest, asked, head)
        if then == "switches":
            if "Upgrade" not in asked.request.headers:
                return False  # nobody asked: what the client says next may be for another server, with our secret in it
            del self._servers[where]
            await self._join(self._guest, server.reached, server.tap)
        return then == "goes on"

    def close(self) -> None:
        """The client has gone, or is to go."""
        for server in self._servers.values():
            server.close()

    async def _server(self, where: Asked) -> _Server:
        server = self._servers.get(where)
        if server is not None and not server.is_stale():
            self._servers[where] = self._servers.pop(where)  # the last to be let go
            return server
        if server is not None:
            server.close()
            del self._servers[where]
        while len(self._servers) >= _MOST_SERVERS:
            self._servers.pop(next(iter(self._servers))).close()
        reached, tap = await self._reach(where)
        self._servers[where] = _Server(reached, tap)
        return self._servers[where]


class _Server:
    """A connection to one server."""

    def __init__(self, reached: Reached, tap: Tap) -> None:
        self.reached = reached
        self.tap = tap
        self._connection = reached.connection
        self._loop = asyncio.get_running_loop()
        self._answers = Answers()
        self._open = {Side.CLIENT, Side.SERVER}
        self._sent = 0

    def is_stale(self) -> bool:
        """Whether it has closed, or said something that nobody asked for."""
        try:
            self._connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True

    async def exchange(self, guest: Guest, asked: AskedInHttp, head: bytes) -> Then:
        """One request and its answer. Raises HttpError as long as the client may be answered by us, and Left."""
        body = reader_for(request_framing(asked.request), asked.connection)
        body.receive(memoryview(b""))  # a body of no bytes ends here
        waits = asked.connection.they_are_waiting_for_100_continue and not body.complete

        def closes() -> bool:
            """A client that waits to be told to go on, and is answered instead, sends no body (RFC 9110 §10.1.1)."""
            return not keeps_alive(asked.request) or (waits and not body.received)

        self._answers.next(asked.request, closes)
        sending = asyncio.create_task(self._send_request(guest, head, body))
        answering = asyncio.create_task(self._pass_answer(guest))
        guest.has_said_all = sending.done
        try:
            await asyncio.wait([sending, answering], return_when=asyncio.FIRST_COMPLETED)
            if not answering.done() and sending.exception() is None:
                await asyncio.wait([answering])
            if answering.done() and answering.exception() is None and answering.result() == "goes on":
                await self._send_the_rest(sending)
        finally:
            sending.cancel()
            answering.cancel()
            why, answered = await asyncio.gather(sending, answering, return_exceptions=True)
        if isinstance(why, Left) or (isinstance(why, HttpError) and not self._answers.began):
            raise why
        if isinstance(answered, BaseException):
            if isinstance(why, HttpError):
                return "closes"
            raise answered
        return "closes" if answered == "goes on" and not body.complete else answered

    async def _send_the_rest(self, sending: asyncio.Task[None]) -> None:
        """Of a request that was answered before all of it was heard: the rest may be wanted or not (RFC 9112 §9.5)."""
        sent = -1
        while not sending.done() and sent != self._sent:
            sent = self._sent
            await asyncio.wait([sending], timeout=_PATIENCE)

    def close(self) -> None:
        """Nothing more is asked of it."""
        for side in (Side.CLIENT, Side.SERVER):
            self._end(side)
        self._connection.close()

    async def _send_request(self, guest: Guest, head: bytes, body: BodyReader) -> None:
        with suppress(OSError):  # how the answer ends tells of it
            await self._send(head)
            while not body.complete:
                data = await guest.receive()
                taken = body.receive(memoryview(data))
                guest.came = data[taken.count :]
                if taken.broken is not None:
                    raise taken.broken
                await self._send(data[: taken.count])

    async def _send(self, data: bytes) -> None:
        self._answers.asked(data)
        self.tap.data(Side.CLIENT, data, time.time_ns())
        await self._loop.sock_sendall(self._connection, data)
        self._sent += len(data)

    async def _pass_answer(self, guest: Guest) -> Then:
        """Until it has ended, by the rules of RFC 9112 §6.3; one that cannot be followed, until the connection has."""
        answers = self._answers
        while not answers.ended and not answers.switched:
            try:
                data = await self._loop.sock_recv(self._connection, _PIECE)
            except OSError:
                self._end(Side.SERVER, "reset")
                guest.resets = True  # an end might be taken for that of the answer
                return "closes"
            if not data:
                self._end(Side.SERVER)
                return "closes"
            self.tap.data(Side.SERVER, data, time.time_ns())
            if onward := answers.receive(data):
                await guest.send(onward)
        if answers.switched:
            return "switches"
        # Had it said more than was asked, the client would take it for what another server answers.
        return "goes on" if answers.keeps else "closes"

    def _end(self, side: Side, how: Ending = "fin") -> None:
        if side in self._open:
            self._open.discard(side)
            self.tap.closed(side, time.time_ns(), how)


def server_of(request: Request) -> tuple[Asked, str, str]:
    """The server that an absolute URL names, as a value and as it is written, and what to ask for. Raises HttpError."""
    target = request.target
    found = _ABSOLUTE.fullmatch(target)
    if found is None:
        scheme = _SCHEME.match(target)
        if scheme is None or scheme[1].lower() in ("http", "ws"):
            raise HttpError("this is a proxy: it is asked for whole URLs (RFC 9112 §3.2.2)", status=400)
        raise HttpError(
            "this proxy forwards http:// and tunnels anything else, not {scheme}://", scheme=scheme[1], status=501
        )
    authority, path = found[1].rpartition("@")[2], found[2]
    if request.method == "OPTIONS" and not path:
        path = "*"  # of the server as a whole (RFC 9112 §3.2.4)
    elif not path.startswith("/"):
        path = f"/{path}"
    return asked_of(authority, 80), authority, path


def _new_host(request: Request, where: Asked, authority: str) -> str | None:
    """The Host field that this request has to have, where it is none that names its server."""
    with suppress(HttpError):
        if asked_of(request.headers.get("Host") or "", 80) == where:
            return None
    return authority
