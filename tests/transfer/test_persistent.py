"""One connection for several exchanges: used again when that is safe, and never otherwise."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import pytest

import transom.transfer.persistent
from tests.net.loop import on_a_loop
from tests.real.raw_server import raw_server, read_request
from transom.channel.interface import Established
from transom.errors import TransferError, TransomError
from transom.http.framing import Framing
from transom.http.h1_client import ClientExchange
from transom.http.messages import NO_HEADERS, Headers, Request, Response
from transom.net.session import Supply, Timeouts
from transom.transfer.client import Road, exchange
from transom.transfer.client_session import ClientSession
from transom.transfer.content import InMemory
from transom.transfer.pace import Pace
from transom.transfer.persistent import Pool
from transom.transfer.request import GetRequest
from transom.transfer.result import TransferResult, TransferTimes
from transom.transfer.resume import Notice
from transom.transfer.several import Bounds, Outcome, run_several
from transom.transfer.url import parse_url
from transom.wire.tap import Buffer, Endpoint, Endpoints

QUICK = Road(timeouts=Timeouts(connect=5, handshake=5, idle=20, linger=0.1))
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Answer = Callable[[socket.socket, bytes, int], bool | None]
"""Answers a request, the so manieth of its connection from 0; False ends the connection."""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@dataclass
class Lasting:
    """A server that takes one request after the other: `asked` has the path of each, by connection."""

    answer: Answer
    asked: list[list[str]] = field(default_factory=list[list[str]])
    port: int = 0

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def script(self, connection: socket.socket) -> None:
        paths: list[str] = []
        self.asked.append(paths)
        while request := read_request(connection):
            paths.append(request.split(b" ")[1].decode())
            if self.answer(connection, request, len(paths) - 1) is False:
                return


@contextmanager
def lasting(answer: Answer = lambda connection, _request, _number: connection.sendall(OK)) -> Generator[Lasting]:
    server = Lasting(answer)
    with raw_server(server.script, at_once=True) as server.port:
        yield server


class Silent:
    """A watcher that does not care."""

    def begins(self, number: int) -> None: ...

    def notice(self, number: int, notice: Notice) -> None: ...

    def saved(self, number: int, result: TransferResult) -> None: ...

    def failed(self, number: int, error: TransomError, times: TransferTimes | None) -> None: ...


class Taken:
    """A receiver that takes anything."""

    def head(self, response: Response, framing: Framing) -> None: ...

    def body(self, data: Buffer) -> None: ...

    def end(self, trailer: Headers) -> None: ...


def fetch(*urls: str, bounds: Bounds | None = None, road: Road = QUICK, **options: Any) -> list[Outcome]:
    return run_several([GetRequest(url, **options) for url in urls], road, Silent(), bounds or Bounds())


def sizes(outcomes: list[Outcome]) -> list[int | None]:
    return [outcome.bytes if isinstance(outcome, TransferResult) else None for outcome in outcomes]


def test_files_of_one_server_come_over_one_connection_and_the_later_ones_took_no_time_to_connect() -> None:
    with lasting() as server:
        outcomes = fetch(*map(server.url, ("/1", "/2", "/3")))
    assert sizes(outcomes) == [2, 2, 2]
    assert server.asked == [["/1", "/2", "/3"]]
    times = [outcome.times for outcome in outcomes if isinstance(outcome, TransferResult)]
    assert times[0].connect
    assert [(each.resolve, each.connect, each.handshake) for each in times[1:]] == [(0.0, 0.0, None)] * 2
    assert all(0 < (each.first_byte or 0) <= each.total for each in times)


def test_at_once_there_are_no_more_connections_than_the_bound_and_they_are_used_again() -> None:
    barrier = threading.Barrier(3)

    def answer(connection: socket.socket, _request: bytes, _number: int) -> None:
        barrier.wait(20)
        connection.sendall(OK)

    with lasting(answer) as server:
        outcomes = fetch(*(server.url(f"/{number}") for number in range(12)), bounds=Bounds(50, 3))
    assert sizes(outcomes) == [2] * 12
    assert len(server.asked) == 3
    assert sorted(path for paths in server.asked for path in paths) == sorted(f"/{number}" for number in range(12))


def test_a_redirect_and_the_question_for_a_name_go_over_the_same_connection(here: Path) -> None:
    def answer(connection: socket.socket, request: bytes, _number: int) -> None:
        if b" /from " in request:
            connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /to\r\nContent-Length: 4\r\n\r\n")
            if not request.startswith(b"HEAD"):
                connection.sendall(b"page")
        else:
            named = OK.replace(b"\r\n\r\n", b"\r\nContent-Disposition: attachment; filename=x\r\n\r\n")
            connection.sendall(named.removesuffix(b"ok") if request.startswith(b"HEAD") else named)

    with lasting(answer) as server:
        assert sizes(fetch(server.url("/from"), follow=True, remote_name=True)) == [2]
    assert server.asked == [["/from", "/to", "/from", "/to"]]
    assert (here / "x").read_bytes() == b"ok"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
        OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    ],
)
def test_a_connection_is_not_used_again_when_the_response_does_not_allow_it(here: Path, answer: bytes) -> None:
    with lasting(lambda connection, _request, _number: connection.sendall(answer)) as server:
        outcomes = fetch(*map(server.url, ("/1", "/2")))
    assert sizes(outcomes) == [2, 2]
    assert server.asked == [["/1"], ["/2"]]
    assert [path.read_bytes() for path in here.iterdir()] == [b"ok", b"ok"]


def test_a_body_that_ends_with_the_connection_is_followed_by_another_connection() -> None:
    def answer(connection: socket.socket, _request: bytes, _number: int) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nok")
        return False

    with lasting(answer) as server:
        assert sizes(fetch(*map(server.url, ("/1", "/2")))) == [2, 2]
    assert server.asked == [["/1"], ["/2"]]


def test_a_failed_request_leaves_no_connection_to_be_used(here: Path) -> None:
    def answer(connection: socket.socket, request: bytes, _number: int) -> None:
        status = b"404 Not Found" if b" /no " in request else b"200 OK"
        connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\nok")

    with lasting(answer) as server:
        assert sizes(fetch(*map(server.url, ("/no", "/yes")))) == [None, 2]
    assert server.asked == [["/no"], ["/yes"]]


def test_another_host_or_port_has_another_connection() -> None:
    with lasting() as server, lasting() as other:
        road = changed(QUICK, addresses={("localhost", server.port): ("127.0.0.1",)})
        urls = [server.url("/1"), server.url("/2", host="localhost"), other.url("/3"), server.url("/4")]
        assert sizes(fetch(*urls, road=road)) == [2] * 4
    assert server.asked == [["/1", "/4"], ["/2"]]
    assert other.asked == [["/3"]]


# -- a server that closes, and one that speaks out of turn -----------------------------------------------------


def test_a_connection_that_the_server_closed_in_between_is_not_used() -> None:
    def answer(connection: socket.socket, _request: bytes, _number: int) -> bool:
        connection.sendall(OK)
        return False

    with lasting(answer) as server:
        assert sizes(fetch(*map(server.url, ("/1", "/2", "/3")))) == [2, 2, 2]
    assert [path for paths in server.asked for path in paths] == ["/1", "/2", "/3"]


def reset(connection: socket.socket) -> None:
    """Have the connection end with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@pytest.mark.parametrize("how", [lambda _connection: None, reset])
def test_a_request_that_meets_the_servers_close_is_made_once_more_over_a_new_connection(
    how: Callable[[socket.socket], None],
) -> None:
    def answer(connection: socket.socket, _request: bytes, number: int) -> bool:
        if number == 1:
            how(connection)
            return False
        connection.sendall(OK)
        return True

    with lasting(answer) as server:
        assert sizes(fetch(*map(server.url, ("/1", "/2")))) == [2, 2]
    assert server.asked == [["/1", "/2"], ["/2"]]


def test_once_and_no_more() -> None:
    def answer(connection: socket.socket, request: bytes, _number: int) -> bool:
        if b" /1 " not in request:
            return False
        connection.sendall(OK)
        return True

    with lasting(answer) as server:
        outcomes = fetch(*map(server.url, ("/1", "/2")))
    assert sizes(outcomes) == [2, None]
    assert isinstance(outcomes[1], TransferError)
    assert outcomes[1].exit_code == 52
    assert server.asked == [["/1", "/2"], ["/2"]]


@pytest.mark.parametrize(("half", "code"), [(b"HTTP/1.1 2", 52), (OK[:-1], 18)])
def test_nothing_is_asked_twice_of_which_an_answer_had_begun(half: bytes, code: int) -> None:
    def answer(connection: socket.socket, _request: bytes, number: int) -> bool:
        connection.sendall(half if number else OK)
        return not number

    with lasting(answer) as server:
        outcomes = fetch(*map(server.url, ("/1", "/2")))
    assert isinstance(outcomes[1], TransferError)
    assert outcomes[1].exit_code == code
    assert server.asked == [["/1", "/2"]]


def test_what_a_server_sends_ahead_is_no_answer_to_the_next_request(here: Path) -> None:
    first_is_over, sent_ahead = threading.Event(), threading.Event()

    def hasty(connection: socket.socket, _request: bytes, _number: int) -> None:
        connection.sendall(OK)
        if not sent_ahead.is_set():
            assert first_is_over.wait(20)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            sent_ahead.set()

    def patient(connection: socket.socket, _request: bytes, _number: int) -> None:
        first_is_over.set()
        assert sent_ahead.wait(20)
        connection.sendall(OK)

    with lasting(hasty) as server, lasting(patient) as other:
        assert sizes(fetch(server.url("/1"), other.url("/2"), server.url("/3"))) == [2, 2, 2]
    assert server.asked == [["/1"], ["/3"]]
    assert (here / "3").read_bytes() == b"ok"


# -- how long a connection waits -------------------------------------------------------------------------------


def test_a_connection_of_which_nothing_else_is_wanted_is_closed_while_others_go_on() -> None:
    closed = threading.Event()

    def first(connection: socket.socket, _request: bytes, _number: int) -> bool:
        connection.sendall(OK)
        assert connection.recv(1) == b""
        closed.set()
        return False

    def second(connection: socket.socket, _request: bytes, _number: int) -> None:
        assert closed.wait(20)
        connection.sendall(OK)

    with lasting(first) as one, lasting(second) as other:
        assert sizes(fetch(one.url("/1"), other.url("/2"))) == [2, 2]


def test_of_more_connections_than_may_wait_the_oldest_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transom.transfer.persistent, "MOST_IDLE", 1)
    with lasting() as one, lasting() as other:
        assert sizes(fetch(one.url("/1"), other.url("/2"), other.url("/3"), one.url("/4"))) == [2] * 4
    assert one.asked == [["/1"], ["/4"]]
    assert other.asked == [["/2", "/3"]]


def test_a_server_that_does_not_close_after_us_holds_nobody_up() -> None:
    """Each of its answers ends the connection, and it never closes its own side."""
    over = threading.Event()

    def answer(connection: socket.socket, _request: bytes, _number: int) -> bool:
        connection.sendall(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        over.wait(20)
        return False

    class Last(Silent):
        def saved(self, number: int, result: TransferResult) -> None:
            if number == 2:
                over.set()

    with lasting(answer) as server:
        requests = [GetRequest(server.url(path), max_time=10) for path in ("/1", "/2", "/3")]
        outcomes = run_several(requests, changed(QUICK, timeouts=Timeouts(linger=15)), Last())
    assert sizes(outcomes) == [2, 2, 2]


def test_a_pace_that_one_file_was_held_to_does_not_stop_the_next() -> None:
    body = bytes(10_000)  # comes as one piece, and ten seconds' worth of it
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with lasting(lambda connection, _request, _number: connection.sendall(head + body)) as server:
        outcomes = fetch(*map(server.url, ("/1", "/2", "/3")), road=changed(QUICK, rate=1024), max_time=5)
    assert sizes(outcomes) == [len(body)] * 3
    assert server.asked == [["/1", "/2", "/3"]]


class Pausable:
    """A connection on which nothing crosses; `calls` is what was asked of it."""

    endpoints = Endpoints(Endpoint("127.0.0.1", 1), Endpoint("127.0.0.1", 2))

    def __init__(self) -> None:
        self.calls: list[str] = []

    def pause_reading(self) -> None:
        self.calls.append("pause")

    def resume_reading(self) -> None:
        self.calls.append("resume")

    def close(self) -> None:
        self.calls.append("close")

    def send(self, plaintext: Buffer) -> None: ...

    def send_from(self, supply: Supply, most: int) -> int:
        return 0

    def wake(self) -> None: ...

    def set_deadline(self, seconds: float, expired: Callable[[], None]) -> None: ...

    def clear_deadline(self) -> None: ...


@on_a_loop
async def test_a_response_that_ends_while_it_is_held_to_its_pace_leaves_the_connection_reading() -> None:
    connection = Pausable()
    asking = ClientExchange(Request("GET", "/", Headers([("Host", "h")])))
    session = ClientSession(asking, None, Taken(), Pace(1024), lasting=True)
    session.opened(connection)
    session.established(Established())
    session.data(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + bytes(9_999))
    assert connection.calls == ["pause"]
    session.data(b"0")
    assert connection.calls == ["pause", "resume"]
    assert session.is_reusable


@on_a_loop
async def test_an_upload_which_cannot_be_sent_twice_has_a_connection_of_its_own() -> None:
    def answer(connection: socket.socket, request: bytes, _number: int) -> None:
        if request.startswith(b"PUT") and request.endswith(b"\r\n\r\n"):
            assert connection.recv(2) == b"up"
        connection.sendall(OK)

    with lasting(answer) as server:
        async with Pool() as pool:
            road = changed(QUICK, pool=pool)
            await exchange(parse_url(server.url("/1")), "GET", NO_HEADERS, Taken(), road)
            await exchange(parse_url(server.url("/2")), "PUT", NO_HEADERS, Taken(), road, InMemory(b"up"))
            await exchange(parse_url(server.url("/3")), "GET", NO_HEADERS, Taken(), road)
    assert server.asked == [["/1", "/3"], ["/2"]]
