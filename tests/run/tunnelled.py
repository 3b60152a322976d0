"""The tunnel by itself, in a thread of its own, for clients that say and read single bytes."""

from __future__ import annotations

import asyncio
import base64
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

from transom.errors import TransferError
from transom.run.admission import Admission
from transom.run.outward import Asked, Outward, Reached
from transom.run.tunnel import Tunnel
from transom.wire.tap import Buffer, Endpoints, Side

PATIENCE = 30
"""Seconds for anything to come."""


class Seen:
    """A tap: what crossed between the tunnel and one server, and how each side ended."""

    def __init__(self) -> None:
        self.said = {Side.CLIENT: bytearray(), Side.SERVER: bytearray()}
        self.ends: list[tuple[Side, str]] = []

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None: ...

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        self.said[side] += data

    def lost(self, side: Side, count: int, time: int) -> None: ...

    def closed(self, side: Side, time: int, how: str = "fin", packet: int = 0) -> None:
        self.ends.append((side, how))


class Lone:
    """A tunnel and who looks on."""

    def __init__(self) -> None:
        self.admission = Admission()
        self.tunnel = Tunnel(self.admission, Outward({}), self)
        self.seen: list[Seen] = []
        self.failed: list[str] = []
        self.full_at: int | None = None
        self._is_full = threading.Event()
        self.loop = asyncio.get_running_loop()

    def reached(self, reached: Reached) -> Seen:
        assert reached.connection.fileno() >= 0
        self.seen.append(Seen())
        return self.seen[-1]

    def not_reached(self, asked: Asked, error: TransferError) -> None:
        self.failed.append(f"{asked.authority}: {error}")

    def full(self, connections: int) -> None:
        self.full_at = connections
        self._is_full.set()

    def waits_to_be_full(self) -> bool:
        """Whether it was told that there was no room."""
        return self._is_full.wait(PATIENCE)

    def wait_until_empty(self) -> None:
        """Until no connection is open any more."""
        asyncio.run_coroutine_threadsafe(self.tunnel.all_over(PATIENCE), self.loop).result()

    @property
    def login(self) -> str:
        """The field that lets in."""
        url = urlsplit(self.tunnel.url)
        return f"Proxy-Authorization: Basic {base64.b64encode(f'{url.username}:{url.password}'.encode()).decode()}"

    def connected(self) -> socket.socket:
        return socket.create_connection((self.tunnel.endpoint.address, self.tunnel.endpoint.port), PATIENCE)

    def asked(self, start: str, *fields: str, body: bytes = b"") -> socket.socket:
        """A client that has said this, and that it may."""
        client = self.connected()
        client.sendall("\r\n".join([start, self.login, *fields, "", ""]).encode("latin-1") + body)
        return client


@contextmanager
def lone_tunnel() -> Generator[Lone]:
    over = asyncio.Event()
    started = threading.Event()
    lones: list[Lone] = []

    async def main() -> None:
        lone = Lone()
        lone.tunnel.start()
        lones.append(lone)
        started.set()
        await over.wait()
        await lone.tunnel.close()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    try:
        assert started.wait(PATIENCE)
        yield lones[0]
    finally:
        lones[0].loop.call_soon_threadsafe(over.set)
        thread.join(PATIENCE)


def read_head(connection: socket.socket) -> bytes:
    """A head, byte by byte, so that what follows stays."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = connection.recv(1)
        if not piece:
            break
        head += piece
    return head


def read_exactly(connection: socket.socket, count: int) -> bytes:
    came = b""
    while len(came) < count and (piece := connection.recv(count - len(came))):
        came += piece
    return came
