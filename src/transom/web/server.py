"""The live page on loopback, on a port of the system's choice."""

from __future__ import annotations

from collections.abc import Callable

from transom.transfer.serve import Server, run_server
from transom.web.model.opened import OpenedCapture
from transom.web.site import PageSite

HOST = "127.0.0.1"


async def start_page(opened: OpenedCapture) -> tuple[Server, str]:
    """The server, and the address of the page with its secret. For use inside a running loop."""
    site = PageSite(opened)
    server = Server(site)
    (endpoint,) = await server.listen(HOST, 0)
    site.hosts = (str(endpoint), f"localhost:{endpoint.port}")
    return server, f"http://{endpoint}/{site.token}/"


def serve_page(opened: OpenedCapture, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `say` is told the address once it is there."""

    async def starting() -> Server:
        server, address = await start_page(opened)
        say(address)
        return server

    run_server(starting)
