"""Values: frozen dataclasses that cost nothing to declare.

    @value
    class Endpoint:
        address: str
        port: int

`dataclass` writes six methods for each class as source text and compiles it, which takes a third of a millisecond. A
download imports two hundred classes of values: compiling all of them was a third of the time that it took to begin.
Here the methods are written once, for all of them, and look up at work what fields there are. Of a class that turns out
to be made by the thousand, `__init__` is compiled after all: looking up takes three times as long.

`dataclasses.replace`, `fields` and `asdict` take values as they take dataclasses. Every field is a parameter, is
compared and is hashed: one that should not be has no place in a value.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, FrozenInstanceError, field
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")

FIELDS = "__dataclass_fields__"
"""Where `dataclasses` keeps what it knows of a class."""

MANY = 1_000
"""So many of a class are made before it is worth to compile its `__init__`: that takes as long as these gain."""


@overload
def value(cls: type[T], /) -> type[T]: ...
@overload
def value(*, kw_only: bool = False) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[T] | None = None, /, *, kw_only: bool = False) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a class one of values, as `dataclass(frozen=True)` does; `kw_only` is about the fields it adds itself."""
    if cls is None:
        return lambda cls: _made(cls, kw_only=kw_only)
    return _made(cls, kw_only=kw_only)


class _Layout:
    """What the methods have to know of a class. `defaults` makes the default of each field that has one."""

    def __init__(self, cls: type, base: _Layout | None, *, kw_only: bool) -> None:
        own = [name for name, kind in inspect.get_annotations(cls).items() if "ClassVar[" not in str(kind)]
        self.names: tuple[str, ...] = _followed(base.names if base else (), own)
        self.positional: tuple[str, ...] = _followed(base.positional if base else (), () if kw_only else own)
        self.defaults: dict[str, Callable[[], Any]] = dict(base.defaults) if base else {}
        shown = [name for name in own if self._takes_default(cls, name)]
        self.shown: tuple[str, ...] = _followed(base.shown if base else (), shown)
        self.known = frozenset(self.names)
        self.count = len(self.names) if self.names == self.positional else -1
        self.key: Callable[[Any], Any] = attrgetter(*self.names) if self.names else _nothing
        self.has_more_to_do = hasattr(cls, "__post_init__")
        self.left = MANY
        self._class = cls

    def compile_init(self) -> None:
        """Give the class an `__init__` of its own, if it is not one that somebody wrote."""
        if self._class.__dict__.get("__init__") is not _init:
            return
        in_order = [self._parameter(name) for name in self.positional]
        by_name = [self._parameter(name) for name in self.names if name not in self.positional]
        parameters = ", ".join(["self", *in_order, *(["*", *by_name] if by_name else [])])
        # Whatever a field is called, it is not called like this.
        lines = [f"def __init__({parameters}):", "    _OWN = self.__dict__"]
        lines += [f"    _OWN[{name!r}] = {self._content(name)}" for name in self.names]
        lines += ["    self.__post_init__()"] * self.has_more_to_do
        room: dict[str, Any] = {"_LEFT_OUT": _LEFT_OUT, "_defaults": self.defaults}
        exec("\n".join(lines), room)  # noqa: S102 (the names are those of our own fields)
        made = room["__init__"]
        made.__qualname__ = f"{self._class.__qualname__}.__init__"
        setattr(self._class, "__init__", made)  # noqa: B010 (checkers know it by the transform)

    def _parameter(self, name: str) -> str:
        if self._is_made_anew(name):
            return f"{name}=_LEFT_OUT"
        return f"{name}=_defaults[{name!r}]()" if name in self.defaults else name

    def _content(self, name: str) -> str:
        return f"_defaults[{name!r}]() if {name} is _LEFT_OUT else {name}" if self._is_made_anew(name) else name

    def _is_made_anew(self, name: str) -> bool:
        """Whether the default is another each time, as a list is."""
        default = self.defaults.get(name)
        return default is not None and not (isinstance(default, partial) and default.func is _given)

    def _takes_default(self, cls: type, name: str) -> bool:
        """Note the default of a field, if it has one; whether the field is shown."""
        default: Any = cls.__dict__.get(name, MISSING)
        if not _is_field(default):
            if default is not MISSING:
                self.defaults[name] = partial(_given, default)
            return True
        delattr(cls, name)
        for option, usual in _ONLY:
            if getattr(default, option) is not usual:
                raise TypeError(
                    f"{cls.__name__}.{name}: a value's field cannot have {option}={getattr(default, option)}"
                )
        if default.default_factory is not MISSING:
            self.defaults[name] = default.default_factory
        elif default.default is not MISSING:
            self.defaults[name] = partial(_given, default.default)
        return bool(default.repr)


_ONLY = (("compare", True), ("hash", None), ("init", True))
"""What `dataclasses.field` may be given, and the one setting of it that the methods here know."""


def _followed(names: Sequence[str], by: Sequence[str]) -> tuple[str, ...]:
    return (*names, *(name for name in by if name not in names))


def _is_field(default: object) -> bool:
    return isinstance(default, Field)


_LEFT_OUT = object()
"""Stands for a parameter that was not given."""


def _given(default: object) -> object:
    return default


def _made(cls: type[T], *, kw_only: bool) -> type[T]:
    layout = _Layout(cls, getattr(cls, "__layout__", None), kw_only=kw_only)
    methods: dict[str, object] = {
        "__layout__": layout,
        "__match_args__": layout.positional,
        "__init__": _init,
        "__eq__": _eq,
        "__hash__": _hash,
        "__repr__": _repr,
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
        FIELDS: FieldsOf(cls, layout.names),
    }
    for name, method in methods.items():
        if name not in cls.__dict__ or (name == "__hash__" and cls.__dict__[name] is None):
            setattr(cls, name, method)
    return cls


def _init(self: Any, *positional: object, **named: object) -> None:
    layout: _Layout = self.__layout__
    if len(positional) == layout.count and not named:  # the usual way, at once
        self.__dict__.update(zip(layout.positional, positional, strict=True))
    else:
        self.__dict__.update(_values(self, layout, positional, named))
    if layout.has_more_to_do:
        self.__post_init__()
    layout.left -= 1
    if not layout.left:
        layout.compile_init()


def _values(
    self: object, layout: _Layout, positional: tuple[object, ...], named: dict[str, object]
) -> dict[str, object]:
    """What the fields are, by name; TypeError where that cannot be said."""
    if len(positional) > len(layout.positional):
        raise TypeError(f"{type(self).__name__} takes {len(layout.positional)} values in order, not {len(positional)}")
    values: dict[str, object] = dict(zip(layout.positional, positional, strict=False))
    if named:
        if twice := named.keys() & values.keys():
            raise TypeError(f"{type(self).__name__} got several values for {', '.join(sorted(twice))}")
        if unknown := named.keys() - layout.known:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}")
        values.update(named)
    if len(values) < len(layout.names):
        for name, make in layout.defaults.items():
            if name not in values:
                values[name] = make()
        if missing := [name for name in layout.names if name not in values]:
            raise TypeError(f"{type(self).__name__} lacks {', '.join(missing)}")
    return values


def _eq(self: Any, other: Any) -> Any:
    if type(self) is not type(other):
        return NotImplemented
    key = self.__layout__.key
    return key(self) == key(other)


def _hash(self: Any) -> int:
    return hash(self.__layout__.key(self))


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name in self.__layout__.shown)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_to_set(self: object, name: str, _content: object) -> None:
    raise FrozenInstanceError(f"{type(self).__name__}.{name} cannot be assigned to")


def _refuse_to_delete(self: object, name: str) -> None:
    raise FrozenInstanceError(f"{type(self).__name__}.{name} cannot be deleted")


def _nothing(self: object) -> None:
    """The key of a class without fields: all of its values are equal."""


class FieldsOf:
    """The fields of `cls`, which have these names, as `dataclasses` wants them: made when it asks."""

    def __init__(self, cls: type, names: Sequence[str]) -> None:
        self._class = cls
        self._names = names

    def __get__(self, instance: object, owner: type) -> Mapping[str, Field[Any]]:
        namesake = type(self._class.__name__, (), {"__annotations__": dict.fromkeys(self._names, object)})
        plain: type = dataclasses.dataclass(init=False, repr=False, eq=False)(namesake)
        fields: Mapping[str, Field[Any]] = getattr(plain, FIELDS)
        setattr(self._class, FIELDS, fields)
        return fields
