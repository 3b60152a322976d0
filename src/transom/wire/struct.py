"""Structures: one declaration, in the RFC's own words, gives the parser, the builder and the field tree.

    class KeyShareEntry(Struct, rfc="8446 §4.2.8"):
        group: NamedGroup = field(u16(NamedGroup))
        key_exchange: bytes = field(opaque(1, 2**16 - 1))

Parse, then judge: decoding accepts any well-formed structure; what is allowed now is for the handshake to say.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any, ClassVar, Generic, Self, TypeVar, cast, dataclass_transform

from transom.errors import DecodeError
from transom.value import FIELDS, FieldsOf, value
from transom.wire.codec import Codec
from transom.wire.reader import Reader
from transom.wire.tree import Node

T = TypeVar("T")
S = TypeVar("S", bound="Struct")


@value
class _Declared:
    codec: Codec[Any]


def field(codec: Codec[T]) -> T:
    """Declares a field; the checkers compare the codec's type with the annotation beside it."""
    return cast(T, _Declared(codec))


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Struct:
    """The base of every declared structure: an immutable value with `decode`, `look` and `encode`.

    It is a value (`transom.value`) whose fields are named when it is made.
    """

    rfc: ClassVar[str]
    _fields: ClassVar[tuple[tuple[str, Codec[Any]], ...]]

    def __init_subclass__(cls, *, rfc: str) -> None:
        cls.rfc = rfc
        fields: list[tuple[str, Codec[Any]]] = []
        for name, declared in list(vars(cls).items()):
            if isinstance(declared, _Declared):
                fields.append((name, declared.codec))
                delattr(cls, name)
        cls._fields = tuple(fields)
        names = tuple(name for name, _ in fields)
        setattr(cls, "__match_args__", names)  # noqa: B010 (checkers know it by the transform)
        setattr(cls, FIELDS, FieldsOf(cls, names))

    def __init__(self, **values: object) -> None:
        names = [name for name, _ in self._fields]
        if values.keys() != set(names):
            raise TypeError(f"{type(self).__name__} has the fields {names}, not {list(values)}")
        self.__dict__.update(values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Struct) and type(self) is type(other) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        values = (f"{name}={getattr(self, name)!r}" for name, _ in self._fields)
        return f"{type(self).__name__}({', '.join(values)})"

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name, _ in self._fields)

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"{type(self).__name__}.{name} cannot be assigned to")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"{type(self).__name__}.{name} cannot be deleted")

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The structure that `data` is, all of it; `DecodeError` with the field's path otherwise."""
        reader = Reader(data)
        try:
            value = cls.read(reader, None)
            reader.finish()
        except DecodeError as error:
            error.rfc = error.rfc or cls.rfc
            raise error.within(cls.__name__) from None
        return value

    @classmethod
    def look(cls, data: bytes) -> Look[Self]:
        """Decode and show: never raises, the tree reaches as far as the bytes made sense."""
        tree = Node(cls.__name__, 0, len(data), kind=cls.__name__, rfc=cls.rfc)
        reader = Reader(data)
        try:
            value = cls.read(reader, tree)
            reader.finish()
        except DecodeError as error:
            error.rfc = error.rfc or cls.rfc
            tree.error = str(error)
            return Look(None, tree, error.within(cls.__name__))
        return Look(value, tree, None)

    def encode(self) -> bytes:
        """The structure's bytes."""
        out = bytearray()
        self.write(out)
        return bytes(out)

    @classmethod
    def read(cls, reader: Reader, tree: Node | None) -> Self:
        """The structure at the reader's place; its fields become children of `tree`."""
        values: dict[str, Any] = {}
        for name, codec in cls._fields:
            try:
                values[name] = codec.read(reader, tree, name)
            except DecodeError as error:
                raise error.within(name) from None
        # The values are checked already: filling the instance directly is four times as fast as a frozen __init__.
        instance = object.__new__(cls)
        instance.__dict__.update(values)
        return instance

    def write(self, out: bytearray) -> None:
        """Appends the structure's bytes."""
        for name, codec in self._fields:
            codec.write(getattr(self, name), out)


@value
class Look(Generic[T]):
    """What `Struct.look` saw: the value (None if malformed), the tree, and what was wrong."""

    value: T | None
    tree: Node
    error: DecodeError | None


class _Nested(Codec[S]):
    def __init__(self, kind: type[S]) -> None:
        self._kind = kind

    def read(self, reader: Reader, tree: Node | None, name: str) -> S:
        if tree is None:
            return self._kind.read(reader, None)
        node = tree.add(name, reader.pos, reader.pos)
        node.kind, node.rfc = self._kind.__name__, self._kind.rfc
        try:
            return self._kind.read(reader, node)
        finally:
            node.length = reader.pos - node.offset

    def write(self, value: S, out: bytearray) -> None:
        value.write(out)


def struct(kind: type[S]) -> Codec[S]:
    """A structure inside another."""
    return _Nested(kind)
