"""The words of the presentation language: what is read is what was written, nothing outside the bounds is either."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transom.errors import DecodeError, UsageError
from transom.wire.codec import Codec, fixed, opaque, rest, u8, u16, u24, u32, u64, vector
from transom.wire.codepoint import CodePoint
from transom.wire.reader import Reader


class Colour(CodePoint):
    red = 1
    deep_blue = 0x0102


def read(codec: Codec[Any], data: bytes) -> Any:
    reader = Reader(data)
    value = codec.read(reader, None, "it")
    reader.finish()
    return value


def write(codec: Codec[Any], value: Any) -> bytes:
    out = bytearray()
    codec.write(value, out)
    return bytes(out)


def _shown(value: object) -> str:
    """The name of a case: of a codec its kind, for a repr with an address would differ from run to run."""
    return type(value).__name__.strip("_") if isinstance(value, Codec) else str(value)


@pytest.mark.parametrize(
    ("codec", "value", "data"),
    [
        (u8(), 0xFE, "fe"),
        (u16(), 0x0102, "0102"),
        (u24(), 0x010203, "010203"),
        (u32(), 0x01020304, "01020304"),
        (u64(), 2**64 - 1, "ffffffffffffffff"),
        (u8(Colour), Colour.red, "01"),
        (u16(Colour), Colour.deep_blue, "0102"),
        (fixed(3), b"abc", "616263"),
        (fixed(0), b"", ""),
        (rest(), b"", ""),
        (rest(2), b"ab", "6162"),
        (opaque(0, 255), b"", "00"),
        (opaque(0, 256), b"a", "000161"),
        (opaque(1, 2**24 - 1), b"a", "00000161"),
        (vector(u16(), 2, 2**16 - 2), (1, 2), "000400010002"),
        (vector(u8(Colour), 0, 9), (), "00"),
        (vector(opaque(1, 255), 0, 255), (b"a", b"bc"), "05016102" + "6263"),
    ],
    ids=_shown,
)
def test_a_value_is_written_as_the_rfcs_write_it_and_read_back(codec: Codec[Any], value: object, data: str) -> None:
    assert write(codec, value).hex() == data
    assert read(codec, bytes.fromhex(data)) == value


@pytest.mark.parametrize(
    ("codec", "value"),
    [
        (u8(), 256),
        (u16(), -1),
        (u24(), 2**24),
        (fixed(3), b"ab"),
        (rest(2), b"a"),
        (opaque(1, 3), b""),
        (opaque(1, 3), b"abcd"),
        (vector(u16(), 2, 4), ()),
        (vector(u16(), 2, 4), (1, 2, 3)),
        (vector(u8(), 0, 4), (256,)),
    ],
    ids=_shown,
)
def test_a_value_outside_its_declaration_is_not_written(codec: Codec[Any], value: object) -> None:
    with pytest.raises(UsageError):
        write(codec, value)


@pytest.mark.parametrize(
    ("codec", "data", "said"),
    [
        (u8(), "", "1 bytes expected, 0 left"),
        (u32(), "010203", "4 bytes expected, 3 left"),
        (fixed(3), "6162", "3 bytes expected, 2 left"),
        (rest(2), "61", "at least 2 bytes expected, 1 left"),
        (opaque(1, 3), "00", r"length 0 is outside 1\.\.3"),
        (opaque(1, 3), "0461626364", r"length 4 is outside 1\.\.3"),
        (opaque(0, 3), "0261", "2 bytes expected, 1 left"),
        (vector(u16(), 2, 4), "0000", None),
        (vector(u16(), 0, 8), "03000100", r"\[1\]: 2 bytes expected, 1 left"),
        (vector(opaque(1, 3), 0, 8), "0300" + "0161", r"\[0\]: length 0"),
        (vector(u8(), 0, 8), "0101" + "ff", "1 bytes left over"),
    ],
    ids=_shown,
)
def test_bytes_outside_the_declaration_are_refused_with_their_place(
    codec: Codec[Any], data: str, said: str | None
) -> None:
    with pytest.raises(DecodeError, match=said):
        read(codec, bytes.fromhex(data))


def test_a_vector_reads_no_further_than_its_length_says() -> None:
    # The item's length reaches past the vector's end, though the bytes are there.
    with pytest.raises(DecodeError, match=r"\[0\]: 4 bytes expected, 1 left"):
        read(vector(opaque(1, 9), 0, 9), bytes.fromhex("02" + "0461626364"))


def test_the_offset_of_an_error_is_where_reading_stopped() -> None:
    with pytest.raises(DecodeError) as caught:
        read(vector(u16(), 0, 8), bytes.fromhex("03000100"))
    assert caught.value.offset == 3


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=40), max_size=12))
def test_any_list_of_opaques_survives_the_wire(items: list[bytes]) -> None:
    codec = vector(opaque(1, 255), 0, 2**16 - 1)
    assert read(codec, write(codec, tuple(items))) == tuple(items)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60))
def test_what_decodes_at_all_encodes_to_the_same_bytes(data: bytes) -> None:
    codec = vector(opaque(1, 255), 0, 2**16 - 1)
    try:
        value = read(codec, data)
    except DecodeError:
        return
    assert write(codec, value) == data


@pytest.mark.parametrize("highest", [255, 256, 2**16 - 1, 2**16, 2**24 - 1])
def test_the_length_prefix_is_as_wide_as_the_highest_length_needs(highest: int) -> None:
    assert len(write(opaque(0, highest), b"")) == (highest.bit_length() + 7) // 8
