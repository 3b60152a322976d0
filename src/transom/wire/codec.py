"""Codecs: the words of the RFCs' presentation language (RFC 8446 §3), each able to read, write and show itself.

Reading has one code path. With a tree to fill, a codec adds the node of what it reads; without one it only reads.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from struct import unpack_from
from typing import Generic, TypeVar, overload

from transom.errors import DecodeError, UsageError
from transom.wire.codepoint import CodePoint
from transom.wire.reader import Reader
from transom.wire.tree import Node

T = TypeVar("T")
C = TypeVar("C", bound=CodePoint)


class Codec(ABC, Generic[T]):
    """How one type of field is read and written."""

    @abstractmethod
    def read(self, reader: Reader, tree: Node | None, name: str) -> T:
        """The field at the reader's place; its node goes into `tree` as `name`."""

    def read_all(self, reader: Reader) -> tuple[T, ...] | None:  # noqa: ARG002 (for those who can)
        """All that the reader has left, as so many of these, where there is a shorter way than one after the other.

        None where there is none, or what is left is not so many whole ones: nothing is read then.
        """
        return None

    @abstractmethod
    def write(self, value: T, out: bytearray) -> None:
        """The field's bytes, appended. `UsageError` when the value does not fit the declaration."""


class _Number(Codec[int]):
    def __init__(self, width: int) -> None:
        self._width = width

    def read(self, reader: Reader, tree: Node | None, name: str) -> int:
        value = reader.number(self._width)
        if tree is not None:
            tree.add(name, reader.pos - self._width, reader.pos, value)
        return value

    def write(self, value: int, out: bytearray) -> None:
        _write_number(value, self._width, out)


class _Named(Codec[C]):
    def __init__(self, width: int, registry: type[C]) -> None:
        self._width = width
        self._registry = registry
        self._members = registry.by_number()
        self._format = {1: "B", 2: "H"}.get(width)

    def read(self, reader: Reader, tree: Node | None, name: str) -> C:
        number = reader.number(self._width)
        value = self._members.get(number) or self._registry(number)
        if tree is not None:
            tree.add(name, reader.pos - self._width, reader.pos, value)
        return value

    def read_all(self, reader: Reader) -> tuple[C, ...] | None:
        count, over = divmod(reader.left, self._width)
        if over or self._format is None:
            return None
        numbers = unpack_from(f">{count}{self._format}", reader.data, reader.pos)
        reader.pos = reader.end
        try:
            return tuple([self._members[number] for number in numbers])
        except KeyError:  # one that nobody has named, and that is met for the first time
            return tuple(map(self._registry, numbers))

    def write(self, value: C, out: bytearray) -> None:
        _write_number(value, self._width, out)


@overload
def u8() -> Codec[int]: ...
@overload
def u8(registry: type[C]) -> Codec[C]: ...
def u8(registry: type[C] | None = None) -> Codec[int] | Codec[C]:
    """uint8, or a one-byte code point of `registry`."""
    return _Number(1) if registry is None else _Named(1, registry)


@overload
def u16() -> Codec[int]: ...
@overload
def u16(registry: type[C]) -> Codec[C]: ...
def u16(registry: type[C] | None = None) -> Codec[int] | Codec[C]:
    """uint16, or a two-byte code point of `registry`."""
    return _Number(2) if registry is None else _Named(2, registry)


def u24() -> Codec[int]:
    """uint24."""
    return _Number(3)


def u32() -> Codec[int]:
    """uint32."""
    return _Number(4)


def u64() -> Codec[int]:
    """uint64."""
    return _Number(8)


class _Fixed(Codec[bytes]):
    def __init__(self, length: int) -> None:
        self._length = length

    def read(self, reader: Reader, tree: Node | None, name: str) -> bytes:
        value = reader.take(self._length)
        if tree is not None:
            tree.add(name, reader.pos - self._length, reader.pos, value)
        return value

    def write(self, value: bytes, out: bytearray) -> None:
        if len(value) != self._length:
            raise UsageError("a field of {length} bytes was given {count}", length=self._length, count=len(value))
        out += value


def fixed(length: int) -> Codec[bytes]:
    """opaque[length]."""
    return _Fixed(length)


class _Rest(Codec[bytes]):
    def __init__(self, lowest: int) -> None:
        self._lowest = lowest

    def read(self, reader: Reader, tree: Node | None, name: str) -> bytes:
        start = reader.pos
        if reader.left < self._lowest:
            raise DecodeError(
                "at least {least} bytes expected, {left} left", least=self._lowest, left=reader.left, offset=start
            )
        value = reader.take(reader.left)
        if tree is not None:
            tree.add(name, start, reader.pos, value)
        return value

    def write(self, value: bytes, out: bytearray) -> None:
        if len(value) < self._lowest:
            raise UsageError(
                "a field of at least {least} bytes was given {count}", least=self._lowest, count=len(value)
            )
        out += value


def rest(lowest: int = 0) -> Codec[bytes]:
    """Everything up to the structure's end, `lowest` bytes or more."""
    return _Rest(lowest)


class _Opaque(Codec[bytes]):
    def __init__(self, lowest: int, highest: int) -> None:
        self._bounds = _Bounds(lowest, highest)

    def read(self, reader: Reader, tree: Node | None, name: str) -> bytes:
        value = reader.take(self._bounds.read(reader, tree, name))
        if tree is not None:
            tree.add(name, reader.pos - len(value), reader.pos, value)
        return value

    def write(self, value: bytes, out: bytearray) -> None:
        self._bounds.write(len(value), out)
        out += value


def opaque(lowest: int, highest: int) -> Codec[bytes]:
    """opaque<lowest..highest>: bytes behind a length prefix wide enough for `highest`."""
    return _Opaque(lowest, highest)


class _Vector(Codec[tuple[T, ...]]):
    def __init__(self, item: Codec[T], lowest: int, highest: int) -> None:
        self._item = item
        self._bounds = _Bounds(lowest, highest)

    def read(self, reader: Reader, tree: Node | None, name: str) -> tuple[T, ...]:
        inner = reader.inner(self._bounds.read(reader, tree, name))
        if tree is None and (whole := self._item.read_all(inner)) is not None:
            return whole
        return _all_of(self._item, inner, tree, name)

    def write(self, value: tuple[T, ...], out: bytearray) -> None:
        body = bytearray()
        for item in value:
            self._item.write(item, body)
        self._bounds.write(len(body), out)
        out += body


def vector(item: Codec[T], lowest: int, highest: int) -> Codec[tuple[T, ...]]:
    """item<lowest..highest>: items behind a length prefix; the bounds count bytes, as in the RFCs."""
    return _Vector(item, lowest, highest)


def _all_of(item: Codec[T], reader: Reader, tree: Node | None, name: str) -> tuple[T, ...]:
    """Items up to the reader's end."""
    node = None if tree is None else tree.add(name, reader.pos, reader.end)
    found: list[T] = []
    while reader.left:
        place = f"[{len(found)}]"
        try:
            found.append(item.read(reader, node, place))
        except DecodeError as error:
            raise error.within(place) from None
    return tuple(found)


class _Items(Codec[tuple[T, ...]]):
    def __init__(self, item: Codec[T]) -> None:
        self._item = item

    def read(self, reader: Reader, tree: Node | None, name: str) -> tuple[T, ...]:
        return _all_of(self._item, reader, tree, name)

    def write(self, value: tuple[T, ...], out: bytearray) -> None:
        for item in value:
            self._item.write(item, out)


def items(item: Codec[T]) -> Codec[tuple[T, ...]]:
    """Items one after the other up to the structure's end, with no length before them (RFC 9113 §6.5.1)."""
    return _Items(item)


class _Bounds:
    """The length prefix of a variable-length vector."""

    def __init__(self, lowest: int, highest: int) -> None:
        self._lowest = lowest
        self._highest = highest
        self._width = (highest.bit_length() + 7) // 8

    def read(self, reader: Reader, tree: Node | None, name: str) -> int:
        start = reader.pos
        length = reader.number(self._width)
        if tree is not None:
            tree.add(f"{name}_length", start, reader.pos, length)
        if not self._lowest <= length <= self._highest:
            raise DecodeError(
                "length {length} is outside {least}..{most}",
                length=length,
                least=self._lowest,
                most=self._highest,
                offset=start,
            )
        return length

    def write(self, length: int, out: bytearray) -> None:
        if not self._lowest <= length <= self._highest:
            raise UsageError(
                "length {length} is outside {least}..{most}", length=length, least=self._lowest, most=self._highest
            )
        _write_number(length, self._width, out)


def _write_number(value: int, width: int, out: bytearray) -> None:
    if not 0 <= value < 1 << (8 * width):
        raise UsageError("{value} does not fit in {width} bytes", value=value, width=width)
    out += value.to_bytes(width, "big")
