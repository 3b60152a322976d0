"""A file server: one folder or file, on as many addresses as wanted, over any channel."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from transom.channel.interface import Channel
from transom.channel.plain import PlainChannel
from transom.net.listen import MOST_CONNECTIONS, Accepted, Listener
from transom.net.session import Timeouts
from transom.transfer.content import SEND_SIZE
from transom.transfer.server_session import Log, ServerSession
from transom.transfer.site import Site
from transom.wire.tap import Endpoint, Tap


@dataclass(frozen=True)
class ServerLimits:
    """What a server bears from its clients: seconds for a request head, and connections at a time for each listener."""

    head: float = 30.0
    connections: int = MOST_CONNECTIONS
    timeouts: Timeouts = field(default_factory=Timeouts)


class Server:
    """Serves `path` once it listens; for use inside a running loop.

    Over TLS and in the clear at once: call `listen` for each. `log` is called at the end of every exchange. Raises
    UsageError when `path` cannot be shared.
    """

    def __init__(
        self,
        path: Path,
        *,
        upload: bool = False,
        overwrite: bool = False,
        log: Log | None = None,
        limits: ServerLimits | None = None,
    ) -> None:
        self._site = Site(path, upload=upload, overwrite=overwrite)
        self._log = log
        self._limits = limits or ServerLimits()
        self._scratch = memoryview(bytearray(SEND_SIZE))
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

        def accept() -> Accepted:
            session = ServerSession(self._site, self._scratch, self._limits.head, self._log)
            return Accepted(channel_factory(), session, tap_factory() if tap_factory else None)

        listener = Listener(accept, self._limits.timeouts, self._limits.connections)
        await listener.start(host, port)
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


def run_server(server_starting: Callable[[], Awaitable[Server]]) -> None:
    """Run a loop with the server that `server_starting` gives until SIGINT or SIGTERM, then stop it gracefully.

    A second signal drops the transfers that are still running.
    """

    async def run() -> None:
        loop = asyncio.get_running_loop()
        signals: asyncio.Queue[None] = asyncio.Queue()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, signals.put_nowait, None)
        server = await server_starting()
        await signals.get()
        stopping = asyncio.create_task(server.stop())
        hurry = asyncio.create_task(signals.get())
        await asyncio.wait([stopping, hurry], return_when=asyncio.FIRST_COMPLETED)
        if not stopping.done():
            stopping.cancel()
            await server.stop(0)

    asyncio.run(run())
