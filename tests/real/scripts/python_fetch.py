"""Fetches a URL into the file `f`, as one of Python's libraries does it.

python python_fetch.py LIBRARY URL CA
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit


def by_urllib(url: str, ca: str) -> bytes:
    from urllib.request import urlopen

    with urlopen(url, context=ssl.create_default_context(cafile=ca)) as answer:
        content: bytes = answer.read()
    return content


def by_http_client(url: str, ca: str) -> bytes:
    from http.client import HTTPSConnection

    asked = urlsplit(url)
    connection = HTTPSConnection(asked.netloc, context=ssl.create_default_context(cafile=ca))
    connection.request("GET", asked.path)
    return connection.getresponse().read()


def by_requests(url: str, ca: str) -> bytes:
    import requests

    return requests.get(url, verify=ca, timeout=30).content


def by_urllib3(url: str, ca: str) -> bytes:
    import urllib3

    return urllib3.PoolManager(ca_certs=ca).request("GET", url).data


def by_httpx(url: str, ca: str) -> bytes:
    import httpx

    return httpx.get(url, verify=ssl.create_default_context(cafile=ca)).content


def by_aiohttp(url: str, ca: str, *, trust_env: bool = False) -> bytes:
    import aiohttp

    async def fetch() -> bytes:
        context = ssl.create_default_context(cafile=ca)
        async with aiohttp.ClientSession(trust_env=trust_env) as session, session.get(url, ssl=context) as answer:
            return await answer.read()

    return asyncio.run(fetch())


def by_aiohttp_with_trust_env(url: str, ca: str) -> bytes:
    return by_aiohttp(url, ca, trust_env=True)


LIBRARIES = {
    "urllib": by_urllib,
    "http.client": by_http_client,
    "requests": by_requests,
    "urllib3": by_urllib3,
    "httpx": by_httpx,
    "aiohttp": by_aiohttp,
    "aiohttp-trust-env": by_aiohttp_with_trust_env,
}

if __name__ == "__main__":
    library, *asked = sys.argv[1:]
    Path("f").write_bytes(LIBRARIES[library](*asked))
