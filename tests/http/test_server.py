"""The server's side of a connection, driven with a client's bytes."""

from __future__ import annotations

import pytest

from tests.http import trailers
from tests.http.condensed import condensed, splits
from transom.errors import HttpError, Truncated, UsageError
from transom.http.events import BodyEnd, RequestHead
from transom.http.framing import Chunked, Length
from transom.http.h1_server import ServerConnection
from transom.http.messages import Headers, Request, Response

GET = b"GET /file HTTP/1.1\r\nHost: files.test\r\n\r\n"


def answered(connection: ServerConnection, body: bytes = b"hello", **fields: str) -> bytes:
    connection.respond(Response(200, Headers(fields.items())), len(body))
    return b"".join([*connection.send_body(body), *connection.end_body()])


def refusal(wire: bytes) -> HttpError:
    with pytest.raises(HttpError) as caught:
        ServerConnection().receive(wire)
    return caught.value


def test_a_request_is_the_same_wherever_its_bytes_are_split() -> None:
    wire = b"PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
    request = Request("PUT", "/a", Headers([("Host", "h"), ("Transfer-Encoding", "chunked")]))
    for pieces in [(wire,), *splits(wire)]:
        connection = ServerConnection()
        assert condensed(connection.receive, *pieces) == [RequestHead(request, Chunked()), b"hello", BodyEnd(5)]
        assert connection.paused


def test_a_response_of_known_length_goes_out_uncopied() -> None:
    connection = ServerConnection()
    connection.receive(GET)
    connection.respond(Response(200, Headers([("ETag", '"x"')])), 5)
    view = memoryview(b"hello")
    head, body = connection.send_body(view)
    assert bytes(head) == b'HTTP/1.1 200 OK\r\nETag: "x"\r\nContent-Length: 5\r\n\r\n'
    assert body is view
    assert connection.end_body() == []
    assert not connection.must_close


def test_a_response_of_unknown_length_is_chunked() -> None:
    connection = ServerConnection()
    connection.receive(GET)
    connection.respond(Response(200), None)
    wire = b"".join([*connection.send_body(b"hello"), *connection.end_body()])
    assert wire == b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


def test_a_response_of_unknown_length_to_http_1_0_ends_with_the_connection() -> None:
    connection = ServerConnection()
    connection.receive(b"GET / HTTP/1.0\r\n\r\n")
    connection.respond(Response(200), None)
    wire = b"".join([*connection.send_body(b"hello"), *connection.end_body()])
    assert wire == b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"
    assert connection.must_close


def test_a_response_to_head_announces_its_length_and_sends_nothing() -> None:
    connection = ServerConnection()
    connection.receive(GET.replace(b"GET", b"HEAD"))
    connection.respond(Response(200), 5)
    assert b"Content-Length: 5\r\n" in connection.take_outgoing()
    assert connection.end_body() == []
    with pytest.raises(UsageError):
        connection.send_body(b"hello")


@pytest.mark.parametrize("status", [204, 304])
def test_a_response_that_has_no_body_announces_none(status: int) -> None:
    connection = ServerConnection()
    connection.receive(GET)
    connection.respond(Response(status), 5)
    assert b"Content-Length" not in connection.take_outgoing()
    assert connection.end_body() == []


def test_more_or_less_body_than_announced_is_the_servers_own_error() -> None:
    connection = ServerConnection()
    connection.receive(GET)
    connection.respond(Response(200), 5)
    connection.send_body(b"hel")
    with pytest.raises(UsageError, match="3 of 5"):
        connection.end_body()
    with pytest.raises(UsageError, match="6 bytes"):
        connection.send_body(b"lo!")


def test_a_header_with_a_line_end_in_it_is_not_sent() -> None:
    connection = ServerConnection()
    connection.receive(GET)
    with pytest.raises(UsageError, match="cannot be sent"):
        connection.respond(Response(200, Headers([("Content-Disposition", "a\r\nSet-Cookie: b")])), 0)


def test_pipelined_requests_are_answered_one_at_a_time_in_order() -> None:
    connection = ServerConnection()
    seen = connection.receive(b"".join(GET.replace(b"/file", b"/%d" % number) for number in range(3)))
    targets = []
    while seen:
        head, end = seen
        assert isinstance(head, RequestHead)
        assert end == BodyEnd(0)
        targets.append(head.request.target)
        answered(connection)
        seen = connection.next_request()
    assert targets == ["/0", "/1", "/2"]
    assert connection.idle


def test_a_request_after_a_chunked_one_begins_where_its_trailers_end() -> None:
    chunked = b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n"
    connection = ServerConnection()
    assert condensed(connection.receive, chunked + GET)[1:] == [b"hi", BodyEnd(2, Headers([("A", "b")]))]
    answered(connection)
    head, _ = connection.next_request()
    assert isinstance(head, RequestHead)
    assert head.request.target == "/file"


def test_bytes_received_before_the_answer_is_complete_wait() -> None:
    connection = ServerConnection()
    connection.receive(GET)
    assert connection.receive(GET) == []
    with pytest.raises(UsageError, match="no response"):
        connection.next_request()
    answered(connection)
    assert len(connection.next_request()) == 2


def test_a_request_is_answered_once() -> None:
    connection = ServerConnection()
    connection.receive(GET)
    answered(connection)
    with pytest.raises(UsageError, match="answered already"):
        connection.respond(Response(200), 0)


@pytest.mark.parametrize("head", [b"GET / HTTP/1.0\r\n\r\n", GET[:-2] + b"Connection: close\r\n\r\n"])
def test_a_client_that_will_not_go_on_is_told_so(head: bytes) -> None:
    connection = ServerConnection()
    connection.receive(head)
    assert b"Connection: close\r\n" in answered(connection)
    assert connection.must_close
    with pytest.raises(UsageError):
        connection.next_request()


def test_a_server_may_close_by_saying_so() -> None:
    connection = ServerConnection()
    connection.receive(GET)
    assert answered(connection, Connection="close").count(b"close") == 1
    assert connection.must_close


def test_a_client_that_expects_100_is_told_to_go_on() -> None:
    connection = ServerConnection()
    head, *_ = connection.receive(b"PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert head == RequestHead(head.request, Length(2), expects_continue=True)  # type: ignore[union-attr]
    connection.send_continue()
    assert connection.take_outgoing() == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert condensed(connection.receive, b"hi") == [b"hi", BodyEnd(2)]
    answered(connection)
    assert not connection.must_close


def test_an_answer_before_the_whole_request_closes() -> None:
    connection = ServerConnection()
    connection.receive(b"PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\nsome")
    connection.respond(Response(413), 0)
    assert b"Connection: close\r\n" in connection.take_outgoing()
    assert connection.must_close


def test_empty_lines_before_a_request_are_passed_over() -> None:
    for pieces in splits(b"\r\n\r\n" + GET):
        connection = ServerConnection()
        assert len(condensed(connection.receive, *pieces)) == 2


REFUSED = {
    "CL.TE": (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    "TE.CL": (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n", 400),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n", 400),
    "a list of lengths": (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4, 5\r\n\r\n", 400),
    "a signed length": (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +4\r\n\r\n", 400),
    "a hexadecimal length": (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x4\r\n\r\n", 400),
    "a length of 21 digits": (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + b"9" * 21 + b"\r\n\r\n", 400),
    "xchunked": (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 501),
    "chunked twice": (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 501),
    "chunked on two lines": (b"POST / HTTP/1.1\r\nHost: h\r\n" + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n", 501),
    "chunked in HTTP/1.0": (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    "a space before the colon": (b"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400),
    "a fold at the first field": (b"GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400),
    "a bare LF": (b"GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400),
    "a bare LF at the end": (b"GET / HTTP/1.1\r\nHost: h\r\n\n", 400),
    "a bare CR in a value": (b"GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400),
    "a NUL in a value": (b"GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "a host that is none": (b"GET / HTTP/1.1\r\nHost: a/../b\r\n\r\n", 400),
    "a host with userinfo": (b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400),
    "HTTP/2 over HTTP/1": (b"PRI * HTTP/2.0\r\n\r\n", 505),
    "no version": (b"GET /\r\n\r\n", 400),
    "a space in the target": (b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    "a byte of no ASCII in the target": (b"GET /\xff HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    "a TLS ClientHello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "NULs": (b"\0" * 64, 400),
    "a line of 9 KiB": (b"GET /" + b"a" * 9216 + b" HTTP/1.1\r\nHost: h\r\n\r\n", 414),
    "a line without end": (b"GET /" + b"a" * 8200, 414),
    "a header of 1 MiB": (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"y" * (1 << 20) + b"\r\n\r\n", 431),
    "a head without end": (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 11_000, 431),
    "101 fields": (b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X: y\r\n" * 100 + b"\r\n", 431),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_that_breaks_http_is_refused(name: str) -> None:
    wire, status = REFUSED[name]
    error = refusal(wire)
    assert error.status == status
    assert len(str(error)) < 400


@pytest.mark.parametrize("name", ["CL.TE", "a bare LF", "a TLS ClientHello", "a header of 1 MiB"])
def test_after_a_refusal_the_server_answers_and_closes_and_reads_no_more(name: str) -> None:
    wire, status = REFUSED[name]
    connection = ServerConnection()
    with pytest.raises(HttpError):
        connection.receive(wire + GET)
    connection.respond(Response(status), 0)
    head = connection.take_outgoing()
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"Connection: close\r\n" in head
    assert connection.must_close
    assert connection.receive(GET) == []


@pytest.mark.parametrize(
    "chunks",
    [
        b"zz\r\n",
        b"-1\r\n",
        b"2\r\nhiXX",
        b"5\nhello\r\n",
        b"f" * 21 + b"\r\n",
        b" 5\r\n",
        b"0x5\r\nhello\r\n",
        b"5;a\nhello\r\n",
        b"5;a\nb\r\nhello\r\n",
        b"2\r\nhi\n",
        b"2\r\nhi\r5\r\n",
    ],
)
def test_chunks_that_are_malformed_are_refused(chunks: bytes) -> None:
    error = refusal(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n" * 30_000)
    assert error.status in (400, 431)


CHUNKED = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nh\n\r\n0\r\n"


@pytest.mark.parametrize("trailer", trailers.REFUSED.values(), ids=trailers.REFUSED.keys())
def test_a_trailer_that_may_be_read_in_two_ways_is_refused(trailer: bytes) -> None:
    for pieces in [(CHUNKED + trailer,), *splits(CHUNKED + trailer)]:
        connection = ServerConnection()
        with pytest.raises(HttpError) as caught:
            condensed(connection.receive, *pieces)
        assert caught.value.status == 400
        assert connection.must_close


@pytest.mark.parametrize(("trailer", "fields"), trailers.TAKEN.values(), ids=trailers.TAKEN.keys())
def test_a_trailer_is_given_with_the_end_of_the_body(trailer: bytes, fields: list[tuple[str, str]]) -> None:
    cuts = splits(CHUNKED + trailer)[:: max(len(trailer) // 50, 1)]
    for pieces in [(CHUNKED + trailer + GET,), *cuts]:
        _, body, end = condensed(ServerConnection().receive, *pieces)
        assert (body, end) == (b"h\n", BodyEnd(2, Headers(fields)))


def test_a_folded_field_is_one_field() -> None:
    (head, _) = ServerConnection().receive(b"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n  b\r\n\r\n")
    assert isinstance(head, RequestHead)
    assert head.request.headers.get("X") == "a b"


def test_equal_lengths_on_two_lines_are_one_length() -> None:
    head, *rest = condensed(
        ServerConnection().receive, b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi"
    )
    assert isinstance(head, RequestHead)
    assert head.framing == Length(2)
    assert rest == [b"hi", BodyEnd(2)]


@pytest.mark.parametrize(
    "wire",
    [
        GET[:20],
        b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel",
        b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ],
    ids=["head", "length", "chunked"],
)
def test_a_request_cut_short_by_the_end_of_the_stream_is_truncated(wire: bytes) -> None:
    connection = ServerConnection()
    connection.receive(wire)
    with pytest.raises(Truncated):
        connection.receive(b"")
    assert connection.must_close


def test_a_client_that_sends_no_more_still_gets_all_it_asked_for() -> None:
    connection = ServerConnection()
    connection.receive(GET * 2)
    connection.receive(b"")
    assert b"Connection: close" not in answered(connection)
    assert len(connection.next_request()) == 2
    assert b"Connection: close" in answered(connection)
    assert connection.must_close


def test_a_pipelined_request_that_was_never_finished_is_truncated() -> None:
    connection = ServerConnection()
    connection.receive(GET + GET[:10])
    connection.receive(b"")
    answered(connection)
    with pytest.raises(Truncated):
        connection.next_request()
    assert connection.must_close


def test_no_piece_of_a_body_is_empty() -> None:
    for wire, length in ((GET, 0), (GET, None), (b"GET / HTTP/1.0\r\n\r\n", None)):
        connection = ServerConnection()
        connection.receive(wire)
        connection.respond(Response(200), length)
        assert all([*connection.send_body(b""), *connection.end_body()])


def test_a_client_that_leaves_between_two_requests_is_no_error() -> None:
    connection = ServerConnection()
    connection.receive(GET)
    answered(connection)
    connection.next_request()
    assert connection.receive(b"") == []
    assert connection.must_close


def test_a_refused_line_is_quoted_without_pythons_own_dress() -> None:
    with pytest.raises(HttpError, match=r"illegal header line: 'Host : x'"):
        ServerConnection().receive(b"GET / HTTP/1.1\r\nHost : x\r\n\r\n")
