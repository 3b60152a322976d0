"""What clients do to a server, on purpose or not: it answers, or lets them go, and serves the others."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.transfer.background import Served, say, served
from transom.channel.interface import ChannelEvent, Data
from transom.channel.plain import PlainChannel
from transom.files.opened import OpenFolder
from transom.files.sink import Sink, open_sink_in
from transom.net.session import Timeouts
from transom.transfer import upload
from transom.transfer.limits import ServerLimits
from transom.wire.tap import Buffer

GET = b"GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n"
HURRIED = ServerLimits(head=0.2, keep=0.2, body_stretch=0.2, timeouts=Timeouts(handshake=0.2, idle=0.4, linger=0.2))


def connected(server: Served) -> socket.socket:
    return socket.create_connection((server.endpoint.address, server.endpoint.port), 10)


def until_closed(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def until(connection: socket.socket, end: bytes) -> bytes:
    received = b""
    while not received.endswith(end):
        piece = connection.recv(65536)
        assert piece, received
        received += piece
    return received


def test_a_client_that_half_closes_gets_every_answer_it_asked_for(root: Path) -> None:
    with served(root) as server:
        answers = say(server, GET * 3)
    assert answers.count(b"hello, world\n") == 3
    assert answers.count(b"Connection: close") <= 1


def test_a_part_of_a_next_request_takes_nothing_from_the_answer_before(root: Path) -> None:
    with served(root) as server:
        answer = say(server, b"GET /f.bin HTTP/1.1\r\nHost: x\r\n\r\nGET /hel")
    assert answer.endswith((root / "f.bin").read_bytes())


def test_a_half_closed_download_of_a_big_file_comes_whole(root: Path) -> None:
    with (root / "big.bin").open("wb") as big:
        big.truncate(64 * 2**20)
    with served(root) as server:
        answer = say(server, b"GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
    assert len(answer.partition(b"\r\n\r\n")[2]) == 64 * 2**20


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /hello.txt HTTP/1.1\r\n\r\n", 400),  # no Host
        (b"GET /hello.txt HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET /hello.txt HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        (b"GET  /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /hello.txt\r\n\r\n", 400),
        (
            b"GET /hello.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (b"GET /hello.txt HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(600), 400),
        (b"x" * 100_000, 414),
        (os.urandom(64) + b"\r\n\r\n", 400),
    ],
)
def test_what_is_no_request_is_told_so_and_the_connection_closed(root: Path, request_bytes: bytes, status: int) -> None:
    with served(root) as server:
        answer = say(server, request_bytes)
        assert say(server, GET).endswith(b"hello, world\n")
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"Connection: close\r\n" in answer


def test_what_follows_a_refused_request_is_not_refused_again(root: Path) -> None:
    pieces = [b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"zz\r\n"]

    class InPieces(PlainChannel):
        """Gives each of the pieces as an event of its own, as records of TLS are."""

        def receive(self, wire: Buffer) -> list[ChannelEvent]:
            return [Data(piece) for piece in pieces] if wire else super().receive(wire)

    with served(root, channel_factory=InPieces) as server:
        assert say(server, b"".join(pieces)).startswith(b"HTTP/1.1 405 ")


@pytest.mark.parametrize(
    "asked", ["0-", "-1", "999999-1000002", "5-4", "x-y", "0-0,2-3", "99999999999999999999-", "-0"]
)
def test_no_range_makes_more_of_a_file_than_it_is(root: Path, asked: str) -> None:
    request = f"GET /f.bin HTTP/1.1\r\nHost: x\r\nRange: bytes={asked}\r\n\r\n".encode()
    with served(root) as server:
        answer = say(server, request)
    assert answer.split()[1] in (b"200", b"206", b"416")
    assert len(answer.partition(b"\r\n\r\n")[2]) <= 1_000_003


def test_a_head_that_comes_byte_by_byte_is_not_waited_for_without_end(root: Path) -> None:
    with served(root, limits=HURRIED) as server, connected(server) as connection:
        connection.sendall(b"GET /hello.txt HT")
        assert until_closed(connection).startswith(b"HTTP/1.1 408 ")


def test_a_connection_without_a_request_is_closed_without_a_word(root: Path) -> None:
    with served(root, limits=HURRIED) as server, connected(server) as connection:
        assert until_closed(connection) == b""


def test_a_kept_connection_is_closed_when_no_next_request_comes(root: Path) -> None:
    with served(root, limits=HURRIED) as server, connected(server) as connection:
        connection.sendall(GET)
        assert until_closed(connection).endswith(b"hello, world\n")


def test_a_kept_connection_may_wait_longer_than_a_head_may_take(root: Path) -> None:
    limits = ServerLimits(head=0.1, keep=60, timeouts=Timeouts(idle=0.2))
    with served(root, limits=limits) as server, connected(server) as kept:
        kept.sendall(GET)
        assert until(kept, b"hello, world\n")
        with connected(server) as other:
            other.sendall(b"GET /hello.txt HTTP/1.1\r\n")
            assert until_closed(other).startswith(b"HTTP/1.1 408 ")
        kept.sendall(b"GET /hello.txt HTTP/1.1\r\n")
        assert until_closed(kept).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_stops_coming_is_given_up(root: Path) -> None:
    with served(root, limits=HURRIED, upload=True) as server, connected(server) as connection:
        connection.sendall(b"PUT /half.bin HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + bytes(50))
        assert until_closed(connection).startswith(b"HTTP/1.1 408 ")
        assert server.logged(1)[0].startswith('"PUT /half.bin HTTP/1.1" 408 ')
    assert not (root / "half.bin").exists()


def test_a_reader_that_takes_nothing_is_given_up_and_the_log_says_how_far_it_came(root: Path) -> None:
    with (root / "big.bin").open("wb") as big:
        big.truncate(64 * 2**20)
    with served(root, limits=HURRIED) as server, connected(server) as connection:
        connection.sendall(b"GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        (line,) = server.logged(1)
    assert line.startswith('"GET /big.bin HTTP/1.1" 200 ')
    assert int(line.rpartition(" ")[2]) < 64 * 2**20


BIG = b"GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n"


def begin_big(connection: socket.socket) -> socket.socket:
    """It has the first of a file that it does not take."""
    connection.sendall(BIG)
    assert connection.recv(1) == b"H"
    return connection


def test_connections_beyond_the_cap_are_closed_and_the_others_served(root: Path) -> None:
    with (root / "big.bin").open("wb") as big:
        big.truncate(64 * 2**20)
    limits = ServerLimits(connections=2)
    with served(root, limits=limits) as server, connected(server) as first, connected(server) as second:
        for busy in (first, second):
            begin_big(busy)
        with connected(server) as third:
            assert third.recv(1) == b""
        assert until(first, bytes(1000))


def test_for_another_the_first_that_came_of_those_that_have_no_request_lets_go(root: Path) -> None:
    with (root / "big.bin").open("wb") as big:
        big.truncate(64 * 2**20)
    limits = ServerLimits(connections=4, connections_each=4)
    with served(root, limits=limits, upload=True) as server, ExitStack() as held:
        busy, up, half, kept = [held.enter_context(connected(server)) for _ in range(4)]
        begin_big(busy)
        up.sendall(b"PUT /up.bin HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert until(up, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        half.sendall(GET[:20])
        kept.sendall(GET)
        assert until(kept, b"hello, world\n")
        for goes in (half, kept):
            begin_big(held.enter_context(connected(server)))
            assert goes.recv(1) == b""
        up.sendall(b"ab")
        assert until(up, b"\r\n\r\n").startswith(b"HTTP/1.1 201 ")
    assert (root / "up.bin").read_bytes() == b"ab"


def test_a_hundred_clients_at_a_time_all_get_their_file(root: Path) -> None:
    whole = (root / "f.bin").read_bytes()
    answers: list[bytes] = []
    with served(root) as server:
        threads = [
            threading.Thread(target=lambda: answers.append(say(server, b"GET /f.bin HTTP/1.1\r\nHost: x\r\n\r\n")))
            for _ in range(100)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert [answer.endswith(whole) for answer in answers] == [True] * 100


def test_a_folder_swapped_for_a_link_out_takes_no_upload_out(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()

    def swapped(folder: OpenFolder, name: str, *, overwrite: bool) -> Sink:
        (root / "sub").rename(tmp_path / "elsewhere")
        (root / "sub").symlink_to(outside)
        return open_sink_in(folder, name, overwrite=overwrite)

    monkeypatch.setattr(upload, "open_sink_in", swapped)
    with served(root, upload=True) as server:
        say(server, b"PUT /sub/up.bin HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nup")
    assert list(outside.iterdir()) == []
    assert (tmp_path / "elsewhere" / "up.bin").read_bytes() == b"up"


def test_an_upload_through_a_file_is_a_conflict_or_nothing(root: Path) -> None:
    with served(root, upload=True) as server:
        answer = say(server, b"PUT /hello.txt/up.bin HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nup")
        long = say(server, b"PUT /%s HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nup" % (b"x" * 300))
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert long.startswith(b"HTTP/1.1 409 ")
