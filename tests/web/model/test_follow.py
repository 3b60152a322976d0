"""Follow: any stretch of a conversation is what was said there, in its charset, with nothing in it that is masked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dissect.test_follow import KOREAN, answer
from tests.dissect.told import write_trace
from tests.web.many import capture
from tests.web.model.test_opened import asked
from tests.web.pages import opened
from transom.dissect.one import hear_plaintext
from transom.web.model.kept import MOST_KEPT
from transom.web.model.mask import Masking
from transom.web.model.opened import OpenedCapture
from transom.web.model.said import Piece
from transom.web.model.stretch import Stretch
from transom.wire.tap import Buffer, Side

ASKED = b"GET /menu HTTP/1.1\r\nHost: a\r\n\r\n"
LONG = KOREAN * 900
"""More than three stretches of it."""


def conversation(charset: str) -> list[tuple[Side, bytes]]:
    body = LONG.encode(charset)
    return [(Side.CLIENT, ASKED), (Side.SERVER, answer(charset, body)), (Side.CLIENT, ASKED),
            (Side.SERVER, answer(charset, body))]  # fmt: skip


@pytest.fixture(scope="module")
def demo(trace: Path) -> OpenedCapture:
    return opened(trace)


def stretch(page: OpenedCapture, start: int, number: int = 0, view: str = "with-keys") -> Any:
    return asked(page, f"conversations/{number}/{view}/follow/{start}")["said"]


def test_stretches_one_after_another_are_the_whole_conversation_in_its_order(tmp_path: Path) -> None:
    wire = conversation("utf-8")
    page = opened(write_trace(tmp_path / "t.pcapng", wire))
    said: list[tuple[str, bytes]] = []
    at = 0
    while turns := stretch(page, at):
        for turn in turns:
            assert turn["at"] == at
            data = bytes.fromhex(turn["hex"])
            at += len(data)
            if said and said[-1][0] == turn["from"]:
                data = said.pop()[1] + data
            said.append((turn["from"], data))
    assert said == [(side.value, data) for side, data in wire]


@pytest.mark.parametrize("charset", ["utf-8", "euc-kr", "utf-16le"])
def test_a_stretch_in_the_middle_of_a_body_is_in_its_charset(charset: str, tmp_path: Path) -> None:
    page = opened(write_trace(tmp_path / "t.pcapng", conversation(charset)), "with-secrets")
    (turn,) = stretch(page, 20_001)
    assert turn["charset_named"]
    assert turn["text"].count(KOREAN) > 100
    assert LONG.count(turn["text"][10:-10]) > 0


def test_of_a_session_that_is_opened_a_stretch_is_what_was_said(trace: Path) -> None:
    """Nothing masked: in ten million bytes of chance some look like a password."""
    page = opened(trace, "with-secrets")
    said = {side: bytearray() for side in Side}

    def hear(side: Side, data: Buffer) -> None:
        said[side] += data

    hear_plaintext(trace, page.looking, 3, hear)
    start = len(said[Side.CLIENT]) + 5_000_000
    (turn,) = stretch(page, start, 3)
    assert turn["start"] == 5_000_000
    assert bytes.fromhex(turn["hex"]) == said[Side.SERVER][5_000_000 : 5_000_000 + MOST_KEPT]


def test_without_keys_a_stretch_is_what_crossed(demo: OpenedCapture) -> None:
    beginning = asked(demo, "conversations/3/without-keys/follow")["said"]
    again = stretch(demo, 0, 3, "without-keys")
    assert [turn["hex"] for turn in again[:2]] == [turn["hex"] for turn in beginning[:2]]
    assert again[0]["islands"] == beginning[0]["islands"]
    assert [kind for _, _, kind in again[0]["islands"]] == ["server name", "ALPN"]
    assert all(turn["text"] is None for turn in again)


def test_the_beginning_says_where_bytes_are_left_out(tmp_path: Path) -> None:
    page = opened(write_trace(tmp_path / "t.pcapng", conversation("utf-8")))
    found = asked(page, "conversations/0/with-keys/follow")
    _, second, third = found["said"]
    assert len(bytes.fromhex(second["hex"])) == MOST_KEPT
    assert third["at"] > second["at"] + MOST_KEPT
    assert third["text"] == ASKED.decode().replace("\r\n", "\n")
    assert found["total"]["client"] == 2 * len(ASKED)


@pytest.mark.parametrize("place", ["x", "-1", "1.5", "9" * 20, "\u0661"])
def test_what_is_no_place_is_refused_and_beyond_the_end_is_nothing(place: str, demo: OpenedCapture) -> None:
    with pytest.raises(Exception, match="no follow"):
        demo.answer(f"conversations/0/with-keys/follow/{place}")
    assert stretch(demo, 10**9) == []


JSON = b'{"user": "me", "password": "hunter2, and more of it", "n": 1}'
EXCHANGES = (
    (b"GET /?token=abc HTTP/1.1\r\nCookie: a=b\r\n c=d\r\nX: y\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: application/json\r\n\r\n%b" % (len(JSON), JSON)),
    (b"POST / HTTP/1.1\r\nAuthorization: Basic c2VjcmV0\r\nContent-Length: 7\r\n\r\na=b&c=d",
     b"HTTP/1.1 200 OK\r\nSet-Cookie: s=t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    (b"GET http://me:pw@host/ HTTP/1.1\r\nHost: a\r\n\r\n",
     b"HTTP/1.1 302 Found\r\nLocation: https://you:pw@host/\r\nContent-Length: 0\r\n\r\n"),
)  # fmt: skip


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(EXCHANGES), max_size=5),
    st.lists(st.integers(1, 60), min_size=1),
    st.integers(0, 900),
)
def test_a_stretch_is_masked_as_the_whole_is(
    exchanges: list[tuple[bytes, bytes]], sizes: list[int], start: int
) -> None:
    pieces = [
        Piece(side, data[at : at + sizes[at % len(sizes)]])
        for exchange in exchanges
        for side, data in zip(Side, exchange, strict=True)
        for at in _cuts(data, sizes)
    ]
    whole = Masking().said(pieces)
    found = Stretch(start)
    for piece in pieces:
        found.receive(piece.side, piece.data)
    shown = {side: b"".join(turn.data for turn in found.masked(Masking()) if turn.side is side) for side in Side}
    for side in Side:
        assert whole[side].endswith(shown[side])
    assert sum(map(len, shown.values())) == max(sum(map(len, whole.values())) - start, 0)


def _cuts(data: bytes, sizes: list[int]) -> Iterator[int]:
    at = 0
    while at < len(data):
        yield at
        at += sizes[at % len(sizes)]


def head(length: int, media_type: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nContent-Type: {media_type}\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("media_type", "is_shown"), [("application/octet-stream", True), ("text/plain", True), ("application/json", False)]
)
def test_of_a_body_whose_beginning_is_forgotten_a_value_that_may_go_on_is_not_shown(
    media_type: str, is_shown: bool
) -> None:
    body = b"some line\n" * 400_000
    found = Stretch(3_000_000)
    found.receive(Side.CLIENT, ASKED)
    data = head(len(body), media_type) + body
    for at in range(0, 3_030_000, 50_000):
        found.receive(Side.SERVER, data[at : at + 50_000])
    (turn,) = found.masked(Masking())
    assert (b"some line" in turn.data) == is_shown
    assert set(turn.data) <= set(b"*\n") or is_shown


def test_what_follows_a_hole_of_unknown_size_is_not_shown_in_a_stretch_either() -> None:
    found = Stretch(10)
    found.receive(Side.CLIENT, b"GET / HTTP/1.1\r\nCoo")
    found.lost(Side.CLIENT, None)
    found.receive(Side.CLIENT, b"secret\r\nX: y\r\n")
    (turn,) = found.masked(Masking())
    assert turn.data == b"/1.1\r\nCoo******\r\n****\r\n"


def test_beside_a_download_by_tls_stands_the_one_in_the_clear(demo: OpenedCapture) -> None:
    for view in ("with-keys", "without-keys"):
        found = {number: asked(demo, f"conversations/{number}/{view}/beside") for number in range(5)}
        assert [found[number]["best"] for number in range(5)] == [3, 0, 0, 0, None]
        assert [other["conversation"] for other in found[0]["others"]][:3] == [3, 2, 1]
        assert all(other["conversation"] != 1 for other in found[1]["others"])


def test_small_conversations_that_have_nothing_in_common_stand_alone(tmp_path: Path) -> None:
    page = opened(capture(tmp_path / "many.pcapng", 30))
    found = asked(page, "conversations/1/with-keys/beside")
    assert found["best"] is None
    assert len(found["others"]) == 12
