"""Attributes of other people's classes, replaced for a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_INHERITED = object()


class Patches:
    """Everything that was replaced, so that it can be put back."""

    def __init__(self) -> None:
        self._replaced: list[tuple[Any, str, object, object]] = []

    def put(self, owner: Any, name: str, around: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Replace `owner.name` by what `around` makes of it. An attribute that is inherited is not there afterwards."""
        before = _own(owner).get(name, _INHERITED)
        mine = around(getattr(owner, name))
        setattr(owner, name, mine)
        self._replaced.append((owner, name, before, mine))

    def take_out(self) -> None:
        """Put back what was there, except where somebody has put something else in the place meanwhile."""
        while self._replaced:
            owner, name, before, mine = self._replaced.pop()
            if _own(owner).get(name) is not mine:
                continue
            if before is _INHERITED:
                delattr(owner, name)
            else:
                setattr(owner, name, before)


def _own(owner: Any) -> dict[str, object]:
    attributes: Any = owner.__dict__
    return dict(attributes)
