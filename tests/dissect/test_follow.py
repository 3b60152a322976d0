"""Follow: text by its charset, hex, and the readable islands of a sealed stream."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.dissect.test_flow import STATIC_RSA, TLS12, TLS13, crossing
from tests.dissect.told import tell
from transom.dissect.charset import charset_of
from transom.dissect.follow import HexDump, PlainText, Said, WireText
from transom.dissect.islands import Island, IslandFinder
from transom.dissect.timeline import Message
from transom.http.messages import Headers
from transom.wire.tap import Side

KOREAN = "var menu_str={status:'상태',qs:'빠른 설정'}"


def answer(charset: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nContent-Type: text/javascript; charset={charset}\r\n\r\n"
    return head.encode() + body


def text_of(pieces: list[Said]) -> str:
    return "".join(piece.text for piece in pieces)


@pytest.mark.parametrize("charset", ["utf-8", "euc-kr", "CP949", "utf-16le"])
@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_a_body_is_read_in_the_charset_of_its_content_type(charset: str, size: int) -> None:
    reader = PlainText()
    stream = answer(charset, KOREAN.encode(charset)) * 2
    reader.receive(Side.CLIENT, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
    shown = [reader.receive(Side.SERVER, stream[at : at + size]) for at in range(0, len(stream), size)]
    text = text_of([piece for pieces in shown for piece in pieces])
    assert text.count(KOREAN) == 2
    assert text.count("HTTP/1.1 200 OK") == 2


def test_what_no_charset_makes_visible_is_escaped_and_line_ends_stay() -> None:
    shown = text_of(PlainText().receive(Side.CLIENT, b"a\x1b[31m\x00\xffb\r\n\tc\\d"))
    assert shown == "a\\x1b[31m\\x00\\xffb\n\tc\\x5cd"


def test_the_charset_ends_with_the_body_it_belongs_to() -> None:
    reader = PlainText()
    reader.receive(Side.CLIENT, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
    shown = reader.receive(Side.SERVER, answer("euc-kr", "상".encode("euc-kr")) + answer("utf-8", "상".encode()))
    assert text_of(shown).count("상") == 2


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ("text/html; charset=EUC-KR", "euc_kr"),
        ('text/html;charset="utf-16"', "utf-16-le"),
        ("text/html; charset=zlib", "utf-8"),
        ("text/html; charset=no-such", "utf-8"),
        ("text/html", "utf-8"),
        ("text/html; charset=idna", "utf-8"),
        ("application/octet-stream", "ascii"),
        ("image/png", "ascii"),
        ("application/problem+json", "utf-8"),
    ],
)
def test_charset_of_a_content_type(content_type: str, charset: str) -> None:
    assert charset_of(Headers([("Content-Type", content_type)])) == charset


def test_a_hex_row_has_its_offset_in_the_stream_and_the_server_is_moved_in() -> None:
    dump = HexDump()
    dump.receive(Side.SERVER, bytes(16))
    (said,) = dump.receive(Side.SERVER, b"GET / HTTP/1.1\r\n\x00")
    assert said.text == (
        "    00000010  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  GET / HTTP/1.1..\n"
        "    00000020  00                                                .\n"
    )


@pytest.mark.parametrize("spoken", [TLS12, STATIC_RSA, TLS13], ids=["tls12", "static-rsa", "tls13"])
def test_the_islands_of_a_sealed_stream_are_what_they_say(spoken: tuple[int, int]) -> None:
    wire, _ = crossing(spoken)  # type: ignore[arg-type]
    streams = {side: b"".join(data for sender, data in wire if sender is side) for side in Side}
    found = [(island.kind, streams[island.side][island.start : island.end]) for island in islands_in(wire)]
    hidden = spoken is TLS13
    assert found[:2] == [("server name", b"localhost"), ("ALPN", b"http/1.1")]
    assert (("ALPN", b"http/1.1") in found[2:]) is not hidden
    assert (("certificate", b"localhost") in found) is not hidden


def test_what_crossed_sealed_is_no_island_whoever_has_opened_it() -> None:
    """A second handshake within the first one (RFC 5746), for one."""
    wire, _ = crossing(TLS12)
    hello = next(item for item in tell(wire)[0] if isinstance(item, Message))
    assert IslandFinder().find(hello)
    assert IslandFinder().find(replace(hello, sealed=True)) == []


def test_islands_of_messages_that_share_a_record_lie_where_they_say() -> None:
    (first, hello), (side, flight), *_ = crossing(TLS12)[0]
    fragments, at = [], 0
    while at < len(flight):
        end = at + 5 + int.from_bytes(flight[at + 3 : at + 5], "big")
        fragments.append(flight[at + 5 : end])
        at = end
    joined = b"".join(fragments)
    record = flight[:3] + len(joined).to_bytes(2, "big") + joined
    islands = [one for one in islands_in([(first, hello), (side, record)]) if one.side is Side.SERVER]
    found = {(one.kind, record[one.start : one.end]) for one in islands}
    assert {("ALPN", b"http/1.1"), ("certificate", b"localhost")} <= found


def islands_in(wire: list[tuple[Side, bytes]]) -> list[Island]:
    finder = IslandFinder()
    return [island for item in tell(wire)[0] if isinstance(item, Message) for island in finder.find(item)]


@pytest.mark.parametrize("size", [1, 10, 100_000])
def test_islands_are_marked_wherever_the_pieces_are_cut(size: int) -> None:
    wire, _ = crossing(TLS12)
    reader = WireText(islands_in(wire))
    pieces = [(side, data[at : at + size]) for side, data in wire for at in range(0, len(data), size)]
    shown = [piece for side, data in pieces for piece in reader.receive(side, data)]
    marked = "".join(piece.text for piece in shown if piece.island and piece.side is Side.CLIENT)
    assert marked == "localhosthttp/1.1"
    assert all(piece.text.replace("\n", "").isprintable() for piece in shown)
    assert sum(len(piece.text) for piece in shown) == sum(len(data) for _, data in wire)


def test_an_island_that_two_records_share_is_two_spans_of_the_stream() -> None:
    wire, _ = crossing(TLS12)
    (side, hello), *rest = wire
    body, cut = hello[5:], hello.index(b"localhost") - 5 + 4
    split = b"".join(b"\x16\x03\x01" + len(part).to_bytes(2, "big") + part for part in (body[:cut], body[cut:]))
    found = islands_in([(side, split), *rest])[:2]
    assert [split[island.start : island.end] for island in found] == [b"loca", b"lhost"]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_line_end_cut_in_two_is_one_and_a_lone_cr_is_none(size: int) -> None:
    reader, stream = PlainText(), b"a\r\nb\rc\r\n\r\nd"
    pieces = [reader.receive(Side.CLIENT, stream[at : at + size]) for at in range(0, len(stream), size)]
    assert text_of([piece for shown in pieces for piece in shown]) == "a\nb\\x0dc\n\nd"
