"""What an observer makes of two streams."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.http.condensed import splits
from transom.http.events import (
    BodyCut,
    BodyData,
    BodyEnd,
    BodyMissing,
    InformationalHead,
    Problem,
    RequestHead,
    ResponseHead,
    Switched,
)
from transom.http.messages import Headers
from transom.http.observed import HttpObserver, Seen
from transom.wire.tap import Side

C, S = Side.CLIENT, Side.SERVER
GET = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def told(seen: list[Seen]) -> list[tuple[int, object]]:
    """Exchange and event of each, heads as their first line's text, neighbouring data as one."""
    found: list[tuple[int, object]] = []
    for item in seen:
        match item.event:
            case RequestHead(request):
                event: object = f"{request.method} {request.target}"
            case ResponseHead(response) | InformationalHead(response):
                event = response.status
            case BodyData(data):
                event = bytes(data)
            case Problem(code):
                event = code
            case other:
                event = other
        if found and isinstance(event, bytes) and isinstance(last := found[-1][1], bytes):
            found[-1] = (item.exchange, last + event)
        else:
            found.append((item.exchange, event))
    return found


def observed(*pieces: tuple[Side, bytes]) -> list[tuple[int, object]]:
    observer = HttpObserver()
    found: list[Seen] = []
    for side, data in pieces:
        found += [_kept(item) for item in observer.receive(side, data)]
    return told(found)


def _kept(item: Seen) -> Seen:
    event = BodyData(bytes(item.event.data)) if isinstance(item.event, BodyData) else item.event
    return Seen(item.exchange, item.side, item.start, item.end, event)


def test_an_exchange_is_told_with_the_place_of_its_bytes() -> None:
    observer = HttpObserver()
    head, end = observer.receive(C, GET)
    assert (head.side, head.start, head.end, end.start) == (C, 0, len(GET), len(GET))
    answer, data, _ = observer.receive(S, OK)
    assert (answer.start, answer.end) == (0, len(OK) - 5)
    assert (data.start, data.end) == (len(OK) - 5, len(OK))


def test_both_directions_are_the_same_wherever_they_are_split() -> None:
    chunked = b"PUT /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    requests = GET + chunked + b"DELETE /c HTTP/1.1\r\nHost: h\r\n\r\n"
    responses = OK + b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 Done\r\n\r\n"
    whole = observed((C, requests), (S, responses))
    assert whole == [
        (0, "GET /a"),
        (0, BodyEnd(0)),
        (1, "PUT /b"),
        (1, b"abc"),
        (1, BodyEnd(3)),
        (2, "DELETE /c"),
        (2, BodyEnd(0)),
        (0, 200),
        (0, b"hello"),
        (0, BodyEnd(5)),
        (1, 100),
        (1, 204),
        (1, BodyEnd(0)),
    ]
    for pieces in splits(requests):
        assert observed(*((C, piece) for piece in pieces), (S, responses)) == whole
    for pieces in splits(responses):
        assert observed((C, requests), *((S, piece) for piece in pieces)) == whole


@pytest.mark.parametrize("status", [b"204 No", b"304 Not Modified"])
def test_a_response_without_a_body_is_followed_by_the_next_one(status: bytes) -> None:
    answers = b"HTTP/1.1 " + status + b"\r\nContent-Length: 5\r\n\r\n" + OK
    assert [event for _, event in observed((C, GET * 2), (S, answers))][-3:] == [200, b"hello", BodyEnd(5)]


def test_a_response_to_head_has_no_body() -> None:
    answers = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + OK
    seen = observed((C, GET.replace(b"GET", b"HEAD") + GET), (S, answers))
    assert seen[-5:] == [(0, 200), (0, BodyEnd(0)), (1, 200), (1, b"hello"), (1, BodyEnd(5))]


@pytest.mark.parametrize(("clean", "end"), [(True, BodyEnd(5)), (False, BodyCut(5, None))])
def test_a_body_until_close_is_whole_only_if_the_close_was_announced(clean: bool, end: object) -> None:
    observer = HttpObserver()
    observer.receive(C, b"GET / HTTP/1.0\r\n\r\n")
    observer.receive(S, b"HTTP/1.0 200 OK\r\n\r\nhello")
    assert observer.closed(S, clean=clean)[0].event == end


@pytest.mark.parametrize(
    ("wire", "cut"),
    [
        (OK[:-2], BodyCut(3, 5)),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", BodyCut(3, None)),
    ],
)
def test_a_body_cut_short_is_told_with_its_counts(wire: bytes, cut: BodyCut) -> None:
    observer = HttpObserver()
    observer.receive(C, GET)
    observer.receive(S, wire)
    assert told(observer.closed(S, clean=True)) == [(0, cut), (0, "http-truncated")]
    assert observer.closed(S, clean=True) == []


def test_a_stream_that_ends_inside_a_head_is_a_problem() -> None:
    observer = HttpObserver()
    observer.receive(C, GET[:10])
    assert told(observer.closed(C, clean=True)) == [(0, "http-truncated")]
    assert observer.closed(S, clean=True) == []


def test_after_101_both_directions_are_something_else() -> None:
    upgrade = GET[:-2] + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    switching = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    seen = observed((C, upgrade), (S, switching + b"\x81\x05hello"), (C, b"\x81\x85"))
    assert seen[2:] == [(0, 101), (0, Switched("websocket"))]


def test_an_offer_to_upgrade_that_is_passed_over_changes_nothing() -> None:
    upgrade = GET[:-2] + b"Connection: upgrade\r\nUpgrade: h2c\r\n\r\n"
    assert observed((C, upgrade), (S, OK), (C, GET))[-2:] == [(1, "GET /a"), (1, BodyEnd(0))]


def test_after_connect_both_directions_are_a_tunnel() -> None:
    connect = b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"
    seen = observed((C, connect), (S, b"HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03"), (C, b"\x16\x03\x01"))
    assert seen[2:] == [(0, 200), (0, Switched("tunnel"))]


def test_a_connect_that_is_refused_is_an_ordinary_exchange() -> None:
    connect = b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"
    refusal = OK.replace(b"200 OK", b"403 Forbidden")
    assert observed((C, connect), (S, refusal), (C, GET))[-2:] == [(1, "GET /a"), (1, BodyEnd(0))]


def test_a_hole_inside_a_known_length_is_a_missing_stretch() -> None:
    observer = HttpObserver()
    observer.receive(C, GET * 2)
    observer.receive(S, OK[:-4])
    assert told(observer.lost(S, 3)) == [(0, BodyMissing(1, 3))]
    assert told([_kept(item) for item in observer.receive(S, b"o" + OK)]) == [
        (0, b"o"),
        (0, BodyEnd(5)),
        (1, 200),
        (1, b"hello"),
        (1, BodyEnd(5)),
    ]


def test_a_hole_that_ends_with_the_body_leaves_the_next_message_readable() -> None:
    observer = HttpObserver()
    observer.receive(C, GET * 2)
    observer.receive(S, OK[:-5])
    assert told(observer.lost(S, 5)) == [(0, BodyMissing(0, 5)), (0, BodyEnd(5))]
    (head, *_) = observer.receive(S, OK)
    assert isinstance(head.event, ResponseHead)
    assert (head.exchange, head.start) == (1, len(OK))


def test_a_hole_that_reaches_past_the_body_ends_the_view() -> None:
    observer = HttpObserver()
    observer.receive(C, GET)
    observer.receive(S, OK[:-4])
    assert told(observer.lost(S, 5)) == [(0, BodyMissing(1, 4)), (0, BodyEnd(5)), (1, "http-lost")]
    assert observer.receive(S, OK) == []
    assert observer.lost(S, 1) == []


def test_a_hole_in_a_body_until_close_is_a_missing_stretch() -> None:
    observer = HttpObserver()
    observer.receive(C, b"GET / HTTP/1.0\r\n\r\n")
    observer.receive(S, b"HTTP/1.0 200 OK\r\n\r\nhe")
    assert told(observer.lost(S, 2)) == [(0, BodyMissing(2, 2))]
    observer.receive(S, b"o")
    assert told(observer.closed(S, clean=True)) == [(0, BodyEnd(5))]


def test_a_hole_among_chunks_ends_the_view() -> None:
    observer = HttpObserver()
    observer.receive(C, GET)
    observer.receive(S, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")
    assert told(observer.lost(S, 2)) == [(0, BodyCut(3, None)), (0, "http-lost")]


@pytest.mark.parametrize("before", [b"", GET[:9]])
def test_a_hole_where_a_head_is_ends_the_view_of_that_direction_only(before: bytes) -> None:
    observer = HttpObserver()
    if before:
        observer.receive(C, before)
    assert told(observer.lost(C, 5)) == [(0, "http-lost")]
    assert observer.receive(C, GET) == []
    assert told([_kept(item) for item in observer.receive(S, OK)]) == [(0, 200), (0, b"hello"), (0, BodyEnd(5))]


def test_data_before_a_malformed_chunk_is_told() -> None:
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n"
    for pieces in [(wire,), *splits(wire)]:
        seen = observed((C, GET), *((S, piece) for piece in pieces))
        assert seen[2:] == [(0, 200), (0, b"hello"), (0, BodyCut(5, None)), (0, "http-malformed")]


@pytest.mark.parametrize(
    "wire",
    [b"\x16\x03\x01", b"GET /\r\n\r\n", b"GET / HTTP/1.1\r\nHost : h\r\n\r\n", GET[:-2] + b"X: " + b"y" * (1 << 19)],
)
def test_what_is_no_request_is_a_problem_and_the_responses_are_still_read(wire: bytes) -> None:
    assert observed((C, wire), (C, GET), (S, OK)) == [
        (0, "http-malformed"),
        (0, 200),
        (0, b"hello"),
        (0, BodyEnd(5)),
    ]


def test_ambiguous_framing_is_a_problem_and_read_as_chunked() -> None:
    wire = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
    assert observed((C, GET), (S, wire))[2:] == [(0, 200), (0, "http-ambiguous-framing"), (0, b"x"), (0, BodyEnd(1))]


def test_trailers_are_told() -> None:
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n"
    assert observed((C, GET), (S, wire))[-1] == (0, BodyEnd(0, Headers([("A", "b")])))


_FRAGMENTS = st.sampled_from(
    [
        GET,
        OK,
        b"HTTP/1.1 200 OK\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 3\r\n",
        b"\r\n",
        b"3\r\nabc\r\n",
    ]
)


@given(
    st.lists(st.tuples(st.sampled_from([C, S]), _FRAGMENTS | st.binary(max_size=8) | st.integers(0, 9)), max_size=20)
)
@settings(max_examples=150, deadline=None)
def test_no_stream_whatever_raises(steps: list[tuple[Side, bytes | int]]) -> None:
    observer = HttpObserver()
    for side, step in steps:
        if isinstance(step, int):
            observer.lost(side, step)
        else:
            observer.receive(side, step)
    observer.closed(C, clean=True)
    observer.closed(S, clean=False)
