"""Code points: numbers that IANA gave names to, and numbers that nobody has named yet."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Self

_GREASE = frozenset(0x0A0A + 0x1010 * n for n in range(16))


class CodePoint(IntEnum):
    """One registry. A value that no row names keeps its number under the name `unknown(0x…)`.

    Member names are IANA's own, letter for letter, where they are identifiers; `title` gives the registry's
    spelling where they are not.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = "GREASE" if value in _GREASE else f"unknown(0x{value:02x})"
        member._value_ = value
        # Cached like a declared member, so that equal values stay identical; at most 65,536 of them.
        cls._value2member_map_[value] = member
        return member

    @classmethod
    def by_number(cls) -> Mapping[int, Self]:
        """Those that are named, and those that were met: to look one up takes a third of the time of `cls(number)`."""
        members: Mapping[int, Self] = cls._value2member_map_  # type: ignore[assignment]
        return members

    def __reduce_ex__(self, protocol: object) -> tuple[type[Self], tuple[int]]:
        """By value: some releases of Python 3.11 copy by name, and an unknown value's name leads nowhere."""
        return type(self), (int(self),)

    @property
    def is_known(self) -> bool:
        """Whether the registry names this value."""
        return self.name in type(self).__members__

    @property
    def is_grease(self) -> bool:
        """Whether it is one of the values of RFC 8701, sent so that peers keep ignoring what they do not know."""
        return self in _GREASE

    @property
    def title(self) -> str:
        """The name to show."""
        return "Reserved (GREASE)" if self.is_grease else self.name
