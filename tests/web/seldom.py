"""What is seldom in a capture: a hole, a stall, a picture, a name beside encrypted_client_hello."""

from __future__ import annotations

from pathlib import Path

from tests.dissect.hellos import ECH, client_hello
from tests.web.model.test_files import PNG
from transom.capture.write import TraceWriter
from transom.wire.tap import Endpoint, Endpoints, Side

CLIENT, SERVER = Endpoint("10.0.0.1", 40000), Endpoint("192.0.2.1", 80)
START = 1_700_000_000 * 10**9
MILLISECOND = 10**6
STALL = 600 * MILLISECOND
"""Of the second that the first conversation takes."""


def seldom(path: Path) -> Path:
    """0: of 1,000 bytes of `part.bin` the second quarter was not captured, a long silence, and the end never came.
    1: a picture, whole. 2: a ClientHello with encrypted_client_hello.
    """
    with TraceWriter(path, "tests") as writer:
        tap = writer.conversation()
        tap.opened(Endpoints(CLIENT, SERVER), START)
        tap.data(Side.CLIENT, b"GET /part.bin HTTP/1.1\r\nHost: example\r\n\r\n", START + MILLISECOND)
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        tap.data(Side.SERVER, head + bytes(250), START + 100 * MILLISECOND)
        tap.lost(Side.SERVER, 250, START + 101 * MILLISECOND)
        tap.data(Side.SERVER, bytes(100), START + 102 * MILLISECOND)
        tap.data(Side.SERVER, bytes(100), START + 102 * MILLISECOND + STALL)
        tap.closed(Side.SERVER, START + 1000 * MILLISECOND, "reset")
        tap = writer.conversation()
        tap.opened(Endpoints(Endpoint("10.0.0.1", 40001), SERVER), START)
        tap.data(Side.CLIENT, b"GET /dot.png HTTP/1.1\r\nHost: example\r\n\r\n", START + MILLISECOND)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(PNG)
        tap.data(Side.SERVER, head + PNG, START + 2 * MILLISECOND)
        tap.closed(Side.SERVER, START + 3 * MILLISECOND)
        tap = writer.conversation()
        tap.opened(Endpoints(Endpoint("10.0.0.1", 40002), Endpoint("192.0.2.1", 443)), START)
        tap.data(Side.CLIENT, client_hello(ECH), START + MILLISECOND)
    return path
