"""Fetches a URL into the file `f` on a loop, or with sockets, that are not the standard library's own.

python python_loops.py WAY URL CA
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import Coroutine
from pathlib import Path
from urllib.parse import urlsplit


def by_gevent(url: str, ca: str) -> bytes:
    """Several at once, in a program whose standard library gevent has replaced."""
    from gevent import monkey

    monkey.patch_all()
    from urllib.request import HTTPSHandler, ProxyHandler, build_opener

    import gevent

    def fetch() -> bytes:
        context = ssl.create_default_context(cafile=ca)
        with build_opener(ProxyHandler({}), HTTPSHandler(context=context)).open(url, timeout=30) as answer:
            content: bytes = answer.read()
        return content

    greenlets = [gevent.spawn(fetch) for _ in range(3)]
    gevent.joinall(greenlets, raise_error=True)
    contents = {greenlet.get() for greenlet in greenlets}
    return contents.pop() if len(contents) == 1 else b"they differ"


def by_uvloop_streams(url: str, ca: str) -> bytes:
    async def fetch() -> bytes:
        asked = urlsplit(url)
        context = ssl.create_default_context(cafile=ca)
        reader, writer = await asyncio.open_connection(asked.hostname, asked.port, ssl=context)
        writer.write(f"GET {asked.path} HTTP/1.1\r\nHost: {asked.netloc}\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        return answer.partition(b"\r\n\r\n")[2]

    return _on_uvloop(fetch())


def by_uvloop_aiohttp(url: str, ca: str) -> bytes:
    import aiohttp

    async def fetch() -> bytes:
        context = ssl.create_default_context(cafile=ca)
        async with aiohttp.ClientSession() as session, session.get(url, ssl=context) as answer:
            return await answer.read()

    return _on_uvloop(fetch())


def by_uvloop_httpx(url: str, ca: str) -> bytes:
    import httpx

    async def fetch() -> bytes:
        verify = ssl.create_default_context(cafile=ca)
        async with httpx.AsyncClient(verify=verify, trust_env=False) as client:
            return (await client.get(url)).content

    return _on_uvloop(fetch())


def by_uvloop_start_tls(url: str, ca: str) -> bytes:
    """In the clear at first, as after STARTTLS."""

    async def fetch() -> bytes:
        asked = urlsplit(url)
        reader, writer = await asyncio.open_connection(asked.hostname, asked.port)
        await writer.start_tls(ssl.create_default_context(cafile=ca), server_hostname=asked.hostname)
        writer.write(f"GET {asked.path} HTTP/1.1\r\nHost: {asked.netloc}\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        return answer.partition(b"\r\n\r\n")[2]

    return _on_uvloop(fetch())


def by_uvloop_in_threads(url: str, ca: str) -> bytes:
    """A library that knows nothing of loops, in threads beside one."""
    from http.client import HTTPSConnection

    def get() -> bytes:
        asked = urlsplit(url)
        connection = HTTPSConnection(asked.netloc, context=ssl.create_default_context(cafile=ca), timeout=30)
        connection.request("GET", asked.path)
        return connection.getresponse().read()

    async def fetch() -> bytes:
        return await asyncio.to_thread(get)

    return _on_uvloop(fetch())


def _on_uvloop(fetch: Coroutine[None, None, bytes]) -> bytes:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(fetch)


WAYS = {
    "gevent": by_gevent,
    "uvloop-streams": by_uvloop_streams,
    "uvloop-aiohttp": by_uvloop_aiohttp,
    "uvloop-httpx": by_uvloop_httpx,
    "uvloop-start-tls": by_uvloop_start_tls,
    "uvloop-threads": by_uvloop_in_threads,
}

if __name__ == "__main__":
    way, *asked = sys.argv[1:]
    Path("f").write_bytes(WAYS[way](*asked))
