"""A conversation of as many requests as one wants, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.dissect.told import write_trace
from transom.wire.tap import Side


def talk(path: Path, count: int, size: int = 10) -> Path:
    """A trace of it in plain HTTP: `count` requests, each answered by `size` bytes before the next is asked."""
    return write_trace(path, _turns(count, size))


def _turns(count: int, size: int) -> Iterator[tuple[Side, bytes]]:
    for number in range(count):
        yield Side.CLIENT, f"GET /{number} HTTP/1.1\r\nHost: h\r\n\r\n".encode()
        yield Side.SERVER, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + bytes(size)
