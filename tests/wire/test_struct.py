"""A declaration gives parser, builder and field tree, and the three agree."""

from __future__ import annotations

import pytest

from tests.wire.checked import assert_tree_covers
from transom.errors import DecodeError, UsageError
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.record.header import read_header, write_header
from transom.wire.codec import fixed, opaque, u8, u16, vector
from transom.wire.struct import Struct, field, struct


class Point(Struct, rfc="1 §2"):
    x: int = field(u8())
    y: int = field(u8())


class Shape(Struct, rfc="1 §1"):
    name: bytes = field(opaque(1, 255))
    corners: tuple[Point, ...] = field(vector(struct(Point), 2, 2**16 - 1))
    centre: Point = field(struct(Point))


class Nothing(Struct, rfc="1 §3"):
    """No fields."""


SHAPE = Shape(name=b"tri", corners=(Point(x=1, y=2), Point(x=3, y=4)), centre=Point(x=5, y=6))
BYTES = bytes.fromhex("03747269" + "0004" + "01020304" + "0506")


def test_a_structure_is_the_bytes_of_its_fields_in_order() -> None:
    assert SHAPE.encode() == BYTES
    assert Shape.decode(BYTES) == SHAPE


def test_a_structure_is_a_value() -> None:
    assert hash(Shape.decode(BYTES)) == hash(SHAPE)
    with pytest.raises(AttributeError):
        SHAPE.name = b"other"  # type: ignore[misc]


def test_an_empty_structure_is_no_bytes() -> None:
    assert Nothing().encode() == b""
    assert Nothing.decode(b"") == Nothing()


def test_bytes_behind_a_structure_are_refused() -> None:
    with pytest.raises(DecodeError, match="Shape: 1 bytes left over"):
        Shape.decode(BYTES + b"!")


@pytest.mark.parametrize("length", range(len(BYTES)))
def test_every_strict_prefix_is_refused(length: int) -> None:
    with pytest.raises(DecodeError):
        Shape.decode(BYTES[:length])


def test_an_error_names_the_way_to_the_field_and_the_section() -> None:
    with pytest.raises(DecodeError) as caught:
        Shape.decode(bytes.fromhex("03747269" + "0003" + "010203" + "0506"))
    assert str(caught.value) == "Shape.corners[1].y: 1 bytes expected, 0 left (RFC 1 §1)"


def test_a_value_that_does_not_fit_is_not_built() -> None:
    with pytest.raises(UsageError):
        Shape(name=b"", corners=SHAPE.corners, centre=SHAPE.centre).encode()


def test_the_tree_has_each_field_with_offset_length_and_value() -> None:
    look = Shape.look(BYTES)
    assert look.value == SHAPE
    assert look.error is None
    assert [(node.name, node.offset, node.length, node.value) for node in look.tree.walk()] == [
        ("Shape", 0, 12, None),
        ("name_length", 0, 1, 3),
        ("name", 1, 3, b"tri"),
        ("corners_length", 4, 2, 4),
        ("corners", 6, 4, None),
        ("[0]", 6, 2, None),
        ("x", 6, 1, 1),
        ("y", 7, 1, 2),
        ("[1]", 8, 2, None),
        ("x", 8, 1, 3),
        ("y", 9, 1, 4),
        ("centre", 10, 2, None),
        ("x", 10, 1, 5),
        ("y", 11, 1, 6),
    ]


def test_the_tree_names_structures_and_their_sections() -> None:
    tree = Shape.look(BYTES).tree
    assert (tree.kind, tree.rfc) == ("Shape", "1 §1")
    centre = tree.find("centre")
    assert centre is not None
    assert (centre.kind, centre.rfc) == ("Point", "1 §2")


@pytest.mark.parametrize("length", range(len(BYTES)))
def test_the_tree_of_a_cut_structure_reaches_as_far_as_the_bytes_made_sense(length: int) -> None:
    look = Shape.look(BYTES[:length])
    whole = [(n.name, n.offset) for n in Shape.look(BYTES).tree.walk()]
    seen = [(n.name, n.offset) for n in look.tree.walk()]
    assert look.value is None
    assert look.error is not None
    assert look.tree.error is not None
    assert seen == whole[: len(seen)]


def test_a_whole_tree_leaves_no_byte_out() -> None:
    assert_tree_covers(Shape.look(BYTES).tree, len(BYTES))


def test_a_tree_can_be_moved_to_the_place_of_its_bytes_in_a_larger_buffer() -> None:
    tree = Shape.look(BYTES).tree
    moved = tree.shifted(100)
    assert [n.offset for n in moved.walk()] == [n.offset + 100 for n in tree.walk()]
    assert [n.value for n in moved.walk()] == [n.value for n in tree.walk()]
    assert tree.offset == 0


class DeclaredHeader(Struct, rfc="8446 §5.1"):
    """What `record.header` reads and writes by hand."""

    type: ContentType = field(u8(ContentType))
    legacy_record_version: ProtocolVersion = field(u16(ProtocolVersion))
    length: int = field(u16())


@pytest.mark.parametrize("content_type", [0, 20, 23, 255])
@pytest.mark.parametrize("version", [0x0301, 0x0303, 0xFFFF])
@pytest.mark.parametrize("length", [0, 1, 2**14, 2**16 - 1])
def test_the_hand_written_record_header_agrees_with_its_declaration(
    content_type: int, version: int, length: int
) -> None:
    by_hand = write_header(content_type, length, version)
    declared = DeclaredHeader.decode(by_hand)
    assert declared.encode() == by_hand
    assert read_header(by_hand) == (declared.type, declared.legacy_record_version, declared.length)


def test_fields_of_fixed_length_take_no_prefix() -> None:
    class Pair(Struct, rfc="1 §4"):
        first: bytes = field(fixed(2))
        second: bytes = field(fixed(1))

    assert Pair(first=b"ab", second=b"c").encode() == b"abc"
