"""Values: frozen dataclasses that are compiled when the first of them is made.

    @value
    class Endpoint:
        address: str
        port: int

`dataclass` writes six methods for each class as source text and compiles it, which takes a third of a millisecond. A
download imports more than a hundred such classes and makes instances of a few dozen: compiling all of them was a
quarter of the time it took to begin. Whatever a value can do needs an instance, so nothing is missed until then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")

_FIELDS = "__dataclass_fields__"


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """Make `cls` a `dataclass(frozen=True)`, when that is first asked of it."""

    def compile_and_begin(self: T, *positional: object, **named: object) -> None:
        _compile(cls)
        cls.__init__(self, *positional, **named)

    setattr(cls, "__init__", compile_and_begin)  # noqa: B010 (checkers would take it for the method of every class)
    setattr(cls, _FIELDS, _FieldsOf(cls))
    return cls


class _FieldsOf:
    """What `dataclasses` asks of a class, whose subclass it makes or whose fields it lists: that needs it compiled."""

    def __init__(self, cls: type) -> None:
        self._class = cls

    def __get__(self, instance: object, owner: type) -> Mapping[str, Any]:
        _compile(self._class)
        fields: Mapping[str, Any] = getattr(self._class, _FIELDS)
        return fields


def _compile(cls: type) -> None:
    delattr(cls, "__init__")
    delattr(cls, _FIELDS)
    dataclass(frozen=True)(cls)
