"""HTTP/2 on the page: what is masked of it, its frames beside their bytes, and its text."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dissect.told import write_trace
from tests.http.h2.made import C, S, Talker, client_preface, data, frame, get, server_preface
from tests.tls.shuttle import Shuttle, client_config, server_config
from tests.web.model.test_canaries import (
    LEFT,
    RIGHT,
    Canaries,
    answers,
    cut_anywhere,
    everything,
    left_in,
    requests,
    saved_by,
)
from tests.web.pages import opened
from transom.capture.write import TraceWriter
from transom.dissect.follow import PlainText
from transom.dissect.json_lines import encode
from transom.web.model.opened import OpenedCapture
from transom.web.model.said import Piece, mask_said
from transom.wire.tap import Endpoint, Endpoints, Side

Said = list[tuple[Side, bytes]]


def as_http2(canary: Canaries, chance: Random) -> Said:
    """The exchanges of HTTP/1 that canaries are planted in, one stream each; with and without Huffman codes."""
    client, server = Talker(), Talker()
    said: Said = [(C, client_preface()), (S, server_preface())]
    for number, (asked, answered) in enumerate(zip(requests(canary), answers(canary), strict=False)):
        stream = 2 * number + 1
        for side, talker, message in ((C, client, asked), (S, server, answered)):
            head, _, body = message.partition(b"\r\n\r\n")
            first, *lines = head.replace(b"\r\n ", b" ").split(b"\r\n")
            fields = [(name.lower(), content.strip()) for name, _, content in (line.partition(b":") for line in lines)]
            if any(name == b"transfer-encoding" for name, _ in fields):
                body, fields = b"", [field for field in fields if field[0] != b"transfer-encoding"]
            words = first.split(b" ")
            pseudo = [(b":method", words[0]), (b":path", words[1]), (b":authority", b"h"), (b":scheme", b"https")]
            every = [*(pseudo if side is C else [(b":status", words[1])]), *fields]
            block = talker.encoder.encode(every, huffman=chance.random() < 0.5)
            said.append((side, frame(1, 4, stream, block)))
            cuts = list(cut_anywhere(body, chance)) if body else []
            said += [(side, data(stream, piece, padding=chance.choice([None, 3]))) for piece in cuts]
            said.append((side, data(stream, b"", ends=True)))
    bye = frame(7, 0, 0, bytes(7) + b"\1" + bytes(4) + b"token=" + canary("goaway"))
    return [*said, (S, bye + frame(6, 0, 0, canary("ping")[3:11]))]


def planted(path: Path, canary: Canaries, chance: Random) -> Path:
    """Some of them in the clear, some out of TLS."""
    with TraceWriter(path, "transom test") as writer:
        for number in range(2):
            said = as_http2(canary, chance)
            if number:
                config = client_config(alpn=("h2",), keylog=lambda line: writer.secret(line.rstrip("\n")))
                shuttle = Shuttle.between(config, server_config("rsa", alpn=("h2",))).handshake()
                for side, piece in said:
                    shuttle.send(side, piece)
                said = shuttle.wire
            tap = writer.conversation()
            tap.opened(Endpoints(Endpoint("127.0.0.1", 5000 + number), Endpoint("127.0.0.1", 443)), 10**18)
            for side, piece in said:
                tap.data(side, piece, 10**18)
            for side in Side:
                tap.closed(side, 10**18 + 10**9)
    return path


def bits(data: bytes) -> str:
    return "".join(f"{byte:08b}" for byte in data)


def coded(text: bytes) -> str:
    """In Huffman codes, the last of them without its padding."""
    whole = bits(HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH).encode(text))
    return whole[: sum(REQUEST_CODES_LENGTH[byte] for byte in text)]


@pytest.mark.parametrize("seed", range(2))
def test_no_secret_is_in_a_masked_page_in_any_form_nor_in_huffman_codes(seed: int, tmp_path: Path) -> None:
    canary = Canaries()
    trace = planted(tmp_path / "t.pcapng", canary, Random(seed))
    for kind in ("masked", "without-keys"):
        page = opened(trace, kind)
        assert left_in(everything(page)) == []
        for number in range(2):
            context = page.context(number, page.views[0])
            for stream in (*context.plaintext.values(), *(context.wire.values() if not number else ())):
                assert not any(coded(half) in bits(stream) for half in (LEFT, RIGHT))
            saved = [saved_by(page, number, page.views[0], side) for side in Side]
            assert not any(coded(half) in bits(stream) for half in (LEFT, RIGHT) for stream in saved)
    # The search finds them where they are.
    page = opened(trace, "with-secrets")
    assert left_in(everything(page))
    assert any(coded(LEFT) in bits(stream) for stream in page.context(0, page.views[0]).wire.values())
    assert any(coded(LEFT) in bits(saved_by(page, 0, page.views[0], side)) for side in Side)


SECRET = ("authorization", "Bearer secretsecret")


def said_with(path: str, *more: tuple[str, str]) -> Said:
    client, server = Talker(), Talker()
    return [
        (C, client_preface((3, 100)) + client.headers(1, get(path, *more), ends=True)),
        (S, server_preface() + server.headers(1, [(":status", "200"), ("content-type", "text/plain")])),
        (S, data(1, b"token=abcd\nall the rest is shown", ends=True, padding=4)),
        (C, client.headers(3, get("/again", *more), ends=True)),
        (S, server.headers(3, [(":status", "204"), ("set-cookie", "a=b")], ends=True)),
    ]


def text_of(pieces: Said) -> str:
    reader = PlainText()
    return "".join(said.text for side, piece in pieces for said in reader.receive(side, piece))


def masked(pieces: Said) -> Said:
    """The same pieces masked, in the order of time."""
    streams = mask_said([Piece(*piece) for piece in pieces])
    at = dict.fromkeys(Side, 0)
    found: Said = []
    for side, piece in pieces:
        found.append((side, streams[side][at[side] : at[side] + len(piece)]))
        at[side] += len(piece)
    return found


def test_masked_bytes_are_still_http2_and_read_as_stars() -> None:
    said = said_with("/f?token=abc&x=1", SECRET, ("x-plain", "shown"))
    shown = text_of(masked(said))
    assert ":method: GET" in shown
    assert ":authority: files.example" in shown
    assert "x-plain: shown" in shown
    assert "secret" not in shown
    assert "token=abc" not in shown
    assert "all the rest is shown" in shown
    assert "set-cookie: *" in shown
    # A value that was said before is an index, which stands for what was masked where it was said.
    assert shown.count("authorization: *") == 2


def test_text_is_frames_heads_and_bodies() -> None:
    assert text_of(said_with("/f")) == (
        "[SETTINGS · MAX_CONCURRENT_STREAMS 100]\n"
        "[HEADERS · stream 1 · END_STREAM]\n:method: GET\n:scheme: https\n:authority: files.example\n:path: /f\n\n"
        "[SETTINGS]\n[HEADERS · stream 1]\n:status: 200\ncontent-type: text/plain\n\n"
        "[DATA · stream 1]\ntoken=abcd\nall the rest is shown\n"
        "[HEADERS · stream 3 · END_STREAM]\n:method: GET\n:scheme: https\n:authority: files.example\n:path: /again\n\n"
        "[HEADERS · stream 3 · END_STREAM]\n:status: 204\nset-cookie: a=b\n\n"
    )


@pytest.mark.parametrize("size", [1, 7, 100])
def test_text_does_not_depend_on_the_pieces(size: int) -> None:
    said = said_with("/f")
    first = said[0][1][:24]
    pieces = [(C, first), *((side, piece[at : at + size]) for side, piece in _without(said, first) for at in range(0, len(piece), size))]  # fmt: skip # noqa: E501
    assert text_of(pieces) == text_of(said)


def _without(said: Said, first: bytes) -> Said:
    return [(C, said[0][1][len(first) :]), *said[1:]]


def test_what_a_tunnel_through_a_stream_carries_is_masked_on_both_sides() -> None:
    connect = [(":method", "CONNECT"), (":authority", "far.example:25")]
    said = [
        (C, client_preface() + Talker().headers(1, connect) + data(1, b"AUTH PLAIN tunnelled")),
        (S, server_preface() + Talker().headers(1, [(":status", "200")]) + data(1, b"235 tunnelled")),
    ]
    streams = mask_said([Piece(*piece) for piece in said])
    assert b"tunnelled" not in streams[C] + streams[S]
    assert streams[C].endswith(b"*" * 20)


@pytest.mark.parametrize("lost", [None, 1000])
def test_behind_a_hole_nothing_is_shown(lost: int | None) -> None:
    said = said_with("/f", SECRET)
    pieces = [Piece(*piece) for piece in said[:3]] + [Piece(C, said[3][1], lost), Piece(S, said[4][1])]
    streams = mask_said(pieces)
    assert streams[C].endswith(b"*" * len(said[3][1]))


def test_a_hole_in_a_body_hides_the_rest_of_the_line() -> None:
    body = data(1, b"one line and another\nthe next", ends=True)
    said = said_with("/f")
    pieces = [Piece(*piece) for piece in said[:2]] + [Piece(S, body[:15]), Piece(S, body[20:], 5)]
    assert mask_said(pieces)[S].endswith(b"one li" + b"*" * 9 + b"\nthe next")


PIECES = st.tuples(
    st.sampled_from(Side),
    st.binary(max_size=40) | st.sampled_from([piece for _, piece in said_with("/f?token=x", SECRET)]),
    st.sampled_from([0, 0, 0, 3, None]),
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=8))
def test_no_byte_moves_whatever_is_said(pieces: list[tuple[Side, bytes, int | None]]) -> None:
    first = (C, client_preface(), 0)
    found = mask_said([Piece(*piece) for piece in (first, *pieces)])
    for side in Side:
        assert len(found[side]) == sum(len(piece) for one, piece, _ in (first, *pieces) if one is side)


def asked_of(page: OpenedCapture, address: str) -> Any:
    return json.loads(encode(page.answer(address)))


def test_a_step_has_each_frame_with_its_bytes_and_each_header_field_beneath(tmp_path: Path) -> None:
    page = opened(write_trace(tmp_path / "t.pcapng", said_with("/f", SECRET)))
    base = "conversations/0/with-keys"
    story = asked_of(page, f"{base}/story")["items"]
    assert [(item["from"], item["stream"], item["version"]) for item in story if item["kind"] == "http"] == [
        ("client", 1, "2"), ("server", 1, "2"), ("client", 3, "2"), ("server", 3, "2"),
    ]  # fmt: skip
    step = asked_of(page, f"{base}/step/q1")
    assert step["rfc"] == "9113 §8.3"
    (block,) = step["blocks"]
    shown = bytes.fromhex(block["hex"])
    fields = {field["name"]: field for field in step["fields"]}
    assert fields["Type"]["value"] == "HEADERS (1)"
    assert fields["Flags"]["value"] == "0x05 (End Stream, End Headers)"
    path = fields["Header: :path"]
    assert path["value"] == "/f  [Huffman, literal with incremental indexing]"
    assert (path["rfc"], path["space"], path["length"]) == ("7541 §6.2.1", "stream", 4)
    secret = fields["Header: authorization"]
    at = secret["offset"] - block["offset"]
    assert secret["value"].startswith("***")
    assert shown[at + 2 : at + secret["length"]] == b"\xf9" * (secret["length"] - 2)
    assert all(block["offset"] <= field["offset"] < block["offset"] + block["length"] for field in step["fields"])


def test_who_follows_from_the_middle_on_reads_stars_where_an_index_stands_for_a_secret(tmp_path: Path) -> None:
    said = said_with("/f", SECRET)
    page = opened(write_trace(tmp_path / "t.pcapng", said))
    whole = sum(len(piece) for _, piece in said[:3])
    for place in range(whole + 1):
        follow = asked_of(page, f"conversations/0/with-keys/follow/{place}")
        text = "".join(turn["text"] for turn in follow["said"])
        assert "secret" not in text
        if place > len(client_preface()):  # before that not all of it is there that says what is spoken
            assert "authorization: *" in text


def test_http_and_files_and_follow_have_it(tmp_path: Path) -> None:
    page = opened(write_trace(tmp_path / "t.pcapng", said_with("/f.txt", SECRET)))
    base = "conversations/0/with-keys"
    one, two = asked_of(page, f"{base}/http")["exchanges"]
    assert (one["stream"], one["version"], one["target"], one["status"]) == (1, "2", "/f.txt", 200)
    assert ["authorization", "*" * 19] in one["request_headers"]
    assert two["complete"]
    (file,) = asked_of(page, f"{base}/files")["files"]
    assert (file["name"], file["length"], file["complete"]) == ("f.txt", 32, True)
    assert file["preview"]["text"] == "token=****\nall the rest is shown"
    follow = asked_of(page, f"{base}/follow")
    assert not follow["withheld"]
    text = "".join(turn["text"] for turn in follow["said"])
    assert "[HEADERS · stream 1 · END_STREAM]" in text
    assert "token=****\nall the rest is shown" in text
