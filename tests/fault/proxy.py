"""A TCP proxy that does to a connection what a bad network does: it cuts, stalls, pauses, throttles, resets, corrupts.

A fault strikes the bytes on their way from the server to the client, at an offset counted from the connection's start.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from tests.transfer.background import Background

Kind = Literal["none", "cut", "stall", "pause", "throttle", "reset", "corrupt"]
KINDS: tuple[Kind, ...] = ("cut", "stall", "pause", "throttle", "reset", "corrupt")

_PIECE = 16 * 1024
_PAUSE = 0.15
"""Seconds: about as long as an impatient client waits."""
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER without a wait: closing sends RST


@dataclass(frozen=True)
class Fault:
    """What happens, from which byte on; a throttled connection passes `rate` bytes a second."""

    kind: Kind = "none"
    offset: int = 0
    rate: int = 1_000_000

    @classmethod
    def drawn(cls, chance: random.Random, size: int) -> Fault:
        """Any fault, somewhere in the bytes of a transfer of `size` or in the handshake before."""
        return cls(chance.choice(KINDS), chance.randrange(size + 4000), chance.randrange(2_000_000, 20_000_000))


class FaultProxy:
    """Listens on `port`; `fault` is what the next connection meets."""

    def __init__(self, target: int) -> None:
        self._target = target
        self.fault = Fault()
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self._running: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        self._server.close()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self.fault
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        up = asyncio.create_task(_passed_on(reader, back))
        down = asyncio.create_task(_struck(there, writer, fault))
        self._running |= {up, down}
        try:
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (up, down):
                task.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
            self._running -= {up, down}
            back.transport.abort()
            writer.close()


async def _passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_PIECE):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def _struck(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault) -> None:
    passed, paused = 0, False
    while data := await reader.read(_PIECE):
        before = max(fault.offset - passed, 0)
        if before < len(data):
            match fault.kind:
                case "cut":
                    writer.write(data[:before])
                    await writer.drain()
                    return
                case "reset":
                    writer.write(data[:before])
                    await writer.drain()
                    connection: socket.socket = writer.get_extra_info("socket")
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    writer.transport.abort()
                    return
                case "stall":
                    writer.write(data[:before])
                    await asyncio.Event().wait()
                case "pause" if not paused:
                    writer.write(data[:before])
                    await writer.drain()
                    await asyncio.sleep(_PAUSE)
                    passed, data, paused = passed + before, data[before:], True
                case "corrupt" if passed + before == fault.offset:
                    data = data[:before] + bytes([data[before] ^ 0x20]) + data[before + 1 :]
                case "throttle":
                    await asyncio.sleep(len(data) / fault.rate)
                case _:
                    pass
        passed += len(data)
        writer.write(data)
        await writer.drain()
    writer.write_eof()


@contextmanager
def fault_proxy(background: Background, target: int) -> Generator[FaultProxy]:
    """A proxy in front of the port `target` of loopback."""
    proxy = FaultProxy(target)
    background.run(proxy.start())
    try:
        yield proxy
    finally:
        background.run(proxy.stop())
