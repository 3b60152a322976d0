"""Secrets taken out of bytes by the forms they are written in, wherever they stand. Lengths stay: no byte moves.

Each form finds a name and what it names, and some are known by what they are alone: `secret_forms.table` has them. They
are looked for in the bytes as they are, and in what those say once the escapes in them are undone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from transom.web.model.secret_forms.spans import Span
from transom.web.model.secret_forms.table import ANYWHERE, CODE, CUT, FORM, NAMED, TEXT, Form
from transom.web.model.secret_forms.text import Text, clues_in
from transom.web.model.unescaped import MOST_PASSES, Unescaped, unescaped

Kind = Literal["text", "form", "code"]

MASK = b"*"

_FORMS: dict[Kind, tuple[Form, ...]] = {
    "text": (*ANYWHERE, *NAMED, *TEXT),
    "form": (*ANYWHERE, *NAMED, *TEXT, *FORM),
    "code": (*ANYWHERE, *NAMED, *CODE),
}
_STARS = bytes(byte if byte in b"\r\n" else MASK[0] for byte in range(256))
_SAYS_MORE = re.compile(rb"[=:<@,;|\\\0\t ]|%[0-9A-Fa-f]|&\w|&#")
"""What stands between a name and its value in every one of the forms that have both, or may be an escape."""


def stars(data: bytes) -> bytes:
    """All of it but its line ends."""
    return data.translate(_STARS)


def scrub(data: bytes, kind: Kind = "text", *, is_whole: bool = False) -> bytes:
    """What ends before it is over (not `is_whole`) may end in the middle of userinfo, whose @ is not there yet."""
    masked = bytearray(data)
    for start, end in masked_in(data, kind, is_whole=is_whole):
        masked[start:end] = stars(data[start:end])
    return bytes(masked)


def masked_in(data: bytes, kind: Kind = "text", *, is_whole: bool = False) -> Iterator[Span]:
    """Where `scrub` puts stars; a place may be told twice, or hold nothing."""
    # Most names and paths of a table of a hundred thousand rows have no such sign.
    forms = _FORMS[kind] if _SAYS_MORE.search(data) else ANYWHERE
    yield from secrets_in(data, forms if is_whole else (*forms, *CUT))


def secrets_in(data: bytes, forms: Sequence[Form]) -> Iterator[Span]:
    """Where they are, escaped or not."""
    # A name that is found in the last pass may have escapes in it that are undone only to see what it says.
    undone = list(unescaped(data, 2 * MOST_PASSES))
    clues = clues_in(data, undone)
    whole = Text(data, clues[0])
    yield from (span for form in forms for span in form.find(whole))
    for number, (one, its_clues) in enumerate(zip(undone[:MOST_PASSES], clues[1:], strict=False), 1):
        whole = Text(one.data, its_clues)
        for at, until in one.windows():
            part = whole.within(at, until)
            for form in forms:
                yield from (
                    _place(at + start, at + end, undone[:number]) for start, end in form.find(part) if start < end
                )


def _place(start: int, end: int, passes: Sequence[Unescaped]) -> Span:
    """Where that stands which was found when all these passes were undone."""
    for undone in reversed(passes):
        if start < end:
            start, end = undone.span(start, end)
    return start, end


_REST = rb"[^\n]*(?:\n[ \t][^\n]*)*"
_QUOTED_FIELD = re.compile(
    rb"((?:authorization|cookie|token|secret|password|api-?key|signature|session)[\w-]*[ \t]*:[ \t]*)(" + _REST + rb")",
    re.IGNORECASE,
)


def scrub_quotation(data: bytes) -> bytes:
    """A message that quotes bytes: a line of a head may begin anywhere in it, and it may be cut short."""
    return _QUOTED_FIELD.sub(lambda found: found[1] + stars(found[2]), scrub(data))
