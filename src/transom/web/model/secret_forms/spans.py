"""What the rules are made with: a name is looked for, and what it names only when it is one that counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from transom.value import value

Span = tuple[int, int]
Finder = Callable[[bytes], Iterator[Span]]
Found = re.Match[bytes]


@value
class Sign:
    """What no match of a pattern is without, and a search for it is quick.

    Such a match begins at most `before` bytes before the sign, and but for blanks at its end `after` bytes behind it.
    """

    pattern: re.Pattern[bytes]
    before: int
    after: int

    def windows(self, data: bytes) -> Iterator[Span]:
        """The parts in which the matches are, in order, no two of which touch."""
        start = end = -1
        found = self.pattern.search(data)
        while found:
            if found.start() - self.before > end:
                if end >= 0:
                    yield start, end
                start = max(found.start() - self.before, 0)
            end = max(end, found.end() + self.after)
            found = self.pattern.search(data, found.start() + 1)
        if end >= 0:
            yield start, min(end, len(data))


def named(
    data: bytes,
    naming: re.Pattern[bytes],
    names_secret: Callable[[bytes], bool],
    value: Callable[[Found], Span],
    sign: Sign | None = None,
) -> Iterator[Span]:
    """Each value with such a name, the name's pattern having it as the last group.

    The values, each of which may reach to the end, are not gone through for a name that is none; nor twice. Where there
    is no `sign` of a name, none is looked for.
    """
    at = 0
    for start, end in sign.windows(data) if sign else ((0, len(data)),):
        at = max(at, start)
        while found := naming.search(data, at, end):
            at = found.start() + 1
            if not (found := naming.match(data, found.start())):  # it was one for what it ends at alone
                continue
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


def line_end(data: bytes, at: int) -> int:
    """Where the line ends that goes on there."""
    end = data.find(b"\n", at)
    return end if end >= 0 else len(data)
