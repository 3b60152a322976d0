"""Plain HTTP through the tunnel: each request goes to the server that its URL names, and the answer comes back.

A client may keep its one connection to a proxy and ask another server with every request, so requests have to be taken
apart from each other, and answers too. Nothing is changed but what is between the client and its proxy: the
request-target loses scheme and authority (RFC 9112 §3.2.1), and the two fields for a proxy go.
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
from transom.http.events import BodyCut, BodyEnd, ResponseHead, Switched
from transom.http.framing import keeps_alive, request_framing
from transom.http.messages import Request
from transom.http.observed import HttpObserver
from transom.run.guest import AskedInHttp, Guest, Left
from transom.run.outward import Asked, Reached, asked_of
from transom.wire.tap import Side, Tap

Reach = Callable[[Asked], Awaitable[tuple[Reached, Tap]]]
Join = Callable[[Guest, Reached, Tap], Awaitable[None]]

Then = Literal["goes on", "closes", "switches"]
"""What becomes of a connection after an answer: the last is to another protocol (RFC 9110 §7.8)."""

_PIECE = 256 * 1024
_PATIENCE = 5.0
"""Seconds for the rest of a request that has been answered already."""

_ABSOLUTE = re.compile(r"http://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_FOR_A_PROXY = (b"proxy-authorization", b"proxy-connection")


class Forwarding:
    """One client's connection, request after request. `reach` connects to a server, `join` lets both speak freely."""

    def __init__(self, guest: Guest, reach: Reach, join: Join) -> None:
        self._guest = guest
        self._reach = reach
        self._join = join
        self._servers: dict[Asked, _Server] = {}

    async def forward(self, asked: AskedInHttp) -> bool:
        """One request and its answer; whether the connection may carry another. Raises HttpError, TransferError."""
        where, origin_target = server_of(asked.request)
        server = await self._server(where)
        proxy = server.reached.proxy
        head = forwarded_head(asked, origin_target if proxy is None else asked.request.target)
        if proxy is not None:
            line, _, fields = head.partition(b"\r\n")
            login = b"".join(b"%b: %b\r\n" % field for field in proxy.headers.raw)
            head = line + b"\r\n" + login + fields
        body = reader_for(request_framing(asked.request), asked.connection)
        then = await server.exchange(self._guest, head, body)
        if then == "switches":
            if "Upgrade" not in asked.request.headers:
                return False  # nobody asked: what the client says next may be for another server, with our secret in it
            del self._servers[where]
            await self._join(self._guest, server.reached, server.tap)
        return then == "goes on" and keeps_alive(asked.request)

    def close(self) -> None:
        """The client has gone, or is to go."""
        for server in self._servers.values():
            server.close()

    async def _server(self, where: Asked) -> _Server:
        server = self._servers.get(where)
        if server is not None and not server.is_stale():
            return server
        if server is not None:
            server.close()
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
        self._observer = HttpObserver()
        self._open = {Side.CLIENT, Side.SERVER}
        self._ended = self._switched = self._keeps = False
        self._heard = 0
        self._answer_end = 0

    def is_stale(self) -> bool:
        """Whether it has closed, or said something that nobody asked for."""
        try:
            self._connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True

    async def exchange(self, guest: Guest, head: bytes, body: BodyReader) -> Then:
        """One request and its answer."""
        self._ended = self._switched = False
        sending = asyncio.create_task(self._send_request(guest, head, body))
        guest.has_said_all = sending.done
        try:
            then = await self._pass_answer(guest)
            if then == "goes on" and not sending.done():
                # Answered before all was heard (RFC 9112 §9.5): what is still to come may be wanted or not.
                await asyncio.wait([sending], timeout=_PATIENCE)
        finally:
            sending.cancel()
            (outcome,) = await asyncio.gather(sending, return_exceptions=True)
        if isinstance(outcome, HttpError | Left):
            raise outcome
        return "closes" if isinstance(outcome, BaseException) and then == "goes on" else then

    def close(self) -> None:
        """Nothing more is asked of it."""
        for side in (Side.CLIENT, Side.SERVER):
            self._end(side)
        self._connection.close()

    async def _send_request(self, guest: Guest, head: bytes, body: BodyReader) -> None:
        with suppress(OSError):  # how the answer ends tells of it
            await self._send(head)
            body.receive(memoryview(b""))  # a body of no bytes ends here
            while not body.complete:
                data = await guest.receive()
                taken = body.receive(memoryview(data))
                if taken.broken is not None:
                    raise taken.broken
                guest.came = data[taken.count :]
                await self._send(data[: taken.count])

    async def _send(self, data: bytes) -> None:
        self._observer.receive(Side.CLIENT, data)
        self.tap.data(Side.CLIENT, data, time.time_ns())
        await self._loop.sock_sendall(self._connection, data)

    async def _pass_answer(self, guest: Guest) -> Then:
        """Until it has ended, by the rules of RFC 9112 §6.3; one that cannot be followed, until the connection has."""
        self._keeps = True
        while not self._ended and not self._switched:
            try:
                data = await self._loop.sock_recv(self._connection, _PIECE)
            except OSError:
                self._end(Side.SERVER, "reset")
                return "closes"
            if not data:
                self._end(Side.SERVER)
                return "closes"
            self._see(data)
            self.tap.data(Side.SERVER, data, time.time_ns())
            await guest.send(data if not self._ended else data[: self._answer_end - self._heard])
            self._heard += len(data)
        if self._ended and self._answer_end < self._heard:
            return "closes"  # it said more than was asked: the client would take it for what another server answers
        if self._switched:
            return "switches"
        return "goes on" if self._keeps else "closes"

    def _see(self, data: bytes) -> None:
        for seen in self._observer.receive(Side.SERVER, data):
            match seen.event:
                case ResponseHead(response, _):
                    self._keeps = keeps_alive(response)
                case BodyEnd() | BodyCut() if not self._ended:
                    self._ended = True
                    self._answer_end = seen.end
                case Switched():
                    self._switched = True
                case _:
                    pass

    def _end(self, side: Side, how: Literal["fin", "reset"] = "fin") -> None:
        if side in self._open:
            self._open.discard(side)
            self.tap.closed(side, time.time_ns(), how)


def server_of(request: Request) -> tuple[Asked, str]:
    """The server that an absolute URL names, and what to ask for there. Raises HttpError."""
    target = request.target
    found = _ABSOLUTE.fullmatch(target)
    if found is None:
        scheme = _SCHEME.match(target)
        if scheme is None or scheme[1].lower() == "http":
            raise HttpError("this is a proxy: it is asked for whole URLs (RFC 9112 §3.2.2)", status=400)
        raise HttpError(f"this proxy forwards http:// and tunnels anything else, not {scheme[1]}://", status=501)
    authority, path = found[1].rpartition("@")[2], found[2]
    if request.method == "OPTIONS" and not path:
        return asked_of(authority, 80), "*"  # of the server as a whole (RFC 9112 §3.2.4)
    return asked_of(authority, 80), path if path.startswith("/") else f"/{path}"


def forwarded_head(asked: AskedInHttp, target: str) -> bytes:
    """The head as it goes on, with this request-target and without what was meant for us."""
    request = asked.request
    _, *lines = asked.head.split(b"\r\n")
    kept = [f"{request.method} {target} HTTP/{request.version}".encode("ascii")]
    drops = False
    for line in lines:
        if line[:1] not in (b" ", b"\t"):  # else it goes on with the field before it
            drops = line.partition(b":")[0].lower() in _FOR_A_PROXY
        if not drops:
            kept.append(line)
    return b"\r\n".join(kept)
