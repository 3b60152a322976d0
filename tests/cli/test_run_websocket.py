"""A WebSocket (RFC 6455) under `transom run`: by Upgrade through the proxy, and within TLS through CONNECT."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.real.certificates import Authority
from tests.real.transom import MINUTE, User

CLIENT = """
import asyncio, ssl, sys
import aiohttp

async def main():
    tls = ssl.create_default_context(cafile=sys.argv[2])
    async with aiohttp.ClientSession(trust_env=True) as session:
        async with session.ws_connect(sys.argv[1], ssl=tls, max_msg_size=0) as socket:
            for size in (0, 1, 125, 126, 65536, 3_000_000):
                await socket.send_bytes(bytes(size))
                assert (await socket.receive_bytes()) == bytes(size), size
            await socket.send_str("leave")
            message = await socket.receive()
            assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 4000), message
            print("closed by", message.extra)

asyncio.run(main())
"""


async def _echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(max_msg_size=0)
    await socket.prepare(request)
    async for message in socket:
        if message.type is web.WSMsgType.TEXT:
            await socket.close(code=4000, message=b"the server")
        else:
            await socket.send_bytes(message.data)
    return socket


@contextmanager
def _server(tls: ssl.SSLContext | None) -> Generator[int]:
    """An echo, until it is told to leave. Gives the port."""
    loop = asyncio.new_event_loop()
    started, over = threading.Event(), asyncio.Event()
    ports: list[int] = []

    async def main() -> None:
        application = web.Application()
        application.router.add_get("/echo", _echo)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        ports.append(runner.addresses[0][1])
        started.set()
        await over.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    try:
        assert started.wait(MINUTE)
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(MINUTE)
        loop.close()


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_websocket_crosses_and_is_told(tmp_path: Path, scheme: str) -> None:
    authority = Authority(tmp_path)
    leaf = authority.leaf()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(leaf.chain, leaf.key)
    user = User.new(tmp_path)
    with _server(tls if scheme == "wss" else None) as port:
        words = sys.executable, "-c", CLIENT, f"{scheme}://localhost:{port}/echo", authority.root
        ran = user.run("run", "--json", "--summary", "lines", "--", *words)
    assert (ran.exit_code, ran.text) == (0, "closed by the server\n"), ran.stderr
    lines = [json.loads(line) for line in (user.folder / "lines").read_text().splitlines()]
    assert [(line["method"], line["status"]) for line in lines if line["type"] == "http"] == [("GET", 101)]
    (conversation,) = [line for line in lines if line["type"] == "conversation"]
    assert conversation["server_bytes"] > 3_000_000
    assert [line for line in lines if line["type"] == "problem"] == []
