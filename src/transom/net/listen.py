"""Sockets that wait for others, and the connections that came of them."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from transom.channel.interface import Channel
from transom.errors import TransferError, UsageError
from transom.net.pump import Pump, receive_buffer
from transom.net.session import Session, Timeouts
from transom.wire.tap import Endpoint, Side, Tap

MOST_CONNECTIONS = 500
"""Each may have a file open as well, and 1024 descriptors are what a process is commonly given."""


class ServerSession(Session, Protocol):
    """A session that can be asked to come to its end."""

    def stop(self) -> None:
        """Finish what was begun, begin nothing new, close."""
        ...


@dataclass(frozen=True)
class Accepted:
    """What a new connection is given."""

    channel: Channel
    session: ServerSession
    tap: Tap | None = None


class Listener:
    """One host and port that is listened on, until `stop`.

    `accept` is asked once a connection, before its first byte. Beyond `most` connections at a time a new one is
    closed at once: its peer learns that, instead of waiting behind those that hold the others.
    """

    def __init__(self, accept: Callable[[], Accepted], timeouts: Timeouts, most: int = MOST_CONNECTIONS) -> None:
        self._accept = accept
        self._timeouts = timeouts
        self._most = most
        self._buffer = receive_buffer()
        self._open: dict[Pump, ServerSession] = {}
        self._servers: list[asyncio.Server] = []
        self.endpoints: tuple[Endpoint, ...] = ()

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._open)

    async def start(self, host: str, port: int) -> None:
        """Listen on every address of `host`; port 0 takes a free one, the same on all. UsageError if it cannot."""
        loop = asyncio.get_running_loop()
        for bound in await _bind(host, port):
            self._servers.append(await loop.create_server(self._new_pump, sock=bound, backlog=1024))
            self.endpoints += (Endpoint(*bound.getsockname()[:2]),)

    async def stop(self, grace: float) -> None:
        """Take no more connections, let those that are there finish, and drop what is left after `grace` seconds."""
        for server in self._servers:
            server.close()
        for session in list(self._open.values()):
            session.stop()
        await self._all_closed(grace)
        for pump in list(self._open):
            pump.abort(TransferError(f"the server stopped and {grace:g} s of grace were over"))
        await self._all_closed(None)

    async def _all_closed(self, seconds: float | None) -> None:
        if self._open:
            await asyncio.wait([pump.closed for pump in self._open], timeout=seconds)

    def _new_pump(self) -> asyncio.BaseProtocol:
        if len(self._open) >= self._most:
            return _TurnedAway()
        accepted = self._accept()
        pump = Pump(
            accepted.channel,
            accepted.session,
            Side.SERVER,
            self._buffer,
            self._timeouts,
            accepted.tap,
        )
        self._open[pump] = accepted.session
        pump.closed.add_done_callback(lambda _: self._open.pop(pump))
        return pump


class _TurnedAway(asyncio.Protocol):
    """A connection more than there may be."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


async def _bind(host: str, port: int) -> list[socket.socket]:
    bound: list[socket.socket] = []
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )
        for family, _, _, _, address in found:
            bound.append(socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP))
            _bind_one(bound[-1], (address[0], port, *address[2:]))
            port = bound[-1].getsockname()[1]  # the free one that port 0 took is the port of all
    except (OSError, UnicodeError) as error:
        for opened in bound:
            opened.close()
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"cannot listen on {Endpoint(host, port)}: {reason}") from error
    return bound


def _bind_one(unbound: socket.socket, address: tuple[str | int, ...]) -> None:
    unbound.setblocking(False)
    if os.name == "posix":  # elsewhere the option would let two programs have one port
        unbound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if unbound.family == socket.AF_INET6:
        unbound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    unbound.bind(address)
