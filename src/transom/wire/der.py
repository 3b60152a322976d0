"""DER: the tag, length, value of which certificates are made, each with its place (ITU-T X.690 §8, §10, §11).

Only the structure: what a value means is its reader's business. Bytes that are BER but not DER are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transom.errors import DecodeError
from transom.wire.reader import Reader

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OBJECT_IDENTIFIER = 0x06
UTC_TIME = 0x17
SEQUENCE = 0x30

_CONSTRUCTED = 0x20
_NUMBER = 0x1F
_LONG_FORM = 0x80

DEEPEST = 32
"""How far elements may nest. A certificate needs about ten."""

LONGEST_OID = 64
"""Octets of an object identifier that we read as one."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element. `tag` is the identifier octet; `offset` and `length` cover tag, length and contents."""

    tag: int
    offset: int
    length: int
    contents: bytes
    children: tuple[Element, ...] = ()

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.offset + self.length

    def __iter__(self) -> Iterator[Element]:
        return iter(self.children)

    def child(self, index: int, tag: int) -> Element:
        """The child at `index`, which must have that tag."""
        if index >= len(self.children):
            raise DecodeError(
                "{count} elements inside, at least {least} expected",
                count=len(self.children),
                least=index + 1,
                offset=self.offset,
            )
        found = self.children[index]
        if found.tag != tag:
            raise DecodeError(
                "tag 0x{seen:02x}, 0x{expected:02x} expected", seen=found.tag, expected=tag, offset=found.offset
            )
        return found


def parse(data: bytes, start: int = 0, end: int | None = None) -> Element:
    """The one element that `data[start:end]` is; offsets are those of `data`.

    `DecodeError`, with the offset, for anything that is not DER or nests deeper than `DEEPEST`.
    """
    reader = Reader(data, start, end)
    element = _read(reader, depth=0)
    reader.finish()
    return element


def oid(element: Element) -> str:
    """An OBJECT IDENTIFIER as `1.2.840.113549` (X.690 §8.19)."""
    contents = element.contents
    if element.tag != OBJECT_IDENTIFIER or not 1 <= len(contents) <= LONGEST_OID or contents[-1] & 0x80:
        raise DecodeError("not an OBJECT IDENTIFIER", offset=element.offset)
    arcs: list[int] = []
    arc = 0
    for octet in contents:
        arc = arc << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    # The first number holds two arcs; only below 2 may the second be 40 or more.
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def bits(element: Element) -> tuple[int, bytes]:
    """A BIT STRING as its number of unused bits and its octets (X.690 §8.6)."""
    if element.tag != BIT_STRING or not element.contents or element.contents[0] > 7:
        raise DecodeError("not a BIT STRING", offset=element.offset)
    return element.contents[0], element.contents[1:]


def _read(reader: Reader, depth: int) -> Element:
    offset = reader.pos
    if depth > DEEPEST:
        raise DecodeError("nested more than {most} deep", most=DEEPEST, offset=offset)
    tag = reader.number(1)
    if tag & _NUMBER == _NUMBER:
        raise DecodeError("a tag number above 30, which no certificate has", offset=offset)
    inner = reader.inner(_read_length(reader))
    contents = inner.data[inner.pos : inner.end]
    children: list[Element] = []
    while tag & _CONSTRUCTED and inner.left:
        children.append(_read(inner, depth + 1))
    return Element(tag, offset, reader.pos - offset, contents, tuple(children))


def _read_length(reader: Reader) -> int:
    offset = reader.pos
    first = reader.number(1)
    if first < _LONG_FORM:
        return first
    width = first - _LONG_FORM
    if not 1 <= width <= 4:
        raise DecodeError("a length of {width} bytes; DER has 1 to 4 here", width=width, offset=offset)
    length = reader.number(width)
    if length < _LONG_FORM or length >> 8 * (width - 1) == 0:
        raise DecodeError("a length that is not in its shortest form", offset=offset)
    return length
