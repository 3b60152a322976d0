"""What an observer makes of the two streams of a connection of HTTP/2."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.http.condensed import splits
from tests.http.h2.made import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    PADDED,
    PING,
    PRIORITY,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    WITH_PRIORITY,
    C,
    S,
    Talker,
    Told,
    Wire,
    client_preface,
    data,
    frame,
    get,
    observe,
    observed,
    problems,
    server_preface,
    told,
)
from transom.http.events import BodyCut, BodyEnd, BodyMissing, RequestHead, ResponseHead
from transom.http.framing import ByFrames, Length
from transom.http.h2.observed import Http2Observer
from transom.http.h2.odd import MANY_RESETS
from transom.http.h2.streams import MOST_STREAMS
from transom.http.messages import Headers, Request
from transom.wire.few import MOST_TOLD
from transom.wire.tap import Side


def two_files() -> Wire:
    """Two requests, their answers interleaved, with padding, priorities, updates and a trailer."""
    client, server = Talker(), Talker()
    return [
        (C, client_preface((4, 65_535))),
        (S, server_preface((3, 128))),
        (C, frame(SETTINGS, 1, 0) + client.headers(1, get("/a"), ends=True)),
        (C, client.headers(3, get("/b"), ends=True) + frame(PRIORITY, 0, 3, bytes(5))),
        (S, frame(SETTINGS, 1, 0) + server.headers(1, [(":status", "200"), ("content-length", "10")])),
        (S, server.headers(3, [(":status", "200")]) + data(3, b"abc", padding=7)),
        (S, data(1, b"01234") + data(3, b"def")),
        (C, frame(WINDOW_UPDATE, 0, 0, b"\0\0\xff\xff")),
        (S, data(1, b"56789", ends=True) + server.headers(3, [("x-sum", "6")], ends=True)),
    ]


TWO_FILES: list[Told] = [
    (1, C, "GET /a"),
    (1, C, BodyEnd(0)),
    (3, C, "GET /b"),
    (3, C, BodyEnd(0)),
    (1, S, 200),
    (3, S, 200),
    (3, S, b"abc"),
    (1, S, b"01234"),
    (3, S, b"def"),
    (1, S, b"56789"),
    (1, S, BodyEnd(10)),
    (3, S, BodyEnd(6, Headers([("x-sum", "6")]))),
]


def test_interleaved_streams_are_told_each_by_its_number() -> None:
    assert observe(two_files(), close=True) == TWO_FILES


def test_heads_have_their_fields_their_framing_and_the_place_of_their_frames() -> None:
    seen = observed(two_files())
    asked, answered = seen[0], seen[4]
    assert isinstance(asked.event, RequestHead)
    assert asked.event.request == Request("GET", "/a", Headers(), "2", "files.example")
    assert (asked.start, asked.side) == (len(client_preface((4, 0))) + 9, C)
    assert isinstance(answered.event, ResponseHead)
    assert answered.event.response.headers == Headers([("content-length", "10")])
    assert answered.event.framing == Length(10)
    other = seen[5].event
    assert isinstance(other, ResponseHead)
    assert other.framing == ByFrames()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_same_is_told_in_whatever_pieces_it_comes(draw: st.DataObject) -> None:
    pieces: list[tuple[Side, bytes]] = []
    for side, piece in two_files():
        at = 0
        while at < len(piece):
            size = draw.draw(st.integers(1, 40))
            pieces.append((side, piece[at : at + size]))
            at += size
    assert observe(pieces, close=True) == TWO_FILES


def test_one_side_may_be_given_after_the_other() -> None:
    client = b"".join(piece for side, piece in two_files() if side is C)
    server = b"".join(piece for side, piece in two_files() if side is S)
    in_order = observe([(C, client), (S, server)], close=True)
    assert [item for item in in_order if item[1] is S] == [item for item in TWO_FILES if item[1] is S]
    assert [item for item in in_order if item[1] is C] == [item for item in TWO_FILES if item[1] is C]


def test_a_head_in_many_frames_with_padding_and_priority_is_one() -> None:
    block = Talker().block(get("/long", ("x-long", "y" * 100)))
    padded = bytes((4,)) + bytes(5) + block[:10] + bytes(4)
    wire = (
        frame(HEADERS, END_STREAM | PADDED | WITH_PRIORITY, 1, padded)
        + frame(CONTINUATION, 0, 1, block[10:20])
        + frame(CONTINUATION, 0, 1)
        + frame(CONTINUATION, END_HEADERS, 1, block[20:])
    )
    (head, _end) = observed([(C, client_preface()), (C, wire)])
    assert isinstance(head.event, RequestHead)
    assert head.event.request.headers.get("x-long") == "y" * 100
    assert head.end - head.start == len(wire)
    for cut in splits(wire)[::7]:
        assert observe([(C, client_preface()), *((C, piece) for piece in cut)]) == told([head, _end])


def exchange(answer: list[tuple[str, str]], *behind: bytes, method: str = "GET", ends: bool = False) -> Wire:
    """A request, and an answer with what follows it."""
    return [
        (C, client_preface() + Talker().headers(1, get("/", method=method), ends=True)),
        (S, server_preface() + Talker().headers(1, answer, ends=ends) + b"".join(behind)),
    ]


@pytest.mark.parametrize(
    ("status", "method"), [("200", "HEAD"), ("304", "GET"), ("204", "GET"), ("200", "GET"), ("404", "HEAD")]
)
def test_an_answer_that_ends_with_its_head_has_no_body(status: str, method: str) -> None:
    answer = [(":status", status)]
    if (status, method) != ("200", "GET"):
        answer.append(("content-length", "1000"))  # of what a GET would have got (RFC 9110 §8.6)
    assert observe(exchange(answer, method=method, ends=True))[-1] == (1, S, BodyEnd(0))


def test_informational_heads_come_before_the_answer() -> None:
    server = Talker()
    wire = [
        (C, client_preface() + Talker().headers(1, get("/", ("expect", "100-continue"), method="PUT"))),
        (S, server_preface() + server.headers(1, [(":status", "100")])),
        (C, data(1, b"content", ends=True)),
        (S, server.headers(1, [(":status", "103"), ("link", "</a>")])),
        (S, server.headers(1, [(":status", "201")], ends=True)),
    ]
    assert observe(wire) == [
        (1, C, "PUT /"),
        (1, S, 100),
        (1, C, b"content"),
        (1, C, BodyEnd(7)),
        (1, S, 103),
        (1, S, 201),
        (1, S, BodyEnd(0)),
    ]
    (head, *_) = observed(wire)
    assert isinstance(head.event, RequestHead)
    assert head.event.expects_continue


@pytest.mark.parametrize(("length", "got"), [("10", b"hello"), ("3", b"hello")])
def test_a_body_that_is_not_as_long_as_announced_is_not_complete(length: str, got: bytes) -> None:
    wire = exchange([(":status", "200"), ("content-length", length)], data(1, got, ends=True))
    assert observe(wire)[-3:] == [(1, S, got), (1, S, "http2-malformed"), (1, S, BodyCut(len(got), int(length)))]
    assert f"5 of {length} bytes of its body came" in problems(observed(wire))[0]


def test_a_reset_cuts_both_messages_and_says_why() -> None:
    wire = exchange([(":status", "200"), ("content-length", "10")], data(1, b"hello"))
    wire = [*wire, (S, frame(RST_STREAM, 0, 1, (2).to_bytes(4, "big"))), (S, data(1, b"late", ends=True))]
    assert observe(wire, close=True)[-2:] == [(1, S, "http2-reset"), (1, S, BodyCut(5, 10))]
    assert problems(observed(wire)) == [
        "http2-reset: server reset it with INTERNAL_ERROR: 5 of 10 bytes of its body came (RFC 9113 §5.4.2)"
    ]


def test_a_request_that_its_client_takes_back_is_over() -> None:
    wire = [
        (C, client_preface() + Talker().headers(1, get("/"))),
        (C, frame(RST_STREAM, 0, 1, (8).to_bytes(4, "big"))),
    ]
    assert observe(wire) == [
        (1, C, "GET /"),
        (1, C, "http2-reset"),
        (1, C, BodyCut(0, None)),
        (1, S, BodyCut(0, None)),
    ]


def test_the_end_of_the_connection_cuts_what_had_not_ended() -> None:
    wire = exchange([(":status", "200")], data(1, b"hello"))
    assert observe(wire, close=True)[-2:] == [(1, S, BodyCut(5, None)), (1, S, "http-truncated")]
    inside = [*wire[:1], (wire[1][0], wire[1][1][:-3])]
    assert observe(inside, close=True)[-3:] == [
        (1, S, BodyCut(2, None)),
        (1, S, "http-truncated"),
        (0, S, "http-truncated"),
    ]


def test_a_server_may_say_that_it_goes_and_why() -> None:
    bye = frame(GOAWAY, 0, 0, (1).to_bytes(4, "big") + (11).to_bytes(4, "big") + b"too many\x1b[2J")
    found = problems(observed(exchange([(":status", "200")], bye, ends=True)))
    assert found == ['http2-goaway: GOAWAY with ENHANCE_YOUR_CALM, "too many\\x1b[2J"; the last stream is 1']
    calm = frame(GOAWAY, 0, 0, bytes(8))
    assert problems(observed(exchange([(":status", "200")], calm, ends=True))) == []


def test_a_pushed_answer_is_an_exchange_that_the_server_asked_for() -> None:
    server = Talker()
    promise = frame(PUSH_PROMISE, END_HEADERS, 1, (2).to_bytes(4, "big") + server.block(get("/style.css")))
    wire = [
        (C, client_preface() + Talker().headers(1, get("/"), ends=True)),
        (S, server_preface() + promise + server.headers(1, [(":status", "200")], ends=True)),
        (S, server.headers(2, [(":status", "200")]) + data(2, b"body{}", ends=True)),
    ]
    seen = observed(wire)
    assert told(seen)[2:] == [
        (2, S, "GET /style.css"),
        (2, C, BodyEnd(0)),
        (1, S, 200),
        (1, S, BodyEnd(0)),
        (2, S, 200),
        (2, S, b"body{}"),
        (2, S, BodyEnd(6)),
    ]


def test_what_is_unknown_or_says_nothing_of_messages_is_passed_over() -> None:
    noise = (
        frame(0xBE, 0xFF, 0, b"grease") + frame(0x0A, 0, 0, b"\0\0") + frame(PING, 0, 0, bytes(8))
        + frame(WINDOW_UPDATE, 0, 1, b"\0\0\0\1") + frame(PRIORITY, 0, 5, bytes(5)) + frame(0x10, 0, 0, b"\0\0\0\1u=1")
    )  # fmt: skip
    wire = [(C, client_preface() + noise + Talker().headers(1, get("/"), ends=True) + noise)]
    assert observe(wire, close=True) == [(1, C, "GET /"), (1, C, BodyEnd(0))]


@pytest.mark.parametrize(
    "wrong",
    [
        frame(RST_STREAM, 0, 1, b"\0"),
        frame(SETTINGS, 0, 0, b"\0\0\0"),
        frame(PING, 0, 0, b"short"),
        frame(WINDOW_UPDATE, 0, 1),
        frame(GOAWAY, 0, 0, b"\0"),
        frame(PRIORITY, 0, 1, b"\0"),
        frame(DATA, PADDED, 1, b"\xff"),
    ],
)
def test_a_malformed_frame_is_told_and_the_next_is_read(wrong: bytes) -> None:
    client = Talker()
    wire = [(C, client_preface() + client.headers(1, get("/"), ends=False) + wrong + data(1, b"x", ends=True))]
    assert observe(wire) == [(1, C, "GET /"), (ANY, C, "http2-malformed"), (1, C, b"x"), (1, C, BodyEnd(1))]


class _Any:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


ANY: int = _Any()  # type: ignore[assignment]


def test_another_frame_inside_a_field_block_makes_it_unreadable_and_what_refers_to_it_unknown() -> None:
    client = Talker()
    block = client.block(get("/", ("x-first", "1")))
    wire = [
        (C, client_preface() + frame(HEADERS, END_STREAM, 1, block[:5]) + frame(PING, 0, 0, bytes(8))),
        (C, frame(CONTINUATION, END_HEADERS, 1, block[5:])),
        (C, client.headers(3, get("/2", ("x-first", "1")), ends=True)),
    ]
    seen = observed(wire)
    assert told(seen) == [
        (0, C, "http2-malformed"),
        (0, C, "http2-malformed"),
        (3, C, "GET /2"),
        (3, C, "http2-fields-unknown"),
        (3, C, BodyEnd(0)),
    ]
    head = seen[2].event
    assert isinstance(head, RequestHead)
    assert (head.request.authority, head.request.headers) == (None, Headers())


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ([(":method", "GET"), (":scheme", "https")], "no :path"),
        ([(":path", "/"), (":scheme", "https")], "no :method"),
        (get("/", ("X-Upper", "1")), "a field is named 'X-Upper'"),
        (get("/", ("connection", "close")), "the field 'connection'"),
        (get("/", ("x", "a\r\nb: c")), "NUL, CR or LF"),
        (get("/", (":status", "200")), "':status' is not allowed"),
        ([*get("/"), ("x", "1"), (":authority", "other")], "':authority' twice"),
        ([(":method", "GET"), ("x", "1"), (":path", "/")], "':path' behind a regular field"),
        (get("/", ("content-length", "-1")), "content-length that is no number"),
    ],
)
def test_a_malformed_head_is_told(fields: list[tuple[str, str]], what: str) -> None:
    (found,) = problems(observed([(C, client_preface() + Talker().headers(1, fields, ends=True))]))
    assert found.startswith("http2-malformed")
    assert what in found


@pytest.mark.parametrize("status", ["2000", "abc", "", "099"])
def test_a_status_that_is_none_leaves_the_head_unknown_and_the_body_told(status: str) -> None:
    found = observe(exchange([(":status", status)], data(1, b"x", ends=True)))
    assert found[2:] == [(1, S, "unknown"), (1, S, "http2-malformed"), (1, S, b"x"), (1, S, BodyEnd(1))]


def test_a_tunnel_through_a_stream_is_a_message_each_way() -> None:
    connect = [(":method", "CONNECT"), (":authority", "far.example:443")]
    wire = [
        (C, client_preface() + Talker().headers(1, connect)),
        (S, server_preface() + Talker().headers(1, [(":status", "200")])),
        (C, data(1, b"up", ends=True)),
        (S, data(1, b"down", ends=True)),
    ]
    assert observe(wire) == [
        (1, C, "CONNECT far.example:443"),
        (1, S, 200),
        (1, C, b"up"),
        (1, C, BodyEnd(2)),
        (1, S, b"down"),
        (1, S, BodyEnd(4)),
    ]


# What a peer may do to whoever reads it


def test_a_flood_of_continuations_is_told_and_held_within_bounds() -> None:
    observer = Http2Observer()
    observer.receive(C, client_preface() + frame(HEADERS, END_STREAM, 1, b"\x82"))
    found: list[str] = []
    for _ in range(1000):
        found += problems(observer.receive(C, frame(CONTINUATION, 0, 1, b"\x40\x01x\x7f\x81\x7f" + bytes(16_000))))
    found += problems(observer.receive(C, frame(CONTINUATION, END_HEADERS, 1)))
    assert [line.partition(":")[0] for line in found] == ["http2-flood", "http2-too-large"]
    assert told(observer.receive(C, Talker().headers(3, get("/"), ends=True)))[0] == (3, C, "GET /")


def test_a_rapid_reset_is_told_once_and_every_request_is_over() -> None:
    client = Talker()
    observer = Http2Observer()
    seen = observer.receive(C, client_preface())
    for number in range(1, 4001, 2):
        seen += observer.receive(C, client.headers(number, get("/"), ends=True))
        seen += observer.receive(C, frame(RST_STREAM, 0, number, (8).to_bytes(4, "big")))
    assert sum(isinstance(item.event, BodyCut) for item in seen) == 2000
    found = problems(seen)
    assert len(found) <= MOST_TOLD + 2
    assert [line for line in found if "CVE-2023-44487" in line] == [
        f"http2-flood: {MANY_RESETS} requests by now were reset before any answer, as in a rapid reset (CVE-2023-44487)"
    ]
    assert problems(observer.closed(C, clean=True)) == [
        f"http2-reset: {2000 - 1 - MOST_TOLD:,} more of these, not told one by one"
    ]


@pytest.mark.parametrize(
    ("flood", "name"),
    [
        (frame(SETTINGS, 0, 0), "CVE-2019-9515"),
        (frame(PING, 0, 0, bytes(8)), "CVE-2019-9512"),
        (frame(PRIORITY, 0, 1, bytes(5)), "CVE-2019-9513"),
        (frame(RST_STREAM, 0, 1, bytes(4)), "CVE-2019-9514"),
        (frame(DATA, 0, 1), "CVE-2019-9518"),
    ],
)
def test_floods_are_told_once(flood: bytes, name: str) -> None:
    wire = client_preface() + Talker().headers(1, get("/")) + flood * 5000
    (found,) = problems(observed([(C, wire)]))
    assert found.startswith("http2-flood")
    assert name in found


def test_the_streams_that_are_open_at_once_are_bounded() -> None:
    client = Talker()
    wire = client_preface() + b"".join(client.headers(2 * n + 1, get("/")) for n in range(MOST_STREAMS + 50))
    seen = observed([(C, wire)])
    assert sum(isinstance(item.event, RequestHead) for item in seen) == MOST_STREAMS
    assert problems(seen)[0] == (
        f"http2-flood: more than {MOST_STREAMS:,} streams are open at once; the others are not followed"
    )


# What was not seen


def test_a_hole_inside_a_frame_of_data_is_a_hole_of_the_body() -> None:
    observer = Http2Observer()
    for side, piece in exchange([(":status", "200"), ("content-length", "10")]):
        observer.receive(side, piece)
    whole = data(1, b"0123456789", ends=True)
    assert told(observer.receive(S, whole[:12])) == [(1, S, b"012")]
    assert told(observer.lost(S, 4)) == [(1, S, BodyMissing(3, 4))]
    assert told(observer.receive(S, whole[16:])) == [(1, S, b"789"), (1, S, BodyEnd(10))]


def test_a_hole_at_the_end_of_the_last_frame_ends_the_body() -> None:
    observer = Http2Observer()
    for side, piece in exchange([(":status", "200")]):
        observer.receive(side, piece)
    assert told(observer.receive(S, data(1, b"0123456789", ends=True)[:-2])) == [(1, S, b"01234567")]
    assert told(observer.lost(S, 2)) == [(1, S, BodyMissing(8, 2)), (1, S, BodyEnd(10))]


@pytest.mark.parametrize("count", [None, 5000])
@pytest.mark.parametrize("size", [1, 100, 100_000])
def test_behind_a_hole_the_next_frames_are_found_and_what_they_refer_to_is_not_guessed(
    count: int | None, size: int
) -> None:
    server = Talker()
    observer = Http2Observer()
    answer = [(":status", "200"), ("server", "s"), ("x-long", "abc")]
    client = Talker()
    observer.receive(C, client_preface() + b"".join(client.headers(n, get(f"/{n}"), ends=True) for n in (1, 3, 5)))
    seen = told(observer.receive(S, server_preface() + server.headers(1, answer) + data(1, b"first")))
    assert seen == [(1, S, 200), (1, S, b"first")]
    lost = observer.lost(S, count)
    start = lost[0].end
    assert told(lost) == [(1, S, BodyCut(5, None)), (0, S, "http2-lost")]
    behind = bytes(300) + b"\0\0\x10half a frame" + data(1, b"rest", ends=True)
    server.headers(3, [(":status", "200"), ("x-unseen", "1")])
    block = server.block([(":status", "200"), ("server", "s"), ("x-new", "1")])
    behind += frame(HEADERS, END_HEADERS, 5, block) + data(5, b"whole", ends=True) + frame(PING, 0, 0, bytes(8))
    found = [seen for at in range(0, len(behind), size) for seen in observer.receive(S, behind[at : at + size])]
    assert told(found) == [
        (5, S, 200),
        (5, S, "http2-fields-unknown"),
        (5, S, b"whole"),
        (5, S, BodyEnd(5)),
    ]
    head = found[0]
    assert isinstance(head.event, ResponseHead)
    assert head.event.response.headers == Headers([("x-new", "1")])
    assert behind[head.start - start : head.end - start] == frame(HEADERS, END_HEADERS, 5, block)


def test_content_whose_head_was_lost_is_not_taken_for_the_beginning_of_a_body() -> None:
    observer = Http2Observer()
    observer.receive(C, client_preface() + Talker().headers(1, get("/"), ends=True))
    observer.receive(S, server_preface())
    observer.lost(S, 300)
    behind = data(1, b"middle") + data(1, b"end", ends=True) + frame(PING, 0, 0, bytes(8))
    assert told(observer.receive(S, behind)) == [(1, S, "http2-lost"), (1, S, BodyCut(0, None))]


def test_an_answer_whose_request_was_lost_is_told_by_itself() -> None:
    observer = Http2Observer()
    observer.receive(C, client_preface())
    observer.lost(C, 100)
    wire = server_preface() + Talker().headers(1, [(":status", "200")]) + data(1, b"x", ends=True)
    assert told(observer.receive(S, wire)) == [
        (1, S, 200),
        (1, S, b"x"),
        (1, S, BodyEnd(1)),
        (1, C, BodyCut(0, None)),
    ]


def test_the_answer_to_a_request_in_http1_comes_on_stream_1() -> None:
    observer = Http2Observer(Request("HEAD", "/"))
    observer.receive(C, client_preface())
    wire = server_preface() + Talker().headers(1, [(":status", "200"), ("content-length", "9")], ends=True)
    assert told(observer.receive(S, wire)) == [(1, S, 200), (1, S, BodyEnd(0))]


def test_what_does_not_begin_as_a_client_does_is_not_followed() -> None:
    wire = [(C, b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"), (C, Talker().headers(1, get("/"), ends=True))]
    assert observe(wire, close=True) == [(0, C, "http2-malformed")]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_becomes_of_the_bytes_nothing_raises_and_every_body_that_begins_ends(draw: st.DataObject) -> None:
    observer = Http2Observer()
    begun: set[tuple[int, Side]] = set()
    for side, piece in two_files():
        mutable = bytearray(piece)
        for _ in range(draw.draw(st.integers(0, 3))):
            at = draw.draw(st.integers(0, len(mutable) - 1))
            mutable[at] = draw.draw(st.integers(0, 255))
        if draw.draw(st.integers(0, 9)) == 0:
            _follow(begun, observer.lost(side, draw.draw(st.one_of(st.none(), st.integers(1, 50)))))
        _follow(begun, observer.receive(side, bytes(mutable)))
    for side in Side:
        _follow(begun, observer.closed(side, clean=True))
    assert not begun


def _follow(begun: set[tuple[int, Side]], seen: list) -> None:  # type: ignore[type-arg]
    for item in seen:
        match item.event:
            case RequestHead():
                begun.add((item.exchange, C))
            case ResponseHead():
                begun.add((item.exchange, S))
            case BodyEnd() | BodyCut():
                begun.discard((item.exchange, item.side))
            case _:
                pass


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(Side)), st.binary(max_size=60)), max_size=10))
def test_any_bytes_behind_the_preface_are_read_without_an_error(pieces: list[tuple[Side, bytes]]) -> None:
    observe([(C, client_preface()), *pieces], close=True)
