"""Whatever is read of a head without h11 is what h11 makes of it; and most of what crosses is read so."""

from __future__ import annotations

import h11
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transom.errors import HttpError
from transom.http.framing import Chunked, opens_tunnel, request_framing, response_framing
from transom.http.head import client_side, parse_request, parse_response, server_side
from transom.http.messages import Request, Response
from transom.http.plain_heads import plain_request, plain_response

LINES = (
    b"Host: example",
    b"host:\texample \t",
    b"Host:",
    b"Content-Length: 5",
    b"content-length:0012",
    b"Content-Length: 5, 5",
    b"Content-Length: +5",
    b"Content-Length: 5 5",
    b"Content-Length: -1",
    b"Content-Length: " + b"9" * 19,
    b"Content-Length: " + b"9" * 21,
    b"Content-Length:",
    b"Transfer-Encoding: chunked",
    b"transfer-encoding: gzip, chunked",
    b"Transfer-Encoding: identity",
    b"Expect: 100-continue",
    b"Upgrade: h2c",
    b"Connection: close, Upgrade",
    b"Cookie: a=\x01; b=\xe9\xff",
    b"X: a\x00b",
    b"X: a\x0bb\x0c",
    b"X: a\rb",
    b"X: a\x7fb",
    b" folded",
    b"\tfolded: too",
    b"X : y",
    b"X",
    b": y",
    b"(X): y",
    b"X\xe9: y",
    b"X:  y  z \t",
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64)",
    b"Date: Thu, 26 Nov 2026 18:00:00 GMT",
)
REQUEST_LINES = (
    b"GET / HTTP/1.1",
    b"POST /a?b=c%20d HTTP/1.1",
    b"HEAD / HTTP/1.0",
    b"CONNECT example:443 HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"get / HTTP/1.1",
    b"GET http://example/ HTTP/1.1",
    b"GET / HTTP/1.2",
    b"GET / HTTP/2.0",
    b"GET / http/1.1",
    b"GET  / HTTP/1.1",
    b"GET /a b HTTP/1.1",
    b"GET /\xe9 HTTP/1.1",
    b"GET /",
    b"G(T / HTTP/1.1",
    b"GET / HTTP/1.1 ",
    b" GET / HTTP/1.1",
)
STATUS_LINES = (
    b"HTTP/1.1 200 OK",
    b"HTTP/1.0 404 Not Found",
    b"HTTP/1.1 204 ",
    b"HTTP/1.1 304",
    b"HTTP/1.1 101 Switching Protocols",
    b"HTTP/1.1 100 Continue",
    b"HTTP/1.1 000 Nothing",
    b"HTTP/1.1 600 Beyond",
    b"HTTP/1.1 999 Far beyond",
    b"HTTP/1.1 20 OK",
    b"HTTP/1.1 2000 OK",
    b"HTTP/1.1  200 OK",
    b"HTTP/1.1 200 \xc3\x96K\t \x01",
    b"HTTP/1.1 200 \t K ",
    b"HTTP/1.2 200 OK",
    b"HTTP/2 200 OK",
    b"http/1.1 200 OK",
    b"ICY 200 OK",
)


def heads(first_lines: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Heads of such lines with either end, some with bytes put anywhere; each with one blank line, its last."""
    line_ends = st.sampled_from((b"\r\n", b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r\r\n"))
    lines = st.lists(st.tuples(st.sampled_from(LINES), line_ends).map(b"".join), max_size=5).map(b"".join)
    odd = st.one_of(st.just(b""), st.binary(min_size=1, max_size=2))
    start = st.tuples(st.sampled_from(first_lines), line_ends).map(b"".join)
    put = st.tuples(start, lines, odd, st.integers(0, 200)).map(_put)
    return put.map(lambda lines: lines + b"\r\n").filter(_is_one_head)


def _put(parts: tuple[bytes, bytes, bytes, int]) -> bytes:
    start, lines, odd, place = parts
    whole = start + lines
    at = place % (len(whole) + 1)
    return whole[:at] + odd + whole[at:]


def _is_one_head(head: bytes) -> bool:
    """As `HeadReader` cuts them out of the stream: no blank line but the last, none before the first."""
    body = head.removesuffix(b"\r\n")
    return b"\n\n" not in body and b"\n\r\n" not in body and body[:1] not in b"\r\n"


def judged_request(head: bytes) -> tuple[Request, bool] | None:
    connection = server_side()
    try:
        return parse_request(connection, head), connection.they_are_waiting_for_100_continue
    except HttpError:
        return None


def judged_response(method: str, head: bytes) -> Response | None:
    connection = client_side()
    connection.send(h11.Request(method=method, target="/", headers=[("Host", ""), ("Upgrade", "any")]))
    try:
        return parse_response(connection, head)
    except HttpError:
        return None


def compare_request(head: bytes) -> None:
    plain = plain_request(head)
    if plain is not None:
        assert judged_request(head) == (plain, False)
        assert not isinstance(request_framing(plain), Chunked)


def compare_response(head: bytes, method: str) -> None:
    plain = plain_response(head)
    if plain is not None:
        assert judged_response(method, head) == plain
        assert not isinstance(response_framing(method, plain), Chunked)
        assert not opens_tunnel(method, plain.status)


@pytest.mark.parametrize("first", REQUEST_LINES)
def test_each_line_of_a_request_by_itself_is_as_h11_has_it(first: bytes) -> None:
    for line in LINES:
        for others in (b"", b"Host: a\r\n", b"Host: a\r\nContent-Length: 5\r\n"):
            compare_request(first + b"\r\n" + others + line + b"\r\n\r\n")


@pytest.mark.parametrize("first", STATUS_LINES)
def test_each_line_of_a_response_by_itself_is_as_h11_has_it(first: bytes) -> None:
    for line in LINES:
        for others in (b"", b"Content-Length: 5\r\n"):
            compare_response(first + b"\r\n" + others + line + b"\r\n\r\n", "GET")


@settings(max_examples=300)
@given(heads(REQUEST_LINES))
@example(b"GET / HTTP/1.1\r\nHost: a\r\nX: y\n\r\n")
def test_a_request_that_is_read_without_h11_is_what_h11_makes_of_it(head: bytes) -> None:
    compare_request(head)


@settings(max_examples=300)
@given(heads(STATUS_LINES), st.sampled_from(("GET", "HEAD", "POST", "OPTIONS")))
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "GET")
def test_a_response_that_is_read_without_h11_is_what_h11_makes_of_it(head: bytes, method: str) -> None:
    compare_response(head, method)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: example\r\n\r\n",
        b"POST /form?a=b HTTP/1.1\r\nhost:example\r\nCookie: a=\xe9\r\nCONTENT-LENGTH: 12\r\n\r\n",
        b"HEAD /a HTTP/1.0\r\nHost: example\r\nAccept: */* \t\r\nX-Empty:\r\nConnection: keep-alive\r\n\r\n",
    ],
)
def test_a_plain_request_is_read_without_h11(head: bytes) -> None:
    assert plain_request(head) is not None


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.0 302 \r\nServer: nginx\r\nLocation: /a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n",
        b"HTTP/1.1 304\r\n\r\n",
    ],
)
def test_a_plain_response_is_read_without_h11(head: bytes) -> None:
    assert plain_response(head) is not None


@pytest.mark.parametrize("line", [b"Transfer-Encoding: chunked", b"Expect: 100-continue", b"Upgrade: h2c"])
def test_what_decides_how_to_go_on_is_left_to_h11(line: bytes) -> None:
    assert plain_request(b"GET / HTTP/1.1\r\nHost: example\r\n" + line + b"\r\n\r\n") is None
    assert plain_response(b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n") is None
