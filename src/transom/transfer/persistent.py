"""Connections that carry several exchanges, one after the other (RFC 9112 §9.3), and wait for the next in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self

from transom.channel.interface import Channel, Established
from transom.errors import HttpError, TransferError, TransomError
from transom.net.pump import Pump
from transom.net.session import Connection
from transom.transfer.client_session import ClientSession
from transom.transfer.proxy import Proxy
from transom.wire.tap import Buffer

MOST_IDLE = 16
"""Connections that wait at the same time; of more, the one that waited longest is closed."""


class Place(NamedTuple):
    """Where a connection leads to, through what, and who made its channel: exchanges with all of it alike may share it.

    The last tells who is shown the user's certificate: a connection that was opened with it is not for an exchange that
    is to go without.
    """

    secure: bool
    host: str
    port: int
    proxy: Proxy | None
    channels: Callable[[str], Channel] | None


class PersistentConnection:
    """A session that hands the connection on to those of its exchanges: one at a time, or none.

    `channel` is what it speaks through, `pump` the connection's own, once there is one. `has_begun` is whether the
    exchange it carries has sent anything.
    """

    def __init__(self, channel: Channel, first: ClientSession) -> None:
        self.channel = channel
        self._session: ClientSession | None = first
        self.has_begun = True
        self._connection: Connection
        self._info = Established()
        self._ended = False
        self.pump: Pump

    def carry(self, session: ClientSession) -> None:
        """Begin another exchange; not before the one before has ended."""
        self._session, self.has_begun = session, False
        self._connection.wake()  # `writable` is called in a step of the connection's, where what is sent leaves

    def wait(self) -> None:
        """There is no other exchange yet."""
        self._session = None

    @property
    def is_reusable(self) -> bool:
        """Whether another exchange may go over it: the last has left it in order, and the server has not closed it."""
        return not self._ended and (self._session is None or self._session.is_reusable)

    # -- what the connection tells (net.session.Session) --------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        self._connection = connection
        if self._session is not None:
            self._session.opened(connection)

    def established(self, info: Established) -> None:
        self._info = info
        if self._session is not None:
            self._session.established(info)

    def data(self, data: Buffer) -> None:
        if self._session is None or not self.has_begun:
            raise HttpError("the server sent what answers no request")
        self._session.data(data)

    def writable(self) -> bool:
        if self._session is None:
            return False
        if not self.has_begun:
            self.has_begun = True
            self._session.opened(self._connection)
            self._session.established(self._info)
        return self._session.writable()

    def peer_closed(self, clean: bool) -> None:
        self._ended = True
        if self._session is not None:
            self._session.peer_closed(clean)
        else:
            self._connection.close()

    def lost(self, error: TransomError | None) -> None:
        self._ended = True
        if self._session is not None:
            self._session.lost(error)


class Pool:
    """The connections that wait for their next exchange on one `Road`; when it is left, all of them are closed.

    So they differ in nothing but their `Place`: whom to trust, the suites, the addresses of hosts are the same.
    """

    def __init__(self) -> None:
        self._idle: list[tuple[Place, PersistentConnection]] = []
        self._ending: list[PersistentConnection] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for _, connection in self._idle:
            self.end(connection)
        if kind is not None:
            self._abort()
        try:
            await self._all_closed()
        except asyncio.CancelledError:
            self._abort()
            await self._all_closed()
            raise

    def take(self, place: Place) -> PersistentConnection | None:
        """One that leads there, the last that was used; None when none waits."""
        self._idle = [waiting for waiting in self._idle if waiting[1].is_reusable]
        for waiting in reversed(self._idle):
            if waiting[0] == place:
                self._idle.remove(waiting)
                return waiting[1]
        return None

    def keep(self, place: Place, connection: PersistentConnection) -> None:
        """It waits now, if another exchange may go over it; else it ends."""
        if not connection.is_reusable:
            self.end(connection)
            return
        connection.wait()
        self._idle.append((place, connection))
        if len(self._idle) > MOST_IDLE:
            self.end(self._idle.pop(0)[1])

    def let_go(self, host: str, port: int) -> None:
        """Nothing else is wanted there: a server may have others waiting for their turn."""
        for waiting in [waiting for waiting in self._idle if waiting[0][1:3] == (host, port)]:
            self._idle.remove(waiting)
            self.end(waiting[1])

    def end(self, connection: PersistentConnection) -> None:
        """Close it, without waiting for the server to do the same; it is waited for when the pool is left."""
        connection.pump.close()
        self._ending = [ending for ending in self._ending if not ending.pump.closed.done()]
        self._ending.append(connection)

    def _abort(self) -> None:
        for connection in self._ending:
            connection.pump.abort(TransferError("the connection was given up"))

    async def _all_closed(self) -> None:
        if self._ending:
            await asyncio.wait([connection.pump.closed for connection in self._ending])
