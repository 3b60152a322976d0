"""What the rules are made with: a name is looked for, and what it names only when it is one that counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Span = tuple[int, int]
Finder = Callable[[bytes], Iterator[Span]]
Found = re.Match[bytes]


def named(
    data: bytes, naming: re.Pattern[bytes], names_secret: Callable[[bytes], bool], value: Callable[[Found], Span]
) -> Iterator[Span]:
    """Each value with such a name, the name's pattern having it as the last group.

    The values, each of which may reach to the end, are not gone through for a name that is none; nor twice.
    """
    at = 0
    while found := naming.search(data, at):
        at = found.end()
        if names_secret(found[found.lastindex or 0]):
            span = value(found)
            yield span
            at = max(at, span[1])


def group(found: Found) -> Span:
    """Of the group that matched last."""
    return found.span(found.lastindex or 0)


def matched(pattern: re.Pattern[bytes], data: bytes, at: int) -> Span:
    """What matches from there on, its last group if it has any; nothing where nothing does."""
    found = pattern.match(data, at)
    return group(found) if found else (at, at)
