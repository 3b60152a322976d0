"""Plain HTTP through the tunnel, byte by byte: what goes on, what is refused, what each end hears of the other."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Generator

import pytest

from tests.real.raw_server import drain, raw_server
from tests.real.started import free_ports
from tests.run.tunnelled import Lone, lone_tunnel, read_exactly, read_head
from transom.wire.tap import Side

MIB = 2**20
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
RESET = struct.pack("ii", 1, 0)


def answers_ok(server: socket.socket) -> None:
    read_head(server)
    server.sendall(OK)
    drain(server)


@pytest.fixture
def lone() -> Generator[Lone]:
    with lone_tunnel() as tunnel:
        yield tunnel


def status(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer
    return int(answer[9:12])


def heard_for(lone: Lone, start: str, *fields: str, body: bytes = b"", port: int | None = None) -> bytes:
    """What the server hears of such a request: head and body."""
    heard: list[bytes] = []

    def script(server: socket.socket) -> None:
        head = read_head(server)
        heard.append(head + read_exactly(server, len(body)))
        server.sendall(OK)
        drain(server)

    with raw_server(script) as there:
        line = start.replace("PORT", str(there))
        said = [field.replace("PORT", str(there)) for field in fields]
        with lone.asked(line, *said, "Connection: close", body=body) as client:
            answer = drain(client)
        assert status(answer) == 200, answer
        return heard[0].replace(str(there).encode(), b"PORT")


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (["Content-Length: 3", "Transfer-Encoding: chunked"], "0\r\n\r\n"),  # RFC 9112 §6.1
        (["Content-Length: 3", "Content-Length: 4"], "abcd"),  # §6.3
        (["Content-Length: 3", "Content-Length: 3"], "abc"),
        (["Content-Length: 3, 3"], "abc"),
        (["Content-Length: +3"], "abc"),
        (["X: one", " two"], ""),  # §5.2
        (["X: one\rtwo"], ""),  # §2.2
        (["X: one\nY: two"], ""),
        (["X : one"], ""),  # §5.1
        (["Host: b"], ""),  # a second one, §3.2
        (["X: \0"], ""),
    ],
)
def test_what_two_readers_may_read_differently_is_refused(lone: Lone, fields: list[str], body: str) -> None:
    heard: list[bytes] = []
    with raw_server(lambda server: heard.append(drain(server))) as port:
        start = f"POST http://127.0.0.1:{port}/ HTTP/1.1"
        with lone.asked(start, "Host: a", *fields, body=body.encode()) as client:
            assert status(drain(client)) == 400
    assert heard in ([], [b""])


def test_chunks_in_http_1_0_are_refused(lone: Lone) -> None:
    with lone.asked("POST http://127.0.0.1:1/ HTTP/1.0", "Transfer-Encoding: chunked", body=b"0\r\n\r\n") as client:
        assert status(drain(client)) == 400


@pytest.mark.parametrize("fields", [["Host: evil.example"], ["Host: 127.0.0.1"], []], ids=["other", "no port", "none"])
def test_the_host_is_that_of_the_url_whatever_the_field_says(lone: Lone, fields: list[str]) -> None:
    version = "1.1" if fields else "1.0"
    head = heard_for(lone, f"GET http://127.0.0.1:PORT/a HTTP/{version}", *fields)
    assert head.count(b"Host: 127.0.0.1:PORT\r\n") == 1
    assert head.lower().count(b"host:") == 1


def test_a_url_may_name_a_user_whom_the_server_does_not_hear_of(lone: Lone) -> None:
    """RFC 9110 §4.2.4: it is no part of what a request is for."""
    head = heard_for(lone, "GET http://me:hunter2@127.0.0.1:PORT/a HTTP/1.1", "Host: me:hunter2@127.0.0.1:PORT")
    assert head.startswith(b"GET /a HTTP/1.1\r\n")
    assert b"\r\nHost: 127.0.0.1:PORT\r\n" in head
    assert b"hunter2" not in head


def test_a_scheme_is_one_in_capitals_too(lone: Lone) -> None:
    """RFC 9110 §4.2.3."""
    assert heard_for(lone, "GET HTTP://127.0.0.1:PORT/a HTTP/1.1", "Host: a").startswith(b"GET /a HTTP/1.1\r\n")


@pytest.mark.parametrize("target", ["127.0.0.1:1", "http://127.0.0.1:1/"], ids=["CONNECT", "GET"])
def test_whoever_says_no_password_is_asked_for_one(lone: Lone, target: str) -> None:
    """RFC 9110 §11.7.1."""
    method = "GET" if "/" in target else "CONNECT"
    with lone.connected() as client:
        client.sendall(f"{method} {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        answer = drain(client)
    assert status(answer) == 407
    assert b'\r\nProxy-Authenticate: Basic realm="transom run"\r\n' in answer
    assert lone.seen == []


def test_whoever_says_another_password_is_refused_though_it_has_said_the_right_one(lone: Lone) -> None:
    with raw_server(answers_ok) as port, lone.asked(f"GET http://127.0.0.1:{port}/ HTTP/1.1", "Host: a") as client:
        assert read_exactly(client, len(OK)) == OK
        other = "Proxy-Authorization: Basic dHJhbnNvbTpvdGhlcg=="
        client.sendall(f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: a\r\n{other}\r\n\r\n".encode())
        assert status(drain(client)) == 407


def test_a_server_that_has_closed_meanwhile_is_called_again(lone: Lone) -> None:
    gone = threading.Event()

    def script(server: socket.socket) -> None:
        read_head(server)
        server.sendall(OK)
        server.close()
        gone.set()

    with raw_server(script) as port, lone.connected() as client:
        for _ in range(2):
            client.sendall(f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: a\r\n{lone.login}\r\n\r\n".encode())
            assert read_exactly(client, len(OK)) == OK
            assert gone.wait(20)
            gone.clear()
    assert len(lone.seen) == 2


def test_a_host_that_names_the_same_server_stays_as_it_is(lone: Lone) -> None:
    assert b"\r\nhost:  127.0.0.1:PORT\r\n" in heard_for(
        lone, "GET http://127.0.0.1:PORT/ HTTP/1.1", "host:  127.0.0.1:PORT"
    )


def test_of_a_request_nothing_goes_on_that_was_for_one_hop(lone: Lone) -> None:
    head = heard_for(
        lone,
        "GET http://127.0.0.1:PORT/ HTTP/1.1",
        "Host: 127.0.0.1:PORT",
        "X-Stays:   as it is",
        "Connection: X-Goes, TE, Content-Length, Host",
        "X-Goes: a",
        "Keep-Alive: timeout=5",
        "Proxy-Connection: keep-alive",
        "TE: trailers, gzip",
        "Content-Length: 0",
        "Upgrade: any",
    )
    assert head.split(b"\r\n") == [
        b"GET / HTTP/1.1",
        b"Host: 127.0.0.1:PORT",
        b"X-Stays:   as it is",
        b"Connection: close, te",
        b"TE: trailers",
        b"Content-Length: 0",
        b"",
        b"",
    ]


def answered(lone: Lone, answer: bytes, method: str = "GET", version: str = "1.1") -> bytes:
    """What the client gets of this answer of a server that then closes."""

    def script(server: socket.socket) -> None:
        read_head(server)
        server.sendall(answer)

    with (
        raw_server(script) as port,
        lone.asked(f"{method} http://127.0.0.1:{port}/ HTTP/{version}", "Host: a", "Connection: close") as client,
    ):
        return drain(client)


def test_of_an_answer_nothing_goes_on_that_was_for_one_hop(lone: Lone) -> None:
    fields = b"X-Odd:   kept \r\nConnection: X-Goes, keep-alive\r\nX-Goes: a\r\nKeep-Alive: timeout=5\r\n"
    assert answered(lone, b"HTTP/1.1 200 OK\r\n" + fields + b"Content-Length: 2\r\n\r\nok") == (
        b"HTTP/1.1 200 OK\r\nX-Odd:   kept \r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
    )


def test_of_an_answer_in_chunks_no_length_goes_on(lone: Lone) -> None:
    chunks = b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    assert answered(lone, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n" + chunks) == (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    )


@pytest.mark.parametrize(
    "lengths", [b"Content-Length: 2\r\nContent-Length: 3", b"Content-Length: 2, 3", b"Content-Length: two"]
)
def test_an_answer_whose_length_is_none_is_a_502(lone: Lone, lengths: bytes) -> None:
    """RFC 9112 §6.3."""
    answer = answered(lone, b"HTTP/1.1 200 OK\r\n" + lengths + b"\r\n\r\nok")
    assert status(answer) == 502
    assert b"Content-Length is no length" in answer


def test_one_length_that_is_said_twice_goes_on_once_and_a_folded_field_in_one_line(lone: Lone) -> None:
    answer = answered(lone, b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok")
    assert answer == b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: a b\r\nConnection: close\r\n\r\nok"


@pytest.mark.parametrize("answer", [b"ICY 200 OK\r\n\r\nsound", b"HTTP/1.1 200 OK\r\nX : y\r\n\r\nok", b"\0\1\2"])
def test_what_is_no_http_goes_on_as_it_is_and_ends_the_connection(lone: Lone, answer: bytes) -> None:
    assert answered(lone, answer) == answer


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n"),
    ],
)
def test_answers_without_a_body_end_with_their_head(lone: Lone, method: str, answer: bytes) -> None:
    """RFC 9112 §6.3: the next one follows over the same connections, on both sides."""

    def script(server: socket.socket) -> None:
        read_head(server)
        server.sendall(answer)
        read_head(server)
        server.sendall(OK)
        drain(server)

    with raw_server(script) as port, lone.asked(f"{method} http://127.0.0.1:{port}/ HTTP/1.1", "Host: a") as client:
        assert read_head(client) == answer
        client.sendall(f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: a\r\n{lone.login}\r\n\r\n".encode())
        assert read_exactly(client, len(OK)) == OK
    assert len(lone.seen) == 1


def test_chunks_and_a_trailer_go_on_as_they_are_both_ways(lone: Lone) -> None:
    body = b"3;name=value\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"
    head = heard_for(lone, "PUT http://127.0.0.1:PORT/ HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", body=body)
    assert head.endswith(b"\r\n\r\n" + body)
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + body
    assert answered(lone, answer) == answer


def test_interim_answers_go_on_before_the_final_one(lone: Lone) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
    assert answered(lone, early + early + final) == early + early + final


def test_a_client_of_http_1_0_gets_no_interim_answer(lone: Lone) -> None:
    """RFC 9110 §15.2: it would take it for the final one."""
    final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
    assert answered(lone, b"HTTP/1.1 100 Continue\r\n\r\n" + final, version="1.0") == final


def test_a_client_that_waits_to_be_told_to_go_on_is_told(lone: Lone) -> None:
    def script(server: socket.socket) -> None:
        read_head(server)
        server.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert read_exactly(server, 4) == b"body"
        server.sendall(OK)
        drain(server)

    with raw_server(script) as port:
        fields = "Host: a", "Expect: 100-continue", "Content-Length: 4"
        with lone.asked(f"PUT http://127.0.0.1:{port}/ HTTP/1.1", *fields) as client:
            assert read_head(client) == b"HTTP/1.1 100 Continue\r\n\r\n"
            client.sendall(b"body")
            assert read_exactly(client, len(OK)) == OK


def test_a_client_that_waits_and_is_refused_is_not_kept_waiting(lone: Lone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transom.run.forwarding._PATIENCE", 3600)
    refusal = b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno"

    def script(server: socket.socket) -> None:
        read_head(server)
        server.sendall(refusal)
        drain(server)

    with raw_server(script) as port:
        fields = "Host: a", "Expect: 100-continue", "Content-Length: 4"
        with lone.asked(f"PUT http://127.0.0.1:{port}/ HTTP/1.1", *fields) as client:
            head, _, body = drain(client).partition(b"\r\n\r\n")
    assert status(head) == 417
    assert b"Connection: close" in head.split(b"\r\n")
    assert body == b"no"


def test_a_server_that_answers_and_closes_while_the_client_still_sends_is_heard(lone: Lone) -> None:
    """The client reads nothing before it has sent all: what it was answered is still there then."""
    refusal = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"

    def script(server: socket.socket) -> None:
        read_head(server)
        server.sendall(refusal)
        server.shutdown(socket.SHUT_WR)
        server.recv(1)

    with raw_server(script) as port:
        fields = "Host: a", f"Content-Length: {8 * MIB}"
        with lone.asked(f"PUT http://127.0.0.1:{port}/ HTTP/1.1", *fields) as client:
            client.sendall(bytes(8 * MIB))
            assert drain(client) == refusal


def test_the_rest_of_an_upload_is_never_taken_for_a_request(lone: Lone) -> None:
    """The server answers, keeps its connection in name, and drops it: what still comes is the body it was."""
    heard: list[bytes] = []

    def hasty(server: socket.socket) -> None:
        read_head(server)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        server.sendall(OK)

    with raw_server(hasty) as port, raw_server(lambda server: heard.append(drain(server))) as other:
        smuggled = f"GET http://127.0.0.1:{other}/ HTTP/1.1\r\nHost: a\r\n{lone.login}\r\n\r\n".encode()
        fields = "Host: a", f"Content-Length: {2 * len(smuggled)}"
        with lone.asked(f"PUT http://127.0.0.1:{port}/ HTTP/1.1", *fields) as client:
            came = client.recv(65536)
            client.sendall(smuggled)
            client.sendall(smuggled)
            client.shutdown(socket.SHUT_WR)
            came += drain(client)
    assert came in (OK, b"")  # it was reset: the answer may have gone with it
    assert heard == []


def test_an_upload_that_was_answered_early_goes_on(lone: Lone) -> None:
    heard: list[bytes] = []
    over = threading.Event()

    def script(server: socket.socket) -> None:
        read_head(server)
        server.sendall(OK)
        heard.append(read_exactly(server, 8 * MIB))
        over.set()
        drain(server)

    with raw_server(script) as port:
        fields = "Host: a", f"Content-Length: {8 * MIB}"
        with lone.asked(f"PUT http://127.0.0.1:{port}/ HTTP/1.1", *fields) as client:
            assert read_exactly(client, len(OK)) == OK
            client.sendall(bytes(8 * MIB))
            assert over.wait(20)
    assert len(heard[0]) == 8 * MIB


def test_an_upload_that_was_answered_early_and_stops_is_given_up(lone: Lone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transom.run.forwarding._PATIENCE", 0.1)
    fields = "Host: a", "Content-Length: 6"
    with (
        raw_server(answers_ok) as port,
        lone.asked(f"PUT http://127.0.0.1:{port}/ HTTP/1.1", *fields, body=b"a") as client,
    ):
        assert drain(client) == OK


def test_a_client_that_leaves_in_the_midst_of_its_upload_leaves_the_server(lone: Lone) -> None:
    heard: list[bytes] = []
    over = threading.Event()

    def script(server: socket.socket) -> None:
        read_head(server)
        heard.append(drain(server))
        over.set()

    with raw_server(script) as port:
        with lone.asked(f"PUT http://127.0.0.1:{port}/ HTTP/1.1", "Host: a", "Content-Length: 6", body=b"abc"):
            pass
        assert over.wait(20)
    assert heard == [b"abc"]


def test_chunks_that_are_none_are_a_400_though_the_server_still_waits(lone: Lone) -> None:
    with raw_server(drain) as port:
        fields = "Host: a", "Transfer-Encoding: chunked"
        with lone.asked(f"PUT http://127.0.0.1:{port}/ HTTP/1.1", *fields, body=b"no size\r\n") as client:
            assert status(drain(client)) == 400


def test_a_client_that_ends_its_side_behind_its_request_is_answered(lone: Lone) -> None:
    with raw_server(answers_ok) as port, lone.asked(f"GET http://127.0.0.1:{port}/ HTTP/1.1", "Host: a") as client:
        client.shutdown(socket.SHUT_WR)
        assert drain(client) == OK


def test_an_answer_that_a_reset_cuts_is_reset_for_the_client_too(lone: Lone) -> None:
    """Ended by the connection's end it would be taken for whole."""

    def script(server: socket.socket) -> None:
        read_head(server)
        server.sendall(b"HTTP/1.0 200 OK\r\n\r\nhalf")
        assert read_exactly(server, 2) == b"ab"
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    with raw_server(script) as port:
        fields = "Host: a", "Content-Length: 2"
        with lone.asked(f"POST http://127.0.0.1:{port}/ HTTP/1.1", *fields, body=b"a") as client:
            assert read_head(client).startswith(b"HTTP/1.0 200 OK\r\n")
            assert read_exactly(client, 4) == b"half"
            client.sendall(b"b")
            with pytest.raises(ConnectionResetError):
                client.recv(1)
    assert (Side.SERVER, "reset") in lone.seen[0].ends


def test_of_the_servers_that_one_client_asks_no_more_than_sixteen_are_kept(lone: Lone) -> None:
    over = threading.Semaphore(0)

    def script(server: socket.socket) -> None:
        with server:
            read_head(server)
            server.sendall(OK)
            drain(server)
        over.release()

    names = [f"127.0.0.{number}" for number in range(1, 21)]
    with socket.create_server(("0.0.0.0", 0)) as listening, lone.connected() as client:
        port = listening.getsockname()[1]
        for name in names:
            client.sendall(f"GET http://{name}:{port}/ HTTP/1.1\r\nHost: a\r\n{lone.login}\r\n\r\n".encode())
            threading.Thread(target=script, args=(listening.accept()[0],)).start()
            assert read_exactly(client, len(OK)) == OK
        for _ in range(4):
            assert over.acquire(timeout=20)
        assert not over.acquire(blocking=False)
    for _ in range(16):
        assert over.acquire(timeout=20)


def test_the_one_that_is_let_go_is_the_one_that_was_asked_longest_ago(lone: Lone) -> None:
    def script(server: socket.socket) -> None:
        with server:
            while read_head(server):
                server.sendall(OK)

    numbers = [*range(1, 17), 1, 17, 1]
    called: set[int] = set()
    with socket.create_server(("0.0.0.0", 0)) as listening, lone.connected() as client:
        port = listening.getsockname()[1]
        for number in numbers:
            url = f"http://127.0.0.{number}:{port}/"
            client.sendall(f"GET {url} HTTP/1.1\r\nHost: a\r\n{lone.login}\r\n\r\n".encode())
            if number not in called:
                called.add(number)
                threading.Thread(target=script, args=(listening.accept()[0],)).start()
            assert read_exactly(client, len(OK)) == OK
    assert len(lone.seen) == 17


@pytest.mark.parametrize("piece", [b"G", b"GET http://a/ HTTP/1.1\r\nX", b"\x05", b"\x05\x01"])
def test_a_head_that_trickles_has_its_time_and_then_goes(
    lone: Lone, monkeypatch: pytest.MonkeyPatch, piece: bytes
) -> None:
    monkeypatch.setattr("transom.run.guest.WHOLE_HEAD", 0.3)
    monkeypatch.setattr("transom.run.tunnel.WHOLE_HEAD", 0.3)
    with lone.connected() as client:
        client.sendall(piece)
        answer = drain(client)
    assert answer == b"" if piece[0] == 5 else status(answer) == 408


def test_whoever_says_nothing_is_closed(lone: Lone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transom.run.guest.FIRST_WORD", 0.3)
    with lone.connected() as client:
        assert drain(client) == b""


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"GET http://a/" + b"a" * 9000, 414),
        (b"GET http://a/ HTTP/1.1\r\nX: " + b"a" * 70_000, 431),
        (b"GET http://a/ HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 101 + b"\r\n", 431),
    ],
)
def test_a_head_beyond_bounds_is_refused_before_it_ends(lone: Lone, head: bytes, code: int) -> None:
    with lone.connected() as client:
        client.sendall(head)
        assert status(drain(client)) == code


@pytest.mark.parametrize("method", ["GET", "CONNECT"])
@pytest.mark.parametrize("where", ["no-such-name.invalid:80", "127.0.0.1:CLOSED", "224.0.0.1:80"])
def test_a_server_that_cannot_be_reached_is_a_502_that_says_why(lone: Lone, method: str, where: str) -> None:
    where = where.replace("CLOSED", str(free_ports(1)[0]))
    target = where if method == "CONNECT" else f"http://{where}/"
    with lone.asked(
        f"{method} {target} HTTP/1.1", "Host: a", "Content-Length: 1000000", body=os.urandom(100)
    ) as client:
        answer = drain(client)
    assert status(answer) == 502
    assert where.partition(":")[0].encode() in answer
    assert len(lone.failed) == 1


@pytest.mark.parametrize("method", ["GET", "CONNECT"])
def test_a_server_that_does_not_answer_the_call_is_a_504(
    lone: Lone, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr("transom.run.outward.CONNECT_TIME", 0.5)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        where = f"127.0.0.1:{full.getsockname()[1]}"
        with socket.create_connection(full.getsockname()):  # it takes no other
            target = where if method == "CONNECT" else f"http://{where}/"
            with lone.asked(f"{method} {target} HTTP/1.1", "Host: a") as client:
                assert status(drain(client)) == 504
