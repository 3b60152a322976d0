"""One connection of the server by itself: when there is an exchange at hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from transom.channel.interface import Established
from transom.net.session import Supply
from transom.transfer.limits import ServerLimits
from transom.transfer.server_session import ServerSession
from transom.transfer.site import Site
from transom.wire.tap import Buffer, Endpoint, Endpoints


class Line:
    """A `net.session.Connection` that takes whatever it is given."""

    endpoints = Endpoints(Endpoint("127.0.0.1", 1), Endpoint("127.0.0.1", 2))

    def __init__(self) -> None:
        self.sent = b""
        self.closed = False

    def send(self, plaintext: Buffer) -> None:
        self.sent += plaintext

    def send_from(self, supply: Supply, most: int) -> int:
        data = bytearray(most)
        supply.fill([memoryview(data)])
        self.sent += data
        return most

    def wake(self) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def close(self) -> None:
        self.closed = True

    def set_deadline(self, seconds: float, expired: Callable[[], None]) -> None: ...

    def clear_deadline(self) -> None: ...


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 200 "),
        (b"this is no request\r\n\r\n", b"HTTP/1.1 400 "),  # of which there is none, and an answer
    ],
)
def test_a_connection_rests_until_it_is_asked_and_not_before_it_has_answered(
    root: Path, said: bytes, answer: bytes
) -> None:
    site, line = Site(root), Line()
    session = ServerSession(site, ServerLimits(), None)
    session.opened(line)
    session.established(Established())
    assert session.rests
    session.data(said[:5])
    assert session.rests
    session.data(said[5:])
    assert not session.rests
    session.stop()
    assert not line.closed
    while session.writable():
        pass
    assert line.sent.startswith(answer)
    assert session.rests
    assert line.closed
    site.close()


def test_while_a_body_comes_it_does_not_rest(root: Path) -> None:
    site, line = Site(root, upload=True), Line()
    session = ServerSession(site, ServerLimits(), None)
    session.opened(line)
    session.established(Established())
    session.data(b"PUT /up.bin HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    assert not session.rests
    session.stop()
    assert not line.closed
    session.data(b"defghij")
    while session.writable():
        pass
    assert line.sent.startswith(b"HTTP/1.1 201 ")
    assert line.closed
    site.close()
