"""A server of ours, or anything else that needs a loop, running beside a test that blocks."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from transom.channel.interface import Channel
from transom.channel.plain import PlainChannel
from transom.transfer.access_log import Access
from transom.transfer.limits import ServerLimits
from transom.transfer.serve import Server
from transom.transfer.site import Site
from transom.wire.tap import Endpoint, Tap

T = TypeVar("T")


class Background:
    """A loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class Served:
    """A running server of ours: its endpoint, and the access log so far."""

    def __init__(self, background: Background) -> None:
        self.background = background
        self.server: Server
        self.endpoint: Endpoint
        self.log: list[Access] = []
        self._logged = threading.Condition()

    def note(self, access: Access) -> None:
        with self._logged:
            self.log.append(access)
            self._logged.notify_all()

    def logged(self, count: int) -> list[str]:
        """The access log once it has `count` lines: a client may be done before the server has written it."""
        with self._logged:
            assert self._logged.wait_for(lambda: len(self.log) >= count, 10), self.log
            return [str(access).partition("] ")[2] for access in self.log]

    def url(self, path: str = "/", scheme: str = "http", host: str | None = None) -> str:
        return f"{scheme}://{host or '127.0.0.1'}:{self.endpoint.port}{path}"


@contextmanager
def served(
    root: Path,
    *,
    channel_factory: Callable[[], Channel] = PlainChannel,
    tap_factory: Callable[[], Tap] | None = None,
    limits: ServerLimits | None = None,
    host: str = "127.0.0.1",
    **options: Any,
) -> Generator[Served]:
    """Serve `root` on a free port of loopback, with any channel."""
    background = Background()
    running = Served(background)

    async def start() -> None:
        running.server = Server(Site(root, **options), log=running.note, limits=limits)
        (running.endpoint,) = await running.server.listen(host, 0, channel_factory, tap_factory)

    try:
        background.run(start())
        try:
            yield running
        finally:
            background.run(running.server.stop(5))
    finally:
        background.close()


def say(server: Served, request: bytes) -> bytes:
    """Send these bytes and no more, and read until the server closes."""
    with socket.create_connection((server.endpoint.address, server.endpoint.port), 10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))
