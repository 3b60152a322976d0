"""What bytes say once escapes in them are undone, and where each of them stood: a secret may be written in any of them.

JSON in a query is percent-encoded, a request that an answer repeats has its quotes escaped, a page names them as
entities, UTF-16 has a zero beside each letter. One pass undoes the outermost of each; another, what was in that.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterator

Span = tuple[int, int]

_ESCAPE = re.compile(
    rb"%(?P<percent>[0-9A-Fa-f]{2})"
    rb"|\\(?P<backslash>u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[\"'\\/bfnrt])"
    rb"|&(?P<entity>(?:\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)"
    rb"|\x00(?P<zero>\x00{0,2}(?=[\t-\r -~]\x00)|(?<=\x00[\t-\r -~]\x00)\x00{0,2})"
)
"""Each begins with a byte of its own, so that a search passes over all others at once."""

_BY_LETTER = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}

_ENDS = {
    "percent": re.compile(rb"[&\s\"'<>]"),
    "backslash": re.compile(rb"[\"\n]"),
    "entity": re.compile(rb"[\"<>]"),
    "zero": re.compile(rb"[\t-\r -~]{3}"),
}
"""Where what is escaped so ends: the parameter of a query, the string of JSON, the attribute or the element."""

_LONGEST = 34
"""Bytes of an escape."""

_BEHIND = 3
"""So many bytes behind what was undone may a zero be that is one only beside it."""

_BEFORE = 1024
"""Bytes before an escape that may be of a name or a head which it belongs to."""

MOST_PASSES = 3


class Unescaped:
    """One pass undone: `data` is what `escaped` says. What `before` came to has no other escapes than it made."""

    def __init__(self, escaped: bytes, before: Unescaped | None = None) -> None:
        self._escaped = escaped
        self._before = before
        self._starts: list[int] = []  # of each escape: where in `data` is what it stands for, …
        self._lengths: list[int] = []  # … how long that is, …
        self._spans: list[Span] = []  # … where it stands itself, …
        self._kinds: list[str] = []  # … and of which kind it is
        self._ends: dict[tuple[int, str], int] = {}  # as far as they were looked for
        self.data = b"".join(self._undone())

    def windows(self, longest: int = 0) -> Iterator[Span]:
        """The parts of `data` in which there is anything that is not found without it; so many bytes longer."""
        start = end = 0
        for escape, at in enumerate(self._starts):
            said = at + self._lengths[escape]
            until = said + self._end_behind(escape, self._kinds[escape]) - self._spans[escape][1] + longest
            if at - _BEFORE > end:
                if start < end:
                    yield start, end
                start = at - _BEFORE
            end = until
        if start < end:
            yield start, end

    def span(self, start: int, end: int) -> Span:
        """Where that stood which is in `data[start:end]`, up to where the escaped text ends that it is in.

        What is in none is found in `escaped` itself, and here nothing is.
        """
        begin, finish = self._place(start)[0], self._place(end - 1)[1]
        escape = bisect_right(self._starts, start) - 1
        if escape < 0:
            return begin, begin
        kind = self._kinds[escape]
        while escape < len(self._spans) and self._spans[escape][0] < finish:
            last = escape + 1 == len(self._spans)
            bound = self._end_behind(escape, kind)
            if last or bound < self._spans[escape + 1][0]:
                return begin, max(begin, min(bound, finish))
            escape += 1
        return begin, finish

    def place(self, start: int, end: int) -> Span:
        """Where all of that stood which is in `data[start:end]`, with the escapes that any of it was said by."""
        return self._place(start)[0], self._place(end - 1)[1]

    def _end_behind(self, escape: int, kind: str) -> int:
        """Where in `escaped` the text ends that has this escape in it, or the next one stands."""
        if known := self._ends.get((escape, kind)):
            return known
        start = self._spans[escape][1]
        following = self._spans[escape + 1][0] if escape + 1 < len(self._spans) else len(self._escaped)
        found = _ENDS[kind].search(self._escaped, start, following)
        self._ends[escape, kind] = end = found.start() if found else following
        return end

    def _place(self, at: int) -> Span:
        """Where this byte of `data` stood, or the escape that it was said by."""
        escape = bisect_right(self._starts, at) - 1
        if escape < 0:
            return at, at + 1
        past = at - self._starts[escape] - self._lengths[escape]
        start, end = self._spans[escape]
        return (start, end) if past < 0 else (end + past, end + past + 1)

    @property
    def is_any(self) -> bool:
        """Whether there was an escape."""
        return bool(self._spans)

    def said(self) -> Iterator[Span]:
        """Where in `data` the texts are that escapes stood for."""
        return ((start, start + length) for start, length in zip(self._starts, self._lengths, strict=True))

    def _escapes(self) -> Iterator[re.Match[bytes]]:
        if self._before is None:
            yield from _ESCAPE.finditer(self._escaped)
            return
        # All others are undone. So in each that is left there is something that the pass before undid.
        at = 0
        for start, end in self._before.said():
            at = max(at, start - _LONGEST)
            until = end + _BEHIND
            while at < until and (found := _ESCAPE.search(self._escaped, at, until + _LONGEST)):
                if found.start() >= until:
                    break
                yield found
                at = found.end()

    def _undone(self) -> Iterator[bytes]:
        at = length = 0
        for found in self._escapes():
            kind = found.lastgroup or ""
            said = _said(kind, found[kind])
            length += found.start() - at
            self._starts.append(length)
            self._lengths.append(len(said))
            self._spans.append(found.span())
            self._kinds.append(kind)
            yield self._escaped[at : found.start()]
            yield said
            length += len(said)
            at = found.end()
        yield self._escaped[at:]


def unescaped(data: bytes, most: int = MOST_PASSES) -> Iterator[Unescaped]:
    """Pass by pass, each of what the one before came to."""
    undone: Unescaped | None = None
    for _ in range(most):
        undone = Unescaped(data, undone)
        if not undone.is_any:
            return
        yield undone
        data = undone.data


def plain(name: bytes) -> bytes:
    """A name with all of its escapes undone."""
    for undone in unescaped(name):
        name = undone.data
    return name


def _said(kind: str, escape: bytes) -> bytes:
    match kind:
        case "percent":
            return bytes.fromhex(escape.decode("ascii"))
        case "backslash" if escape[:1] in (b"u", b"x"):
            return chr(int(escape[1:], 16)).encode("utf-8", "surrogatepass")
        case "backslash":
            return _BY_LETTER.get(escape, escape)
        case "entity":
            return html.unescape(f"&{escape.decode('ascii')}").encode("utf-8", "surrogatepass")
        case _:
            return b""
