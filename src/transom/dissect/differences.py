"""Two conversations held against each other, field by field, and the field at which they first part."""

from __future__ import annotations

from functools import cached_property

from transom.dissect.both_ends import BothEnds
from transom.dissect.portrait import ABSENT, Key, Portrait, Told
from transom.value import value

_DERIVED = ("ja3", "ja4", "ja3s", "length")
_OF_THE_NAME = ("server_name", "subject", "names", "sha256", "not_before", "not_after", "request")
"""What is another for every server, or every moment, without anything being done in another way."""

_TELLS_LAST = (*_OF_THE_NAME, *_DERIVED)


@value
class Field:
    """One field of both."""

    key: Key
    a: Told
    b: Told

    @property
    def differs(self) -> bool:
        return self.a != self.b

    @property
    def is_empty(self) -> bool:
        """Whether neither says anything of it."""
        return self.a == self.b == ABSENT

    @property
    def only_order_differs(self) -> bool:
        """Whether both are lists of the same names."""
        a, b = self.a.value, self.b.value
        return self.differs and isinstance(a, tuple) and isinstance(b, tuple) and sorted(a) == sorted(b)


@value
class Comparison:
    """Everything that either says, in the order of the handshake."""

    a: Portrait
    b: Portrait
    ends: BothEnds | None = None
    """There for one connection that was captured at two places."""

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """All of them that say anything."""
        both = (Field(key, told, self.b.fields[key]) for key, told in self.a.fields.items())
        return tuple(field for field in both if not field.is_empty)

    @cached_property
    def differences(self) -> tuple[Field, ...]:
        """Those that differ; how long things took is never the same, and is no difference."""
        return tuple(field for field in self.fields if field.differs and field.key.group != "timing")

    @cached_property
    def first(self) -> Field | None:
        """Where they part: the first difference that tells something, else the first at all.

        That one asks for another name, and so is shown another certificate, tells nothing where the rest is the same.
        Nor does a list in another order, which some clients shuffle, if there is anything else; nor what was read here
        and is sealed there, which says how much can be seen and not what was done.
        """
        return min(self.differences, key=_lateness, default=None)


def _lateness(field: Field) -> int:
    """`min` takes the first of those that are equally late."""
    if field.key.group == "ends":
        return 4
    if "sealed" in (field.a.state, field.b.state):
        return 3
    if field.key.name in _TELLS_LAST:
        return 2
    return 1 if field.only_order_differs and field.key.name == "extensions" else 0
