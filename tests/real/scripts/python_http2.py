"""Fetches URLs of one server over one connection of HTTP/2, as one of Python's libraries does it, into files here.

python python_http2.py LIBRARY CA URL…
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit


def by_httpx(urls: list[str], ca: str) -> list[bytes]:
    import httpx

    with httpx.Client(http2=True, verify=ssl.create_default_context(cafile=ca)) as client:
        return [client.get(url).content for url in urls]


def by_async_httpx(urls: list[str], ca: str) -> list[bytes]:
    """Several requests at once, whose answers come mixed."""
    import httpx

    async def fetch() -> list[bytes]:
        async with httpx.AsyncClient(http2=True, verify=ssl.create_default_context(cafile=ca)) as client:
            first = await client.get(urls[0])
            return [first.content, *[answer.content for answer in await asyncio.gather(*map(client.get, urls[1:]))]]

    return asyncio.run(fetch())


def by_urllib3(urls: list[str], ca: str) -> list[bytes]:
    """It speaks HTTP/2 past proxies alone, one request after the other."""
    import urllib3.http2

    urllib3.http2.inject_into_urllib3()
    try:
        with urllib3.PoolManager(ca_certs=ca, block=True) as pool:
            return [pool.request("GET", url).data for url in urls]
    finally:
        urllib3.http2.extract_from_urllib3()


LIBRARIES = {"httpx": by_httpx, "httpx-async": by_async_httpx, "urllib3": by_urllib3}

if __name__ == "__main__":
    library, ca, *urls = sys.argv[1:]
    for url, content in zip(urls, LIBRARIES[library](urls, ca), strict=True):
        Path(urlsplit(url).path[1:]).write_bytes(content)
