"""Two sockets joined: ends and resets are passed on, and who reads slowly holds up who sends."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from transom.run.relay import BUFFER, Relay
from transom.wire.tap import Buffer, Endpoints, Side, Tap

MIB = 2**20


class Heard(Tap):
    """What a tap was told."""

    def __init__(self) -> None:
        self.count = {Side.CLIENT: 0, Side.SERVER: 0}
        self.ends: list[tuple[Side, str]] = []

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None: ...

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        self.count[side] += len(data)

    def lost(self, side: Side, count: int, time: int) -> None: ...

    def closed(self, side: Side, time: int, how: str = "fin", packet: int = 0) -> None:
        self.ends.append((side, how))


class Particular(Heard):
    """A tap that is best told 10,007 bytes at once, and keeps how many it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[int] = []

    def wants(self, side: Side, most: int) -> int:
        return min(10_007, most) if side is Side.SERVER else most

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        super().data(side, data, time, packet)
        self.pieces.append(len(data))


class Joined:
    """A relay between a client and a server, whose ends are `client` and `server`."""

    def __init__(self, sockets: list[socket.socket], heard: Heard) -> None:
        self.client, to_client, to_server, self.server = sockets
        for one in sockets:
            one.setblocking(False)
        self.heard = heard
        self.relay = Relay(to_client, to_server, memoryview(bytearray(BUFFER)), self.heard)
        self.relay.start()
        self.from_server = to_server
        self.loop = asyncio.get_running_loop()

    async def read_all(self, of: socket.socket) -> bytes:
        read = b""
        while piece := await self.loop.sock_recv(of, MIB):
            read += piece
        return read


def pair(listening: socket.socket) -> tuple[socket.socket, socket.socket]:
    one = socket.create_connection(listening.getsockname()[:2])
    return one, listening.accept()[0]


@contextmanager
def joined(heard: Heard | None = None) -> Generator[Joined]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client, to_client = pair(listening)
        to_server, server = pair(listening)
    sockets = [client, to_client, to_server, server]
    try:
        yield Joined(sockets, heard or Heard())
    finally:
        for one in sockets:
            one.close()


def test_the_end_of_one_direction_is_passed_on_and_the_other_goes_on() -> None:
    async def go() -> None:
        with joined() as ends:
            await ends.loop.sock_sendall(ends.client, b"question")
            ends.client.shutdown(socket.SHUT_WR)
            assert await ends.read_all(ends.server) == b"question"
            assert not ends.relay.done.done()
            await ends.loop.sock_sendall(ends.server, b"answer")
            ends.server.close()
            assert await ends.read_all(ends.client) == b"answer"
            await ends.relay.done
            assert ends.heard.ends == [(Side.CLIENT, "fin"), (Side.SERVER, "fin")]

    asyncio.run(asyncio.wait_for(go(), 60))


@pytest.mark.parametrize("who", Side)
def test_a_reset_is_passed_on_as_a_reset(who: Side) -> None:
    async def go() -> None:
        with joined() as ends:
            breaks, other = (ends.client, ends.server) if who is Side.CLIENT else (ends.server, ends.client)
            breaks.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            breaks.close()
            with pytest.raises(ConnectionResetError):
                await ends.loop.sock_recv(other, 1)
            await ends.relay.done
            assert ends.heard.ends == [(who, "reset")]

    asyncio.run(asyncio.wait_for(go(), 60))


def test_who_reads_nothing_holds_up_who_sends_and_little_is_held_meanwhile() -> None:
    content = os.urandom(64 * MIB)

    async def go() -> None:
        with joined() as ends:
            sending = asyncio.create_task(ends.loop.sock_sendall(ends.server, content))
            way = ends.relay._ways[Side.SERVER]
            while not way._rest:
                await asyncio.sleep(0)
            assert not ends.loop.remove_reader(ends.from_server)  # nobody reads there any more
            assert len(way._rest) <= BUFFER
            assert not sending.done()
            sending.add_done_callback(lambda _: ends.server.close())
            assert await ends.read_all(ends.client) == content
            assert ends.heard.count[Side.SERVER] == len(content)

    asyncio.run(asyncio.wait_for(go(), 120))


def test_bulk_is_read_in_the_amounts_that_the_tap_wants_and_all_of_it_comes() -> None:
    content = os.urandom(MIB)

    async def go() -> None:
        heard = Particular()
        with joined(heard) as ends:
            reading = asyncio.create_task(ends.read_all(ends.client))
            await ends.loop.sock_sendall(ends.server, content)
            ends.server.close()
            assert await reading == content
            assert sum(heard.pieces) == len(content)
            assert heard.pieces.count(10_007) > len(content) / 10_007 / 2
            assert max(heard.pieces) == 10_007

    asyncio.run(asyncio.wait_for(go(), 60))


def test_a_relay_that_is_dropped_while_bulk_gathers_waits_for_no_more() -> None:
    async def go() -> None:
        with joined() as ends:
            way = ends.relay._ways[Side.SERVER]
            await ends.loop.sock_sendall(ends.server, bytes(256 * 1024))
            while way._gathering is None or way._gathering.cancelled():
                await asyncio.sleep(0)
            ends.relay.close()
            assert way._gathering.cancelled()

    asyncio.run(asyncio.wait_for(go(), 60))
