"""What the rules are made with: a name is looked for, and what it names only when it is one that counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from transom.value import value
from transom.web.model.secret_forms.text import Text

Span = tuple[int, int]
Finder = Callable[[Text], Iterator[Span]]
Found = re.Match[bytes]


@value
class Naming:
    """A name, the last group of `pattern`, and what stands between it and its value.

    A search for that is slow: it is tried at every byte. So it is made only where a clue is, and only where `tail`
    matches behind the clue: the rest of the name and what has to come then. A match begins at most `before` bytes
    before the clue, with letters `of_name` right before that and those `ahead` of the name before them; but for blanks
    at its end it ends at most `after` bytes behind it.
    """

    pattern: re.Pattern[bytes]
    tail: re.Pattern[bytes]
    of_name: bytes
    ahead: bytes
    before: int
    after: int

    def begin(self, data: bytes, at: int, clue: int) -> int:
        """Where a match may begin, not before `at`, whose name has the clue in it."""
        at = max(at, clue - self.before)
        return at + len(data[at:clue].rstrip(self.of_name).rstrip(self.ahead))


def letters_of(one: bytes) -> bytes:
    """All that one letter of a pattern may be."""
    return bytes(byte for byte in range(256) if re.fullmatch(one, bytes([byte]), re.DOTALL))


def named(
    text: Text,
    naming: Naming,
    names_secret: Callable[[bytes], bool],
    value: Callable[[Found], Span],
) -> Iterator[Span]:
    """Each value with such a name.

    The values, each of which may reach to the end, are not gone through for a name that is none; nor twice.
    """
    data, at = text.data, 0
    for start, end in text.clues:
        if start < at or not naming.tail.match(data, end):
            continue
        here = naming.begin(data, at, start)
        while here <= start and (found := naming.pattern.search(data, here, end + naming.after)):
            if found.start() > start:
                break
            here = found.start() + 1
            if not (found := naming.pattern.match(data, found.start())):  # it was one for what it ends at alone
                continue
            at = here = found.end()
            if names_secret(found[found.lastindex or 0]):
                span = value(found)
                yield span
                at = here = max(at, span[1])


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
