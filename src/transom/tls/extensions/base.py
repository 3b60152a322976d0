"""What every extension shares: a type, a length, and a body that a table of the message at hand declares.

Unknown extensions, their order and duplicates are kept: to refuse them is the handshake's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import ClassVar, TypeVar

from transom.errors import DecodeError, UsageError
from transom.tls.iana.extension_types import ExtensionType
from transom.value import value
from transom.wire.codec import Codec
from transom.wire.reader import Reader
from transom.wire.struct import Struct
from transom.wire.tree import Node

B = TypeVar("B", bound="ExtensionBody")


class ExtensionBody(Struct, rfc="8446 §4.2"):
    """The base of every extension's body; `type` is its code point."""

    type: ClassVar[ExtensionType]

    def __init_subclass__(cls, *, rfc: str, type: ExtensionType) -> None:  # noqa: A002 (the RFC's word for it)
        super().__init_subclass__(rfc=rfc)
        cls.type = type


_TYPES = ExtensionType.by_number()

_LONGEST_KNOWN = 256
"""Bytes of an extension that is looked for among those that were met."""

Table = Mapping[ExtensionType, type[ExtensionBody]]


def table(*bodies: type[ExtensionBody]) -> Table:
    """The extensions that one message may carry, by type."""
    return {body.type: body for body in bodies}


@value
class Extension:
    """One extension as it stood: `body` is None where the table does not declare the type."""

    type: ExtensionType
    data: bytes
    body: ExtensionBody | None = None


@value
class Extensions:
    """The extensions of one message, in their order."""

    items: tuple[Extension, ...] = ()

    @classmethod
    def of(cls, *bodies: ExtensionBody) -> Extensions:
        """Extensions to send."""
        return cls(tuple(Extension(body.type, body.encode(), body) for body in bodies))

    def get(self, kind: type[B]) -> B | None:
        """The body of that kind, if the message has it."""
        return next((item.body for item in self.items if isinstance(item.body, kind)), None)

    @property
    def types(self) -> tuple[ExtensionType, ...]:
        """The types, in order, duplicates included."""
        return tuple(item.type for item in self.items)

    def __contains__(self, wanted: ExtensionType) -> bool:
        return wanted in self.types

    def __iter__(self) -> Iterator[Extension]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def extensions(known: Table, *, optional: bool = False) -> Codec[Extensions]:
    """Extension extensions<0..2^16-1>; `optional` where TLS 1.2 lets the block be missing (5246 §7.4.1.2)."""
    return _ExtensionsCodec(known, optional=optional)


@lru_cache(maxsize=512)
def _known(decode: Callable[[bytes], ExtensionBody], data: bytes) -> Extension | None:
    """This extension, which is the same value wherever it stands: clients of one make say most of them alike.

    None for what is malformed, which has to say where it stands.
    """
    try:
        body = decode(data)
    except DecodeError:
        return None
    return Extension(body.type, data, body)


class _ExtensionsCodec(Codec[Extensions]):
    def __init__(self, known: Table, *, optional: bool) -> None:
        self._known = known
        self._optional = optional

    def read(self, reader: Reader, tree: Node | None, name: str) -> Extensions:
        if self._optional and not reader.left:
            return Extensions()
        start = reader.pos
        inner = reader.inner(reader.number(2))
        node = None
        if tree is not None:
            tree.add(f"{name}_length", start, start + 2, inner.left)
            node = tree.add(name, inner.pos, inner.end)
        items: list[Extension] = []
        while inner.left:
            try:
                items.append(self._read_one(inner, node, f"[{len(items)}]"))
            except DecodeError as error:
                raise error.within(f"[{len(items)}]") from None
        return Extensions(tuple(items))

    def _read_one(self, reader: Reader, tree: Node | None, name: str) -> Extension:
        start = reader.pos
        number = reader.number(2)
        kind = _TYPES.get(number) or ExtensionType(number)
        body = reader.inner(reader.number(2))
        node = None
        if tree is not None:
            node = tree.add(name, start, body.end, kind)
            node.kind = "Extension"
            node.add("type", start, start + 2, kind)
            node.add("length", start + 2, start + 4, body.left)
        data = body.data[body.pos : body.end]
        declared = self._known.get(kind)
        if declared is None:
            if node is not None and data:
                node.add("data", body.pos, body.end, data)
            return Extension(kind, data)
        if node is None and len(data) <= _LONGEST_KNOWN and (known := _known(declared.decode, data)) is not None:
            return known
        if node is not None:
            node.rfc = declared.rfc
        try:
            value = declared.read(body, node)
            body.finish()
        except DecodeError as error:
            error.rfc = error.rfc or declared.rfc
            raise error.within(kind.name) from None
        return Extension(kind, data, value)

    def write(self, value: Extensions, out: bytearray) -> None:
        if self._optional and not value.items:
            return
        block = bytearray()
        for item in value.items:
            block += item.type.to_bytes(2, "big")
            block += len(item.data).to_bytes(2, "big")
            block += item.data
        if len(block) > 2**16 - 1:
            raise UsageError("{count} bytes of extensions do not fit in 65,535", count=len(block))
        out += len(block).to_bytes(2, "big")
        out += block
