"""Sockets that wait for others, and the connections that came of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Protocol, cast

from transom.channel.interface import Channel
from transom.errors import TransferError
from transom.net.bind import Sockets, bind, endpoint_of
from transom.net.pump import Pump, receive_buffer
from transom.net.session import Session, Timeouts
from transom.value import value
from transom.wire.tap import Endpoint, Side, Tap

MOST_CONNECTIONS = 500
"""As many as fit, each with a file, into the 1024 descriptors that a process is commonly given."""


class ServerSession(Session, Protocol):
    """A session that can be asked to come to its end."""

    @property
    def rests(self) -> bool:
        """Whether nothing is begun: its peer has yet to ask for something."""
        ...

    def stop(self) -> None:
        """Finish what was begun, begin nothing new, close."""
        ...


class Room:
    """For so many connections at a time, and so many from one peer, at all the listeners that share it.

    A connection that rests keeps nobody out: where there is no place, of those that rest the first that came lets go.
    """

    def __init__(self, most: int = MOST_CONNECTIONS, most_each: int | None = None) -> None:
        self._most = most
        self._most_each = most if most_each is None else most_each
        self._guests: dict[Pump, tuple[str, ServerSession]] = {}
        """In the order in which they came."""
        self._held: Counter[str] = Counter()

    def has_place(self, peer: str) -> bool:
        """Whether there is one for one more from `peer`, now or once another was let go."""
        if self._held[peer] >= self._most_each:
            return self._lets_one_go(lambda other: other == peer)
        return len(self._guests) < self._most or self._lets_one_go(lambda _: True)

    def enter(self, pump: Pump, session: ServerSession, peer: str) -> None:
        """One of `peer` has come."""
        self._guests[pump] = peer, session
        self._held[peer] += 1

    def leave(self, pump: Pump) -> None:
        """One is gone; it may have been let go before."""
        if guest := self._guests.pop(pump, None):
            peer, _ = guest
            self._held[peer] -= 1
            if not self._held[peer]:
                del self._held[peer]

    def _lets_one_go(self, is_meant: Callable[[str], bool]) -> bool:
        for pump, (peer, session) in self._guests.items():
            if is_meant(peer) and session.rests and not pump.unsent:
                self.leave(pump)
                pump.abort(TransferError("it had asked for nothing, and its place was needed for another"))
                return True
        return False


@value
class Accepted:
    """What a new connection is given."""

    channel: Channel
    session: ServerSession
    tap: Tap | None = None


class Listener:
    """One host and port that is listened on, until `stop`.

    `accept` is asked once a connection, before its first byte. One that the `room` has no place for is closed at once:
    its peer learns that, instead of waiting behind those that hold the others.
    """

    def __init__(self, accept: Callable[[], Accepted], timeouts: Timeouts, room: Room | None = None) -> None:
        self._accept = accept
        self._timeouts = timeouts
        self._room = room or Room()
        self._buffer = receive_buffer()
        self._open: dict[Pump, ServerSession] = {}
        self._servers: list[asyncio.Server] = []
        self._stopping = False
        self.endpoints: tuple[Endpoint, ...] = ()

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._open)

    async def start(self, host: str, port: int) -> None:
        """Listen on every address of `host`; port 0 takes a free one, the same on all. UsageError if it cannot."""
        (sockets,) = bind([host], port)
        await self.take(sockets)

    async def take(self, sockets: Sockets) -> None:
        """Serve these, which listen already; they are closed by `stop`."""
        loop = asyncio.get_running_loop()
        for bound in sockets:
            server = await loop.create_server(lambda: _Arrival(self._admit), sock=bound, backlog=1024)
            self._servers.append(server)
            self.endpoints += (endpoint_of(bound),)

    async def stop(self, grace: float) -> None:
        """Take no more connections, let those that are there finish, and drop what is left after `grace` seconds."""
        self._stopping = True  # what was accepted a moment ago has yet to ask for its pump
        for server in self._servers:
            server.close()
        for session in list(self._open.values()):
            session.stop()
        await self._all_closed(grace)
        for pump in list(self._open):
            pump.abort(TransferError("the server stopped and {seconds:g} s of grace were over", seconds=grace))
        await self._all_closed(None)

    async def _all_closed(self, seconds: float | None) -> None:
        if self._open:
            await asyncio.wait([pump.closed for pump in self._open], timeout=seconds)

    def _admit(self, address: str) -> Pump | None:
        """The pump of one more connection from `address`, if there is room for it."""
        peer = _peer(address)
        if self._stopping or not self._room.has_place(peer):
            return None
        accepted = self._accept()
        pump = Pump(accepted.channel, accepted.session, Side.SERVER, self._buffer, self._timeouts, accepted.tap)
        self._open[pump] = accepted.session
        self._room.enter(pump, accepted.session, peer)
        pump.closed.add_done_callback(lambda _: self._forget(pump))
        return pump

    def _forget(self, pump: Pump) -> None:
        del self._open[pump]
        self._room.leave(pump)


class _Arrival(asyncio.Protocol):
    """A connection of which nothing is known yet: who it is from decides whether there is room for it."""

    def __init__(self, admit: Callable[[str], Pump | None]) -> None:
        self._admit = admit

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername")
        pump = self._admit(cast("str", peer[0])) if peer else None
        if pump is None:
            transport.close()
        else:
            transport.set_protocol(pump)
            pump.connection_made(transport)


def _peer(address: str) -> str:
    """Whose connections count together: an IPv6 network gives each of its machines 2^64 addresses to choose from."""
    parsed = ip_address(address)
    return f"{int(parsed) >> 64:x}::/64" if isinstance(parsed, IPv6Address) else address
