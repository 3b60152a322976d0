"""Whether something in a body is masked, by its head and its bytes: then its digest is told by nobody (decision 27)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from transom.dissect.charset import charset_of
from transom.dissect.timeline import WhyWithheld
from transom.http.messages import Headers
from transom.web.model.scrub import Kind, masked_in, stars
from transom.web.model.secret_forms.spans import Span

MOST_OF_TEXT = 1024 * 1024
"""Bytes of a text that are looked through. Of a longer one nobody says that there is nothing in it."""

MOST_OF_OTHER = 64 * 1024
"""Bytes of what is no text: a secret is written behind its name, and in the rest nothing is written."""


def why_withheld(
    data: bytes, headers: Headers, *, is_all: bool, look: Callable[[], bool | None] | None = None
) -> WhyWithheld | None:
    """Why nobody is told the digest of a body that is, or begins with, `data`. None: everybody may be.

    `look` says whether `has_secret`, or None if it is not looked.
    """
    if data and (hides_all(data, headers) or is_from_within(headers)):
        return "masked"
    if not is_all and (is_text(data) or is_structured(media_type_of(headers))):
        return "unseen"
    match has_secret(data, headers) if look is None else look():
        case None:
            return "unseen"
        case found:
            return "masked" if found else None


def of_a_body(data: bytes, headers: Headers, *, is_all: bool) -> WhyWithheld | None:
    """The same of one of any length."""
    most = MOST_OF_TEXT if is_text(data) else MOST_OF_OTHER
    return why_withheld(data[:most], headers, is_all=is_all and len(data) <= most)


def has_secret(data: bytes, headers: Headers) -> bool:
    """Whether something in this body is masked.

    In what is no text, names of two letters and signs stand everywhere by chance. There a secret counts that stands in
    a stretch of text, as in an archive of texts it does.
    """
    found: Iterable[Span] = masked_in(data, kind_of(media_type_of(headers)))
    if not is_text(data):
        found = (span for span in found if _stands_in_text(data, span[0]))
    return any(stars(data[start:end]) != data[start:end] for start, end in found)


def is_text(data: bytes | bytearray) -> bool:
    """Whether a body that begins so is one. In random bytes a tenth are control characters, in a text nearly none."""
    first = bytes(data[:TELLING])
    controls = len(first) - len(first.translate(None, _CONTROLS))
    return len(first) < _SHORT or controls * 32 < len(first)


TELLING = 4 * 1024
_SHORT = 128
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\f\r\x1b"))


def _stands_in_text(data: bytes, at: int) -> bool:
    before, behind = data[max(at - _STRETCH, 0) : at], data[at : at + _STRETCH]
    in_text = len(before) - len(before.rstrip(_PRINTED)) + len(behind) - len(behind.lstrip(_PRINTED))
    return in_text >= _STRETCH


_STRETCH = 16
"""Letters one behind the other, with those of the name: by chance less than one in ten thousand of what is found."""

_PRINTED = bytes({*range(32, 127), *b"\t\r\n"})


def hides_all(data: bytes, headers: Headers) -> bool:
    """Whether nobody can look into this body, of which `data` is the first: then all of it is masked."""
    codings = {part.strip().lower() for name in _CODING for part in (headers.get(name) or "").split(",")}
    # Each of these hides what is in it from a search for ASCII, or begins in the middle of something again and again.
    return bool(codings - _READABLE) or _is_wide(data, headers) or media_type_of(headers) == "multipart/byteranges"


def is_from_within(headers: Headers) -> bool:
    """Whether the body begins in the middle of a file, where a value may have begun before it."""
    return _FROM_WITHIN.match(headers.get("Content-Range") or "") is not None


def media_type_of(headers: Headers) -> str:
    """Without its parameters, in small letters; empty if the head says none."""
    return (headers.get("Content-Type") or "").partition(";")[0].strip().lower()


def kind_of(media_type: str) -> Kind:
    """How `scrub` looks at it."""
    return _KINDS.get(media_type, "text")


def is_structured(media_type: str) -> bool:
    """Whether it says of its content that it is written in names and values."""
    return _STRUCTURED.search(media_type) is not None


def _is_wide(data: bytes, headers: Headers) -> bool:
    """Whether a letter is not one byte: UTF-16 says so by its charset, by its mark, or by every other byte."""
    if charset_of(headers).startswith(_WIDE) or data.startswith(_MARKS):
        return True
    even, odd = data[0:40:2], data[1:40:2]
    return len(data) >= _TELLING and any(even) != any(odd)


_CODING = ("Content-Encoding", "Transfer-Encoding")
_READABLE = {"", "identity", "chunked"}
_KINDS: Mapping[str, Kind] = {
    "application/x-www-form-urlencoded": "form",
    "application/javascript": "code",
    "application/x-javascript": "code",
    "text/javascript": "code",
    "text/css": "code",
}
_TELLING = 8
_FROM_WITHIN = re.compile(r"\s*bytes\s+(?!0-)", re.IGNORECASE)
_WIDE = ("utf-16", "iso2022")
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_STRUCTURED = re.compile(r"json|xml|form|multipart|csv|tab-separated|yaml|sql")
