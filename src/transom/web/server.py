"""The live page on loopback, on a port of the system's choice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from transom.transfer.serve import Server, run_server
from transom.web.model.opened import OpenedCapture
from transom.web.model.reader import CaptureReader
from transom.web.site import PageSite

HOST = "127.0.0.1"


A_MOMENT = 0.2
"""Seconds: what is read in them is there when the page opens, so most captures are whole then."""

_TURN = 0.02
"""Seconds of reading before whoever asks for something has a turn."""

_WAITING = 0.1
"""Seconds until one looks again whether a file has grown."""


class PageAddress:
    """Where a page is. `lasting` has its secret in it, and is for whoever looks at the page alone."""

    def __init__(self, origin: str, site: PageSite) -> None:
        self.lasting = f"{origin}/{site.token}/"
        self._origin = origin
        self._site = site

    def once(self) -> str:
        """One that leads there once, soon: for the command line of a browser, which others read."""
        return f"{self._origin}/{self._site.entrance.ticket()}"


async def start_page(opened: OpenedCapture) -> tuple[Server, PageAddress]:
    """The server, and the address of the page. For use inside a running loop, which reads on.

    Raises CaptureError when the file is no capture.
    """
    begin = time.monotonic()
    while opened.reader.step() and time.monotonic() - begin < A_MOMENT:
        pass
    reading = asyncio.create_task(_read_on(opened.reader))
    site = PageSite(opened, closing=reading.cancel)
    server = Server(site)
    (endpoint,) = await server.listen(HOST, 0)
    site.hosts = (str(endpoint), f"localhost:{endpoint.port}")
    return server, PageAddress(f"http://{endpoint}", site)


async def _read_on(reader: CaptureReader) -> None:
    """Whenever nobody asks for anything."""
    wanted = asyncio.Event()
    reader.wanted = wanted.set
    while True:
        begin = time.monotonic()
        while has_read := reader.step():
            if time.monotonic() - begin > _TURN:
                break
        if has_read:
            await asyncio.sleep(0)
            continue
        with suppress(TimeoutError):
            await asyncio.wait_for(wanted.wait(), None if reader.is_whole else _WAITING)
        wanted.clear()


def serve_page(opened: OpenedCapture, say: Callable[[PageAddress], None]) -> None:
    """Serve until SIGINT or SIGTERM; `say` is told the address once it is there."""

    async def starting() -> Server:
        server, address = await start_page(opened)
        say(address)
        return server

    run_server(starting)
