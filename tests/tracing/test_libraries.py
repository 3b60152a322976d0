"""The libraries that people use, inside a traced block: what they fetch is in the trace, decrypted, byte for byte."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import ssl
import urllib.request
from collections.abc import Callable
from pathlib import Path

import aiohttp
import httpx
import pytest
import requests
import trio
import urllib3

import transom
from tests.real.certificates import Authority
from tests.real.tshark import Wireshark
from tests.tracing.conftest import CONTENT

Fetch = Callable[[str, Path], bytes]
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def _requests(url: str, ca: Path) -> bytes:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, verify=str(ca), timeout=20).content


def _urllib3(url: str, ca: Path) -> bytes:
    with urllib3.PoolManager(ca_certs=str(ca)) as pool:
        return pool.request("GET", url, timeout=20).data


def _httpx(url: str, ca: Path) -> bytes:
    with httpx.Client(verify=ssl.create_default_context(cafile=str(ca)), trust_env=False) as client:
        return client.get(url).content


def _async_httpx(url: str, ca: Path) -> bytes:
    async def fetch() -> bytes:
        verify = ssl.create_default_context(cafile=str(ca))
        async with httpx.AsyncClient(verify=verify, trust_env=False) as client:
            return (await client.get(url)).content

    return asyncio.run(fetch())


def _aiohttp(url: str, ca: Path) -> bytes:
    async def fetch() -> bytes:
        context = ssl.create_default_context(cafile=str(ca))
        async with aiohttp.ClientSession() as session, session.get(url, ssl=context) as response:
            return await response.read()

    return asyncio.run(fetch())


def _urllib(url: str, ca: Path) -> bytes:
    context = ssl.create_default_context(cafile=str(ca))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    with opener.open(url, timeout=20) as answer:
        content: bytes = answer.read()
    return content


def _http_client(url: str, ca: Path) -> bytes:
    host, _, path = url.removeprefix("https://").partition("/")
    context = ssl.create_default_context(cafile=str(ca))
    connection = http.client.HTTPSConnection(host, context=context, timeout=20)
    connection.request("GET", f"/{path}")
    content = connection.getresponse().read()
    connection.close()
    return content


def _asyncio_streams(url: str, ca: Path) -> bytes:
    async def fetch() -> bytes:
        host, _, path = url.removeprefix("https://").partition("/")
        name, _, port = host.partition(":")
        context = ssl.create_default_context(cafile=str(ca))
        reader, writer = await asyncio.open_connection(name, int(port), ssl=context)
        writer.write(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        return answer.partition(b"\r\n\r\n")[2]

    return asyncio.run(fetch())


def _trio(url: str, ca: Path) -> bytes:
    async def fetch() -> bytes:
        host, _, path = url.removeprefix("https://").partition("/")
        name, _, port = host.partition(":")
        context = ssl.create_default_context(cafile=str(ca))
        stream = await trio.open_ssl_over_tcp_stream(name, int(port), ssl_context=context, https_compatible=True)
        async with stream:
            await stream.send_all(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join([piece async for piece in stream])
        return answer.partition(b"\r\n\r\n")[2]

    return trio.run(fetch)


FETCHES = [_requests, _urllib3, _httpx, _async_httpx, _aiohttp, _urllib, _http_client, _asyncio_streams]


@pytest.mark.parametrize("fetch", FETCHES, ids=lambda fetch: fetch.__name__.strip("_"))
def test_what_a_library_fetched_is_in_the_trace_with_the_keys(
    fetch: Fetch, https: int, version: ssl.TLSVersion, authority: Authority, tmp_path: Path
) -> None:
    trace = tmp_path / "x.pcapng"
    with transom.trace(trace, cacert=authority.root, sha256=True) as seen:
        content = fetch(f"https://localhost:{https}/file.bin", authority.root)
    assert content == CONTENT
    (conversation,) = seen.conversations
    assert (conversation.protocol, conversation.host) == ("tls", "localhost")
    assert conversation.server == f"127.0.0.1:{https}"
    assert conversation.version == f"TLSv1.{version - 0x301}"
    assert (conversation.decrypted, conversation.verdict) == ("full", "trusted")
    (request,) = conversation.requests
    assert (request.method, request.url) == ("GET", f"https://localhost:{https}/file.bin")
    assert (request.status, request.received, request.sha256) == (200, len(CONTENT), SHA256)
    assert seen.unseen_sessions == 0

    wireshark = Wireshark(trace, {https: "tls"})
    assert wireshark.oddities() == ""
    assert wireshark.exported(tmp_path / "objects") == [SHA256]
    assert trace.stat().st_mode & 0o777 == 0o600


def test_trio_that_was_imported_before_is_counted_as_unseen(https: int, authority: Authority) -> None:
    with transom.trace() as seen:
        assert _trio(f"https://localhost:{https}/file.bin", authority.root) == CONTENT
    assert seen.conversations == ()
    assert seen.unseen_sessions == 1
