"""Many conversations: a capture of small ones, and the table of a hundred thousand without one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from transom.capture.write import TraceWriter
from transom.tls.config import ClientConfig
from transom.tls.connection import client_connection
from transom.web.model.rows import Row
from transom.web.model.table import Table, TableWriter
from transom.wire.tap import Endpoint, Endpoints, Side

START = 1_700_000_000 * 10**9
APART = 10**6
_NAME = "host-000000.example"


def capture(path: Path, count: int) -> Path:
    """Conversations that take turns: a page over plain HTTP, and a ClientHello that is not answered while one looks.

    Every hundredth is reset in the middle of its answer.
    """
    hello = _client_hello()
    with TraceWriter(path, "tests") as writer:
        for number in range(count):
            _conversation(writer, number, hello)
    return path


def _conversation(writer: TraceWriter, number: int, hello: bytes) -> None:
    tap, time = writer.conversation(), START + number * APART
    client = Endpoint(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", 40000 + number % 20000)
    tap.opened(Endpoints(client, Endpoint("192.0.2.1", 443 if number % 2 else 80)), time)
    if number % 2:
        tap.data(Side.CLIENT, hello.replace(_NAME.encode(), _name(number).encode()), time + 1000)
    else:
        tap.data(Side.CLIENT, f"GET /page-{number} HTTP/1.1\r\nHost: example\r\n\r\n".encode(), time + 1000)
        tap.data(Side.SERVER, b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n", time + 2000)
        tap.data(Side.SERVER, b"part" if number % 100 == 0 else b"contents", time + 3000)
    if number % 100 == 0:
        tap.closed(Side.SERVER, time + 4000, "reset")
    elif number % 2 == 0:
        tap.closed(Side.CLIENT, time + 4000)
        tap.closed(Side.SERVER, time + 5000)


def _client_hello() -> bytes:
    client = client_connection(ClientConfig(verify=_never), _NAME)
    client.start()
    return bytes(client.take_outgoing())


def client_hello_for(name: bytes) -> bytes:
    """One that asks for a server of that name, whatever is in it: cut or filled up to the length of a usual one."""
    return _client_hello().replace(_NAME.encode(), name[: len(_NAME)].ljust(len(_NAME), b"x"))


def _never(chain: object, name: str) -> NoReturn:
    raise AssertionError(f"nobody answers as {name}: {chain}")


def _name(number: int) -> str:
    return f"host-{number:06}.example"


def table(count: int) -> Table:
    """A table without a capture, for reading one of that size takes longer than a test should."""
    writer = TableWriter()
    for row in rows(count):
        writer.add(row)
    return writer.table()


def rows(count: int) -> Iterator[Row]:
    """Row `n` is for `host-{n}.example` and carries n bytes; every thousandth has a problem."""
    for number in range(count):
        yield {
            "conversation": number,
            "client": f"10.0.{number >> 8 & 255}.{number & 255}:{40000 + number % 20000}",
            "server": "192.0.2.1:443",
            "protocol": "tls",
            "start": START + number * APART,
            "lasted": number * 1000,
            "client_bytes": 0,
            "server_bytes": number,
            "missing_bytes": 0,
            "version": "TLSv1.3" if number % 3 else "TLSv1.2",
            "cipher_suite": "TLS_AES_128_GCM_SHA256",
            "group": "x25519",
            "sni": _name(number),
            "alpn": "h2",
            "decrypted": "no",
            "why_not": "no-keys",
            "verdict": None,
            "verdict_parts": {},
            "problems": int(number % 1000 == 0),
            "alert": None,
            "exchanges": 0,
            "whole": 0,
            "exchange": None,
        }
