"""Slowloris: clients that hold a connection by giving it as little as they can, at each of its stages."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.transfer.background import Served, served
from transom.channel.own_tls import OwnTlsChannel
from transom.net.session import Timeouts
from transom.tls.config import ServerConfig
from transom.transfer.limits import ServerLimits
from transom.trust.local_ca import LocalCA, Owner

HURRIED = ServerLimits(
    head=0.3, body_rate=1000, body_stretch=0.3, timeouts=Timeouts(handshake=0.3, idle=20, linger=0.2)
)
"""Idle is far away: every byte that trickles in puts it off."""


def trickled(server: Served, start: bytes, trickle: bytes) -> bytes:
    """Say `start`, then a byte of `trickle` each 20 ms, for as long as the server bears it; what it answers."""
    with socket.create_connection((server.endpoint.address, server.endpoint.port), 10) as connection:
        connection.sendall(start)
        over = threading.Event()
        sender = threading.Thread(target=_trickle, args=(connection, trickle, over))
        sender.start()
        try:
            return b"".join(iter(lambda: connection.recv(65536), b""))
        except ConnectionResetError:
            return b""
        finally:
            over.set()
            sender.join()


def _trickle(connection: socket.socket, trickle: bytes, over: threading.Event) -> None:
    try:
        for byte in trickle:
            if over.wait(0.02):
                return
            connection.sendall(bytes([byte]))
    except OSError:  # the server has had enough
        return
    raise AssertionError("the server bore it all")


def test_a_handshake_that_trickles_is_cut_off(root: Path) -> None:
    identity = LocalCA.in_memory(Owner("u", "h"), datetime.now(UTC)).issue(["localhost"], datetime.now(UTC))
    config = ServerConfig(identities=(identity,))
    with served(root, channel_factory=lambda: OwnTlsChannel.server(config), limits=HURRIED) as server:
        # The head of a record of 512 bytes with a ClientHello in it, of which the rest never comes.
        trickled(server, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", bytes(500))
        (line,) = server.log
    assert "the handshake was not finished after" in str(line)


def test_a_head_that_trickles_is_answered_408(root: Path) -> None:
    with served(root, limits=HURRIED) as server:
        answer = trickled(server, b"GET /hello.txt HTTP/1.1\r\nHost: x\r\n", b"X-Header: " + b"x" * 1000)
    assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("framing", "trickle"),
    [(b"Content-Length: 1000", bytes(999)), (b"Transfer-Encoding: chunked", b"1\r\nx\r\n" * 200)],
)
def test_a_body_that_trickles_is_answered_408_and_leaves_nothing(root: Path, framing: bytes, trickle: bytes) -> None:
    before = sorted(root.iterdir())
    with served(root, upload=True, limits=HURRIED) as server:
        answer = trickled(server, b"PUT /up.bin HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n", trickle)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"Connection: close\r\n" in answer
        (line,) = server.logged(1)
    assert line.startswith('"PUT /up.bin HTTP/1.1" 408 ')
    assert sorted(root.iterdir()) == before


def test_the_body_of_a_request_that_takes_none_may_not_trickle_either(root: Path) -> None:
    with served(root, limits=HURRIED) as server:
        answer = trickled(server, b"GET /hello.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", bytes(999))
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_body_slower_than_the_link_but_fast_enough_is_waited_for(root: Path) -> None:
    patient = ServerLimits(body_rate=5, body_stretch=0.2)
    with served(root, upload=True, limits=patient) as server:
        address = (server.endpoint.address, server.endpoint.port)
        with socket.create_connection(address, 10) as connection:
            connection.sendall(b"PUT /up.bin HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n")
            for _ in range(20):
                threading.Event().wait(0.02)
                connection.sendall(b"x")
            assert connection.recv(100).startswith(b"HTTP/1.1 201 ")
    assert (root / "up.bin").read_bytes() == b"x" * 20


def test_connections_from_one_address_are_capped_and_other_addresses_served(root: Path) -> None:
    with (root / "big.bin").open("wb") as big:  # more than is on its way before it is taken
        big.truncate(64 * 2**20)

    def come(source: str) -> socket.socket:
        made = held.enter_context(
            socket.create_connection((server.endpoint.address, server.endpoint.port), 10, (source, 0))
        )
        made.sendall(b"GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        return made

    limits = ServerLimits(connections=10, connections_each=1)
    with served(root, limits=limits) as server, ExitStack() as held:
        assert come("127.0.0.1").recv(1)
        with pytest.raises(ConnectionResetError):  # closed with its request unread
            come("127.0.0.1").recv(1)
        assert come("127.0.0.2").recv(1)
