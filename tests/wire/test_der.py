"""DER: what is read, and everything that is refused."""

from __future__ import annotations

import pytest

from transom.errors import DecodeError
from transom.wire import der

ALGORITHM = bytes.fromhex("300d06092a864886f70d01010b0500")


def test_an_algorithm_identifier_is_read_with_the_place_of_each_part() -> None:
    sequence = der.parse(ALGORITHM)
    assert [(part.tag, part.offset, part.length) for part in sequence] == [(0x06, 2, 11), (0x05, 13, 2)]
    assert der.oid(sequence.child(0, der.OBJECT_IDENTIFIER)) == "1.2.840.113549.1.1.11"


@pytest.mark.parametrize(
    ("contents", "dotted"),
    [("5504 03".replace(" ", ""), "2.5.4.3"), ("00", "0.0"), ("27", "0.39"), ("28", "1.0"), ("8837", "2.999")],
)
def test_the_first_number_of_an_identifier_holds_two_arcs(contents: str, dotted: str) -> None:
    octets = bytes.fromhex(contents)
    assert der.oid(der.parse(bytes((0x06, len(octets))) + octets)) == dotted


@pytest.mark.parametrize("end", range(len(ALGORITHM)))
def test_every_strict_prefix_is_refused(end: int) -> None:
    with pytest.raises(DecodeError):
        der.parse(ALGORITHM[:end])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("3080020100", "a length of 0 bytes"),
        ("30850000000003020100", "a length of 5 bytes"),
        ("308103020100", "not in its shortest form"),
        ("30820003020100", "not in its shortest form"),
        ("3f210101", "a tag number above 30"),
        ("02010000", "left over"),
        ("3003020500", "5 bytes expected"),
        ("30" * 40, "expected"),
    ],
)
def test_what_is_not_der_is_refused(data: str, reason: str) -> None:
    with pytest.raises(DecodeError, match=reason):
        der.parse(bytes.fromhex(data))


def test_nesting_beyond_every_certificate_is_refused() -> None:
    data = b"\x05\x00"
    for _ in range(der.DEEPEST + 1):
        data = bytes((0x30, len(data))) + data
    with pytest.raises(DecodeError, match="nested more than 32 deep"):
        der.parse(data)


@pytest.mark.parametrize("contents", ["", "80", "ff" * 70 + "01"])
def test_an_identifier_without_an_end_or_of_absurd_length_is_refused(contents: str) -> None:
    octets = bytes.fromhex(contents)
    with pytest.raises(DecodeError, match="not an OBJECT IDENTIFIER"):
        der.oid(der.parse(bytes((0x06, len(octets))) + octets))


def test_a_child_of_another_kind_or_beyond_the_end_is_refused_with_its_place() -> None:
    sequence = der.parse(ALGORITHM)
    with pytest.raises(DecodeError, match="tag 0x06, 0x30 expected"):
        sequence.child(0, der.SEQUENCE)
    with pytest.raises(DecodeError, match="2 elements inside, at least 3 expected"):
        sequence.child(2, der.SEQUENCE)


def test_a_bit_string_says_how_many_bits_are_unused() -> None:
    assert der.bits(der.parse(bytes.fromhex("030205a0"))) == (5, b"\xa0")
    with pytest.raises(DecodeError, match="not a BIT STRING"):
        der.bits(der.parse(bytes.fromhex("030108")))
