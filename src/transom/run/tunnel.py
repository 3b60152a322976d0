"""The tunnel: a proxy on loopback that forwards what it is given as it is, and lets somebody look on.

It speaks what programs ask of a proxy, told apart by the first byte: CONNECT and plain HTTP in absolute form (RFC 9112
§3.2), or SOCKS5 (RFC 1928). It has no certificate and opens nothing: TLS is between the program and its server.
"""

from __future__ import annotations

import asyncio
import errno
import select
import socket
import time
from collections.abc import Callable, Coroutine
from contextlib import closing, suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Protocol

from transom.errors import HttpError, TransferError
from transom.http.reasons import reason_phrase
from transom.net.bind import bind, endpoint_of
from transom.net.bind import close as close_all
from transom.net.pump import TIMED_OUT
from transom.run import socks5
from transom.run.admission import CHALLENGE, Admission
from transom.run.forwarding import Forwarding
from transom.run.guest import WHOLE_HEAD, AskedInHttp, Guest, Left
from transom.run.outward import Asked, Outward, Reached, asked_of
from transom.run.relay import BUFFER, Relay
from transom.run.sockets import TcpSockets
from transom.wire.paged import paged
from transom.wire.tap import Endpoint, Tap

_A_MOMENT = 0.05
"""Seconds until it is tried again to take a connection, where there was no room for it or the system refused."""

_SILENT = 5.0
"""Seconds that a connection has to show whose it is, when others wait for its place."""

_TO_END = 0.5
"""Seconds that a server has to end what its client has ended, before it is looked whether the client is there."""

_NO_ROOM = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))

MOST_CONNECTIONS = 4000

_UNTIL_TURNED_AWAY, _TO_BE_TOLD = 10.0, 1.0
"""Seconds that one has to wait while the tunnel is full, and that it takes at most to tell it so."""

_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Watcher(Protocol):
    """Who looks on."""

    def reached(self, reached: Reached) -> Tap:
        """The tap of one more connection to a server; it is told everything from `opened` on."""
        ...

    def not_reached(self, asked: Asked, error: TransferError) -> None:
        """A server was asked for in vain."""
        ...

    def full(self, connections: int) -> None:
        """With so many connections others have to wait: there is no room for more, or no descriptor."""
        ...


class Tunnel:
    """It listens from `start` on, until `close`. It serves `places` connections at once; others wait to be taken."""

    def __init__(self, admission: Admission, outward: Outward, watcher: Watcher) -> None:
        self.places = MOST_CONNECTIONS
        self._admission = admission
        self._outward = outward
        self._watcher = watcher
        self._buffer = paged(BUFFER)
        self._guests: dict[asyncio.Task[None], Guest] = {}
        self._has_left = asyncio.Event()
        (self._sockets,) = bind(["127.0.0.1"], 0)
        self._accepting: list[asyncio.Task[None]] = []
        self.endpoint: Endpoint = endpoint_of(self._sockets[0])

    def start(self) -> None:
        """Take connections."""
        for one in self._sockets:
            one.setblocking(False)
            self._accepting.append(asyncio.create_task(self._accept(one)))

    @property
    def url(self) -> str:
        """What to give as a proxy, with the run's secret in it."""
        return self._admission.url(self.endpoint)

    async def all_over(self, seconds: float) -> None:
        """Wait until no connection is open any more, for so long at most.

        One whose client is no process's any more is dropped: it could only keep us waiting for the server.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._guests:
                    await asyncio.wait(self._guests, timeout=_TO_END)
                    self._drop_abandoned()

    def _drop_abandoned(self) -> None:
        silent = [(task, guest) for task, guest in self._guests.items() if guest.has_said_all()]
        if not silent:
            return
        with closing(TcpSockets()) as sockets:
            for task, guest in silent:
                if not sockets.inode(guest.address, self.endpoint):
                    task.cancel()

    async def close(self) -> None:
        """Take no more connections, and drop those that are open."""
        for task in (*self._accepting, *self._guests):
            task.cancel()
        await asyncio.gather(*self._accepting, *self._guests, return_exceptions=True)
        close_all(self._sockets)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            patience = loop.time() + _UNTIL_TURNED_AWAY
            while len(self._guests) >= self.places and loop.time() < patience:
                await self._make_room(lambda: _has_caller(listening))
            try:
                connection, address = await loop.sock_accept(listening)
            except OSError as error:
                if error.errno in _NO_ROOM:
                    await self._make_room(lambda: True)
                else:  # it has gone already, or there is a fault that may stay (accept(2)): those that are here go on
                    await asyncio.sleep(_A_MOMENT)
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            guest = Guest(connection, Endpoint(*address[:2]))
            if len(self._guests) >= self.places:
                await self._turn_away(guest)
                continue
            task = asyncio.create_task(self._serve(guest))
            self._guests[task] = guest
            task.add_done_callback(self._has_gone)

    async def _turn_away(self, guest: Guest) -> None:
        """Those that have a place may be waiting for what this one was to bring: better an error than no end."""
        with closing(guest.connection), suppress(OSError, TimeoutError):
            async with asyncio.timeout(_TO_BE_TOLD):
                full = f"the tunnel is full: it has {len(self._guests)} connections at once"
                await guest.send(_answer(HTTPStatus.SERVICE_UNAVAILABLE, full))
                await guest.take_leave()

    def _has_gone(self, task: asyncio.Task[None]) -> None:
        self._guests.pop(task).connection.close()  # here too: a task that is cancelled before its first step has no end
        self._has_left.set()

    async def _make_room(self, somebody_waits: Callable[[], bool]) -> None:
        """Wait until a connection is over; one that keeps a place and does not say whose it is gives way to others."""
        self._watcher.full(len(self._guests))
        self._has_left.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(_A_MOMENT):
                await self._has_left.wait()
        if self._has_left.is_set() or not somebody_waits():
            return
        before = time.monotonic() - _SILENT
        for task, guest in self._guests.items():
            if guest.since > before:
                break
            if not guest.is_admitted:
                task.cancel()
                break

    async def _serve(self, guest: Guest) -> None:
        try:
            if await guest.peek() == socks5.VERSION:
                await self._serve_socks(guest)
            else:
                await self._serve_http(guest)
        except (Left, OSError, TimeoutError, socks5.Refused):
            pass
        finally:
            guest.connection.close()

    # -- HTTP ----------------------------------------------------------------------------------------------------

    async def _serve_http(self, guest: Guest) -> None:
        try:
            await self._answer_requests(guest)
        except HttpError as error:
            await guest.send(_answer(error.status or HTTPStatus.BAD_REQUEST, str(error)))
        except TransferError as error:
            status = HTTPStatus.GATEWAY_TIMEOUT if error.exit_code == TIMED_OUT else HTTPStatus.BAD_GATEWAY
            await guest.send(_answer(status, str(error)))
        await guest.take_leave()

    async def _answer_requests(self, guest: Guest) -> None:
        forwarding = Forwarding(guest, self._reach_in_the_clear, self._join)
        try:
            goes_on = True
            while goes_on:
                asked = await guest.request()
                if not await self._admission.admits(asked.request.headers, guest, self.endpoint):
                    raise HttpError("this tunnel is for the command that it was made for", status=407)
                if asked.request.method == "CONNECT":
                    await self._connect(guest, asked)
                    return
                goes_on = await forwarding.forward(asked)
        finally:
            forwarding.close()

    async def _connect(self, guest: Guest, asked: AskedInHttp) -> None:
        reached, tap = await self._tunnelled(guest, asked_of(asked.request.target))
        try:
            await guest.send(_ESTABLISHED)
        except BaseException:
            reached.connection.close()
            raise
        await self._join(guest, reached, tap)

    # -- SOCKS ---------------------------------------------------------------------------------------------------

    async def _serve_socks(self, guest: Guest) -> None:
        admission = self._admission
        async with asyncio.timeout(WHOLE_HEAD):
            asked = await socks5.asked_by_socks(
                guest, admission.knows_password, lambda: admission.is_ours(guest.address, self.endpoint)
            )
        try:
            reached, tap = await self._tunnelled(guest, asked_of(asked.authority))
        except HttpError:  # a name that is none
            await socks5.not_understood(guest)
            return
        except TransferError as error:
            await socks5.not_reached(guest, error)
            return
        await socks5.granted(guest)
        await self._join(guest, reached, tap)

    # -- to the server -------------------------------------------------------------------------------------------

    async def _tunnelled(self, guest: Guest, asked: Asked) -> tuple[Reached, Tap]:
        reached = await self._or_say(asked, self._outward.tunnel_to(asked))
        return self._told(replace(reached, program=self._admission.program(guest.address, self.endpoint)))

    async def _reach_in_the_clear(self, asked: Asked) -> tuple[Reached, Tap]:
        return self._told(await self._or_say(asked, self._outward.ask_http(asked)))

    async def _or_say(self, asked: Asked, reaching: Coroutine[None, None, Reached]) -> Reached:
        try:
            return await reaching
        except TransferError as error:
            self._watcher.not_reached(asked, error)
            raise

    def _told(self, reached: Reached) -> tuple[Reached, Tap]:
        tap = self._watcher.reached(reached)
        tap.opened(reached.endpoints, reached.began)
        return reached, tap

    async def _join(self, guest: Guest, reached: Reached, tap: Tap) -> None:
        relay = Relay(guest.connection, reached.connection, self._buffer, tap)
        came, guest.came = guest.came, b""
        guest.has_said_all = relay.client_is_over
        try:
            relay.start(came)
            await asyncio.wait([relay.done])  # which, unlike `await`, leaves it for `close` to end
        finally:
            relay.close()


def _answer(status: int, why: str) -> bytes:
    """A whole answer of our own; the connection ends with it."""
    text = f"transom run: {why}\n".encode(errors="replace")
    head = f"HTTP/1.1 {status} {reason_phrase(status)}\r\n"
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        head += f"Proxy-Authenticate: {CHALLENGE}\r\n"
    head += f"Content-Type: text/plain; charset=utf-8\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n"
    return head.encode("ascii") + text


def _has_caller(listening: socket.socket) -> bool:
    """Whether a connection is there that nobody has taken yet."""
    poll = select.poll()
    poll.register(listening, select.POLLIN)
    return bool(poll.poll(0))
