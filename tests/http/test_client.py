"""The client's side of one exchange, driven with a server's bytes."""

from __future__ import annotations

import pytest

from tests.http import trailers
from tests.http.condensed import condensed, splits
from transom.errors import HttpError, Truncated, UsageError
from transom.http.events import BodyData, BodyEnd, InformationalHead, ResponseHead
from transom.http.framing import Chunked, Length, UntilClose
from transom.http.h1_client import ClientExchange
from transom.http.head import RESPONSE_LIMITS
from transom.http.messages import Headers, Request

HOST = Headers([("Host", "files.test")])


def asked(method: str = "GET") -> ClientExchange:
    exchange = ClientExchange(Request(method, "/file", HOST))
    exchange.take_outgoing()
    return exchange


def test_the_request_head_is_sent_once() -> None:
    exchange = ClientExchange(Request("GET", "/a?b", HOST))
    assert exchange.take_outgoing() == b"GET /a?b HTTP/1.1\r\nHost: files.test\r\n\r\n"
    assert exchange.take_outgoing() == b""


def test_a_body_of_known_length_follows_its_head_uncopied() -> None:
    exchange = ClientExchange(Request("PUT", "/a", HOST), body_length=4)
    view = memoryview(b"data")
    head, body = exchange.send_body(view)
    assert bytes(head).endswith(b"Content-Length: 4\r\n\r\n")
    assert body is view
    assert exchange.end_body() == []


def test_a_body_of_unknown_length_is_sent_in_chunks() -> None:
    exchange = ClientExchange(Request("PUT", "/a", HOST.replaced("Transfer-Encoding", "chunked")))
    exchange.take_outgoing()
    view = memoryview(b"data")
    pieces = exchange.send_body(view)
    assert pieces[1] is view
    assert b"".join([*pieces, *exchange.end_body()]) == b"4\r\ndata\r\n0\r\n\r\n"


def test_more_or_less_body_than_announced_is_the_callers_error() -> None:
    exchange = ClientExchange(Request("PUT", "/a", HOST), body_length=4)
    exchange.send_body(b"abc")
    with pytest.raises(UsageError, match="3 of 4"):
        exchange.end_body()
    with pytest.raises(UsageError, match="5 bytes"):
        exchange.send_body(b"de")


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/a b", HOST),
        Request("GET", "/é", HOST),
        Request("GE T", "/", HOST),
        Request("GET", "/", HOST.replaced("X", "a\r\nInjected: b")),
        Request("GET", "/", HOST.replaced("X: y\r\nZ", "a")),
        Request("GET", "/"),
    ],
)
def test_a_request_that_is_no_http_is_not_sent(request_: Request) -> None:
    with pytest.raises(UsageError, match="cannot be sent"):
        ClientExchange(request_)


RESPONSES: dict[str, tuple[bytes, list[object]]] = {
    "length": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        [Length(5), b"hello", BodyEnd(5)],
    ),
    "chunked": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nDigest: x\r\n\r\n",
        [Chunked(), b"hello", BodyEnd(5, Headers([("Digest", "x")]))],
    ),
    "nothing": (b"HTTP/1.1 204 No Content\r\n\r\n", [Length(0), BodyEnd(0)]),
    "empty": (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", [Length(0), BodyEnd(0)]),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", [Length(0), BodyEnd(0)]),
    "bare line feeds": (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", [Length(2), b"hi", BodyEnd(2)]),
}


@pytest.mark.parametrize("name", RESPONSES)
def test_a_response_is_the_same_wherever_its_bytes_are_split(name: str) -> None:
    wire, expected = RESPONSES[name]
    for pieces in [(wire,), *splits(wire)]:
        exchange = asked()
        head, *rest = condensed(exchange.receive, *pieces)
        assert isinstance(head, ResponseHead)
        assert [head.framing, *rest] == expected
        assert exchange.complete
        assert exchange.reusable


def test_a_response_to_head_has_no_body_whatever_it_announces() -> None:
    exchange = asked("HEAD")
    head, end = exchange.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
    assert isinstance(head, ResponseHead)
    assert head.response.headers.get("Content-Length") == "500"
    assert end == BodyEnd(0)
    assert exchange.reusable


def test_informational_responses_come_before_the_final_one() -> None:
    exchange = asked()
    first, second, head, end = exchange.receive(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 Done\r\n\r\n"
    )
    assert isinstance(first, InformationalHead)
    assert isinstance(second, InformationalHead)
    assert (first.response.status, second.response.status) == (100, 103)
    assert isinstance(head, ResponseHead)
    assert (head.response.status, head.response.reason) == (204, "Done")
    assert end == BodyEnd(0)


def test_data_of_a_known_length_is_a_view_of_what_came() -> None:
    exchange = asked()
    exchange.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    buffer = bytearray(b"x" * 50)
    (event,) = exchange.receive(memoryview(buffer))
    assert isinstance(event, BodyData)
    buffer[0] = ord("y")
    assert bytes(event.data)[:2] == b"yx"


TRUNCATED = {
    "before any response": (b"", "before any response"),
    "in the head": (b"HTTP/1.1 200 OK\r\nContent-Le", "inside the response head"),
    "after a 1xx": (b"HTTP/1.1 100 Continue\r\n\r\n", "before any response"),
    "in a known length": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n" + b"x" * 1000,
        "closed the connection after 1,000 of 8,388,608 bytes",
    ),
    "in a chunk": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "after 3 bytes, and the last chunk",
    ),
    "before the last chunk": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
        "after 2 bytes, and the last chunk",
    ),
    "in the trailers": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n",
        "after 2 bytes, and the last chunk",
    ),
    "until close, unannounced": (b"HTTP/1.1 200 OK\r\n\r\nhello", "after 5 bytes of unknown length"),
}


@pytest.mark.parametrize("name", TRUNCATED)
def test_a_response_cut_short_is_truncated_and_says_where(name: str) -> None:
    wire, said = TRUNCATED[name]
    exchange = asked()
    if wire:
        exchange.receive(wire)
    with pytest.raises(Truncated, match=said):
        exchange.receive(b"")
    assert not exchange.reusable


@pytest.mark.parametrize("name", [name for name in TRUNCATED if not name.startswith("until")])
def test_even_an_announced_end_of_the_stream_truncates_what_has_its_own_framing(name: str) -> None:
    exchange = asked()
    if TRUNCATED[name][0]:
        exchange.receive(TRUNCATED[name][0])
    with pytest.raises(Truncated):
        exchange.end_of_stream(clean=True)


@pytest.mark.parametrize("trailer", trailers.REFUSED.values(), ids=trailers.REFUSED.keys())
def test_a_trailer_that_may_be_read_in_two_ways_is_refused(trailer: bytes) -> None:
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n" + trailer
    for pieces in [(wire,), *splits(wire)]:
        exchange = asked()
        with pytest.raises(HttpError, match=r"not valid HTTP: .* trailer"):
            condensed(exchange.receive, *pieces)
        assert not exchange.complete
        assert not exchange.reusable


@pytest.mark.parametrize(
    ("piece", "what"),
    [(b"HTTP/1.1 100 Continue\r\n\r\n", "interim responses"), (b"\r\n", "empty lines")],
    ids=["interim responses", "empty lines"],
)
def test_what_comes_before_a_response_without_end_is_refused(piece: bytes, what: str) -> None:
    exchange, most = asked(), RESPONSE_LIMITS.size // len(piece)
    exchange.receive(piece * most)
    with pytest.raises(HttpError, match=f"{what} of more than 262,144 bytes"):
        exchange.receive(piece)
    assert not exchange.reusable


def test_an_announced_end_of_the_stream_completes_a_body_without_a_length() -> None:
    exchange = asked()
    head, *_ = exchange.receive(b"HTTP/1.0 200 OK\r\n\r\nhello")
    assert isinstance(head, ResponseHead)
    assert head.framing == UntilClose()
    assert exchange.end_of_stream(clean=True) == [BodyEnd(5)]
    assert exchange.complete
    assert not exchange.reusable


def test_the_end_of_the_stream_after_a_whole_response_is_nothing() -> None:
    exchange = asked()
    exchange.receive(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert exchange.receive(b"") == []


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n",
    ],
    ids=["close", "http/1.0", "surplus bytes", "surplus bytes after chunks", "two framings"],
)
def test_a_connection_is_not_reused_after(wire: bytes) -> None:
    exchange = asked()
    exchange.receive(wire)
    assert exchange.complete
    assert not exchange.reusable


def test_a_connection_is_not_reused_before_the_request_is_wholly_sent() -> None:
    exchange = ClientExchange(Request("PUT", "/", HOST), body_length=10)
    exchange.send_body(b"12345")
    exchange.receive(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
    assert exchange.complete
    assert not exchange.reusable


def test_a_change_of_protocol_that_was_asked_for_ends_the_exchange() -> None:
    headers = HOST.replaced("Upgrade", "websocket").replaced("Connection", "upgrade")
    exchange = ClientExchange(Request("GET", "/", headers))
    head, end = exchange.receive(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
    assert isinstance(head, ResponseHead)
    assert (head.response.status, end) == (101, BodyEnd(0))
    assert not exchange.reusable


def test_a_connection_becomes_a_tunnel_only_after_connect() -> None:
    exchange = ClientExchange(Request("CONNECT", "files.test:443", HOST))
    assert exchange.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")[1:] == [BodyEnd(0)]
    assert not exchange.reusable


@pytest.mark.parametrize(
    "wire",
    [
        b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n",
        b"\x15\x03\x03\x00\x02\x02\x0a",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhiX",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * (1 << 20) + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1001 + b"\r\n",
    ],
)
def test_a_response_that_is_no_http_is_refused(wire: bytes) -> None:
    with pytest.raises(HttpError, match="not valid HTTP") as refusal:
        asked().receive(wire)
    assert refusal.value.status is None
    assert len(str(refusal.value)) < 400
