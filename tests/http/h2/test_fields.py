"""HPACK undone, on the examples of RFC 7541's appendix C, and behind what was not seen."""

from __future__ import annotations

import pytest
from hpack import Encoder
from hypothesis import given, settings
from hypothesis import strategies as st

from transom.http.h2.fields import MOST_FIELDS, MOST_LIST, MOST_TABLE, FieldDecoder, Form

REQUESTS = [
    [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "www.example.com")],
    [
        (":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "www.example.com"),
        ("cache-control", "no-cache"),
    ],
    [
        (":method", "GET"), (":scheme", "https"), (":path", "/index.html"), (":authority", "www.example.com"),
        ("custom-key", "custom-value"),
    ],
]  # fmt: skip
_DATES = ("Mon, 21 Oct 2013 20:13:21 GMT", "Mon, 21 Oct 2013 20:13:22 GMT")
_COOKIE = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"
RESPONSES = [
    [(":status", "302"), ("cache-control", "private"), ("date", _DATES[0]), ("location", "https://www.example.com")],
    [(":status", "307"), ("cache-control", "private"), ("date", _DATES[0]), ("location", "https://www.example.com")],
    [
        (":status", "200"), ("cache-control", "private"), ("date", _DATES[1]), ("location", "https://www.example.com"),
        ("content-encoding", "gzip"), ("set-cookie", _COOKIE),
    ],
]  # fmt: skip

# RFC 7541 C.3 (without Huffman codes), C.4 (with them), C.5 and C.6 (with a table of 256 bytes).
PLAIN_REQUESTS = (
    "828684410f7777772e6578616d706c652e636f6d",
    "828684be58086e6f2d6361636865",
    "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
)
HUFFMAN_REQUESTS = (
    "828684418cf1e3c2e5f23a6ba0ab90f4ff",
    "828684be5886a8eb10649cbf",
    "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
)
PLAIN_RESPONSES = (
    (
        "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54 "
        "6e1768747470733a2f2f7777772e6578616d706c652e636f6d"
    ),
    "4803333037c1c0bf",
    (
        "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a6970 7738666f6f3d4153444a4b4851"
        "4b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31"
    ),
)
HUFFMAN_RESPONSES = (
    "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
    "4883640effc1c0bf",
    (
        "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab "
        "77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"
    ),
)
SMALL_TABLE = b"\x3f\xe1\x01"  # 256 bytes


@pytest.mark.parametrize("blocks", [PLAIN_REQUESTS, HUFFMAN_REQUESTS])
def test_the_requests_of_rfc_7541_appendix_c(blocks: tuple[str, ...]) -> None:
    decoder = FieldDecoder()
    for block, fields in zip(blocks, REQUESTS, strict=True):
        assert _said(decoder, bytes.fromhex(block)) == fields


@pytest.mark.parametrize("blocks", [PLAIN_RESPONSES, HUFFMAN_RESPONSES])
def test_the_responses_of_rfc_7541_appendix_c_which_evict_each_other(blocks: tuple[str, ...]) -> None:
    decoder = FieldDecoder()
    assert decoder.decode(SMALL_TABLE).fields[0].form is Form.SIZE_UPDATE
    for block, fields in zip(blocks, RESPONSES, strict=True):
        assert _said(decoder, bytes.fromhex(block)) == fields


@pytest.mark.parametrize(
    ("block", "form", "name", "content"),
    [
        ("400a637573746f6d2d6b65790d637573746f6d2d686561646572", Form.INCREMENTAL, "custom-key", "custom-header"),
        ("040c2f73616d706c652f70617468", Form.PLAIN, ":path", "/sample/path"),
        ("100870617373776f726406736563726574", Form.NEVER, "password", "secret"),
        ("82", Form.INDEXED, ":method", "GET"),
    ],
)  # RFC 7541 C.2
def test_the_forms_of_a_field(block: str, form: Form, name: str, content: str) -> None:
    data = bytes.fromhex(block)
    (field,) = FieldDecoder().decode(data).fields
    assert (field.form, field.name, field.value) == (form, name.encode(), content.encode())
    assert (field.start, field.end) == (0, len(data))
    if field.value_at is not None:
        assert data[field.value_at.start : field.value_at.end] == content.encode()
    if field.name_at is not None:
        assert data[field.name_at.start : field.name_at.end] == name.encode()


def test_behind_what_was_not_seen_fields_are_known_that_refer_to_nothing_in_it() -> None:
    encoder, decoder = Encoder(), FieldDecoder()
    encoder.encode([("x-before", "1"), ("x-name", "old")])  # not seen
    decoder.forget()
    block = encoder.encode([(":method", "GET"), ("x-before", "1"), ("x-new", "2"), ("x-name", "new")])
    assert _known(decoder, block) == [(b":method", b"GET"), (None, None), (b"x-new", b"2"), (None, b"new")]
    # What was put into the table since can be referred to; and what was put there under a name that is not known.
    block = encoder.encode([("x-new", "2"), ("x-name", "new"), ("x-before", "1")])
    assert _known(decoder, block) == [(b"x-new", b"2"), (None, b"new"), (None, None)]


def test_a_table_that_was_emptied_holds_nothing_unknown() -> None:
    decoder = FieldDecoder()
    decoder.forget()
    assert not decoder.is_whole
    decoder.decode(b"\x20\x3f\xe1\x1f")
    assert decoder.is_whole
    assert decoder.decode(b"\xbe").error


@pytest.mark.parametrize(
    ("block", "what"),
    [
        (b"\xff\xff\xff\xff\xff\xff\xff", "a number longer"),
        (b"\xff", "the block ends in a number"),
        (b"\x80", "index"),
        (b"\xfe", "index"),
        (b"\x40", "the block ends before a string"),
        (b"\x40\x05ab", "a string of 5 bytes, 2 are left"),
        (b"\x41\x81\x00", "Huffman"),
        (b"\x3f\xe1\xff\xff\x7f", "a dynamic table of"),
    ],
)
def test_what_is_malformed_is_said_with_its_place_and_what_follows_is_not_guessed(block: bytes, what: str) -> None:
    decoder = FieldDecoder()
    encoder = Encoder()
    decoder.decode(encoder.encode([("x-a", "b")]))
    found = decoder.decode(b"\x82" + block)
    assert [field.name for field in found.fields] == [b":method"]
    assert found.error
    assert found.error.startswith("byte 1 of the field block")
    assert what.lower() in found.error.lower()
    assert _known(decoder, encoder.encode([("x-a", "b")])) == [(None, None)]


def test_a_block_that_grows_a_thousandfold_is_read_to_its_end_and_kept_to_its_bound() -> None:
    decoder = FieldDecoder()
    large = Encoder()
    bomb = large.encode([("x", "y" * 3000)]) + b"\xbe" * 200_000 + large.encode([("x-last", "1")])
    found = decoder.decode(bomb)
    assert found.cut
    assert found.error is None
    assert sum(len(field.value or b"") for field in found.fields) <= MOST_LIST
    assert _said(decoder, large.encode([("x-last", "1")])) == [("x-last", "1")]


def test_no_more_fields_are_kept_than_a_list_may_have() -> None:
    found = FieldDecoder().decode(b"\x82" * (MOST_FIELDS + 5))
    assert (len(found.fields), found.cut) == (MOST_FIELDS, True)


def test_the_table_is_bounded() -> None:
    decoder = FieldDecoder()
    assert decoder.decode(b"\x3f\xe1\xff\x0f").error is None  # 262,144
    assert MOST_TABLE == 262_144


NAMES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=20)
LISTS = st.lists(st.tuples(NAMES, st.text(st.characters(codec="latin-1"), max_size=40)), max_size=12)


@settings(deadline=None)
@given(st.lists(st.tuples(LISTS, st.booleans()), max_size=8), st.sampled_from([0, 64, 4096, 65_536]))
def test_what_the_library_codes_is_read_back(lists: list[tuple[list[tuple[str, str]], bool]], size: int) -> None:
    encoder, decoder = Encoder(), FieldDecoder()
    encoder.header_table_size = size
    for fields, huffman in lists:
        as_bytes = [(name.encode(), content.encode("latin-1")) for name, content in fields]
        block = decoder.decode(encoder.encode(as_bytes, huffman=huffman))
        assert block.error is None
        assert [(field.name, field.value) for field in block.fields if field.form is not Form.SIZE_UPDATE] == as_bytes


@settings(deadline=None)
@given(st.lists(st.binary(max_size=80), max_size=6))
def test_any_bytes_are_read_without_an_error_of_ours(blocks: list[bytes]) -> None:
    decoder = FieldDecoder()
    for block in blocks:
        found = decoder.decode(block)
        places = [(field.start, field.end) for field in found.fields]
        assert places == sorted(places)
        assert found.error or found.cut or (places[-1][1] if places else 0) == len(block)


def _said(decoder: FieldDecoder, block: bytes) -> list[tuple[str, str]]:
    found = decoder.decode(block)
    assert found.error is None
    return [((field.name or b"").decode(), (field.value or b"").decode()) for field in found.fields]


def _known(decoder: FieldDecoder, block: bytes) -> list[tuple[bytes | None, bytes | None]]:
    return [(field.name, field.value) for field in decoder.decode(block).fields]
