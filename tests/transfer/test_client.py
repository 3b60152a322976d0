"""One exchange, given up while it ends."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
from typing import Any

from tests.net.loop import on_a_loop
from tests.real.raw_server import drain, raw_server, read_request
from transom.http.framing import Framing
from transom.http.messages import NO_HEADERS, Headers, Response
from transom.net.session import Timeouts
from transom.transfer.client import Exchanged, Road, exchange
from transom.transfer.url import parse_url
from transom.wire.tap import Buffer


class Received:
    """A receiver that tells when the response is whole."""

    def __init__(self) -> None:
        self.whole = asyncio.Event()

    def head(self, response: Response, framing: Framing) -> None: ...

    def body(self, data: Buffer) -> None: ...

    def end(self, trailer: Headers) -> None:
        self.whole.set()


@on_a_loop
async def test_an_exchange_given_up_while_the_server_takes_its_time_to_close_is_over_at_once() -> None:
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, fault: faults.append(fault))
    given_up = threading.Event()

    def lingering(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        drain(connection)  # the client's side is closed, ours is not
        given_up.wait(20)

    received = Received()
    road = Road(timeouts=Timeouts(linger=20))
    with raw_server(lingering) as port:
        url = parse_url(f"http://127.0.0.1:{port}/f")
        asking = asyncio.create_task(exchange(url, "GET", NO_HEADERS, received, road))
        await received.whole.wait()
        await asyncio.sleep(0)  # it has heard of it as well, and waits for the server
        asking.cancel()
        await asyncio.wait([asking])
        assert asking.cancelled()
        given_up.set()
        # The server takes the next when the first connection is closed: what comes of that is heard before.
        await exchange(url, "GET", NO_HEADERS, Received(), road)
    assert faults == []


@on_a_loop
async def test_an_exchange_given_up_before_its_connection_is_ours_leaves_no_error_behind() -> None:
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, fault: faults.append(fault))
    with raw_server(drain) as port:
        await _given_up_when_reached(f"http://127.0.0.1:{port}/f")
        await asyncio.sleep(0)  # the connection's end, which the loop tells in its next rounds
        await asyncio.sleep(0)
    gc.collect()  # whoever holds an error that nobody asked for reports it when it goes
    assert faults == []


async def _given_up_when_reached(url: str) -> None:
    asking: asyncio.Task[Exchanged]

    def give_up(_host: str, _proxy: str | None, _resolve: float, _connect: float) -> None:
        asking.cancel()

    asking = asyncio.create_task(exchange(parse_url(url), "GET", NO_HEADERS, Received(), Road(reached=give_up)))
    await asyncio.wait([asking])
    assert asking.cancelled()
