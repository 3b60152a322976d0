"""A file server: one folder or file, on as many addresses as wanted, over any channel."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence

from transom.channel.interface import Channel
from transom.channel.plain import PlainChannel
from transom.net.bind import Sockets, bind
from transom.net.listen import Accepted, Listener, Room
from transom.transfer.access_log import Access
from transom.transfer.health import is_worth_a_line
from transom.transfer.limits import ServerLimits
from transom.transfer.server_session import Answering, Log, ServerSession
from transom.wire.tap import Endpoint, Tap


class Server:
    """Serves a site once it listens; for use inside a running loop.

    Over TLS and in the clear at once: call `listen` or `take` for each. `log` is called at the end of every exchange.
    """

    def __init__(self, site: Answering, *, log: Log | None = None, limits: ServerLimits | None = None) -> None:
        self._site = site
        self._log = _without_health(log) if log is not None else None
        self._limits = limits or ServerLimits()
        self._room = Room(self._limits.connections, self._limits.connections_each)
        self._listeners: list[Listener] = []

    async def listen(
        self,
        host: str,
        port: int,
        channel_factory: Callable[[], Channel] = PlainChannel,
        tap_factory: Callable[[], Tap] | None = None,
    ) -> tuple[Endpoint, ...]:
        """Listen on `host` (all its addresses) and `port` (0: a free one); returns where that is.

        `channel_factory` makes the channel of each connection, `tap_factory` who looks on. Raises UsageError.
        """
        (sockets,) = bind([host], port)
        return await self.take(sockets, channel_factory, tap_factory)

    async def take(
        self,
        sockets: Sockets,
        channel_factory: Callable[[], Channel] = PlainChannel,
        tap_factory: Callable[[], Tap] | None = None,
    ) -> tuple[Endpoint, ...]:
        """Serve sockets that listen already, as `net.bind` makes them; `stop` closes them."""

        def accept() -> Accepted:
            session = ServerSession(self._site, self._limits, self._log)
            return Accepted(channel_factory(), session, tap_factory() if tap_factory else None)

        listener = Listener(accept, self._limits.timeouts, self._room)
        await listener.take(sockets)
        self._listeners.append(listener)
        return listener.endpoints

    @property
    def connections(self) -> int:
        """How many are open now."""
        return sum(listener.connections for listener in self._listeners)

    async def stop(self, grace: float = 10.0) -> None:
        """Take no more connections, let running transfers finish for up to `grace` seconds, and end."""
        await asyncio.gather(*(listener.stop(grace) for listener in self._listeners))
        self._site.close()


def _without_health(log: Log) -> Log:
    def selected(access: Access) -> None:
        if is_worth_a_line(access):
            log(access)

    return selected


STOPPED_BY = (signal.SIGINT, signal.SIGTERM)


def run_server(
    server_starting: Callable[[], Awaitable[Server]], stopped_by: Sequence[signal.Signals] = STOPPED_BY
) -> None:
    """Run a loop with the server that `server_starting` gives until SIGINT or SIGTERM, then stop it gracefully.

    A second signal drops the transfers that are still running. The signals may be blocked until they are heard here.
    """

    async def run() -> None:
        loop = asyncio.get_running_loop()
        signals: asyncio.Queue[None] = asyncio.Queue()
        for number in stopped_by:
            loop.add_signal_handler(number, signals.put_nowait, None)
        # One that finds no room there any more is one of many: nothing is lost, and nothing is to be said of it.
        signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, stopped_by)
        try:
            server = await server_starting()
            await signals.get()
            stopping = asyncio.create_task(server.stop())
            hurry = asyncio.create_task(signals.get())
            await asyncio.wait([stopping, hurry], return_when=asyncio.FIRST_COMPLETED)
            if not stopping.done():
                stopping.cancel()
                await server.stop(0)
        finally:
            # A loop closes what signals are told by before it ceases to be told of them.
            signal.pthread_sigmask(signal.SIG_BLOCK, stopped_by)

    try:
        asyncio.run(run())
    finally:
        while signal.sigtimedwait(stopped_by, 0) is not None:
            pass  # one more for a server that has stopped
        signal.pthread_sigmask(signal.SIG_UNBLOCK, stopped_by)
