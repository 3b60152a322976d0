"""Parts of a file: `Range`, `Content-Range` and the answer to them (RFC 9110 §14)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from transom.errors import HttpError
from transom.http.messages import Headers
from transom.value import value

_UNIT = re.compile(r"bytes=(.*)", re.IGNORECASE | re.ASCII)
_RANGE = re.compile(r"([0-9]*)-([0-9]*)", re.ASCII)
_CONTENT_RANGE = re.compile(r"bytes (?:([0-9]{1,19})-([0-9]{1,19})|\*)/([0-9]{1,19}|\*)", re.IGNORECASE | re.ASCII)

_BEYOND = 10**18  # larger than any file: what longer numbers count as

MOST_PARTS = 16
"""Ranges in one request: a reader of PDF or video asks for a few at a time, a range bomb for hundreds."""


class Part(NamedTuple):
    """The bytes of a file from `start` up to, not including, `end`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


@value
class Selection:
    """What of a file to send, with this status: all of it as one part (200), parts of it (206), or none (416).

    Parts are in ascending order, none is empty, and between two of them there is at least a byte that was not asked
    for; only the whole of an empty file is an empty part.
    """

    status: Literal[200, 206, 416]
    parts: tuple[Part, ...]


def whole(size: int) -> Selection:
    """The file as it is."""
    return Selection(200, (Part(0, size),))


def select_ranges(field: str | None, size: int) -> Selection:
    """The answer to a GET with the `Range` value `field` (None: without one) for a file of `size` bytes.

    Ranges that overlap the file are a 206 of what they overlap, those that touch each other joined; when all lie
    beyond its end, that is a 416. Answered with the whole file, as §14.2 permits, is what does not parse, what asks for
    more than `MOST_PARTS` and what goes back and forth in the file: a small request must not cost more than its file
    (CVE-2011-3192).
    """
    ranges = _ranges(field) if field is not None else []
    if not ranges or len(ranges) > MOST_PARTS:
        return whole(size)
    if not size and any(first is None and last for first, last in ranges):
        return whole(size)  # Content-Range has no way to write the last bytes of an empty file
    parts = [part for part in (_overlap(asked, size) for asked in ranges) if part.length > 0]
    if not parts:
        return Selection(416, ())
    return Selection(206, _joined(parts)) if parts == sorted(parts) else whole(size)


_Asked = tuple[int | None, int | None]
"""First and last byte, None where the client left one out: without a first it is the last so many bytes."""


def _ranges(field: str) -> list[_Asked]:
    """What a field asks for; nothing when any of it does not parse."""
    unit = _UNIT.fullmatch(field.strip())
    asked = [_asked(text.strip(" \t")) for text in unit[1].split(",", MOST_PARTS)] if unit else []
    ranges = [one for one in asked if one is not None]
    return ranges if len(ranges) == len(asked) else []


def _asked(text: str) -> _Asked | None:
    match = _RANGE.fullmatch(text)
    if match is None or match.groups() == ("", ""):
        return None
    first, last = (_number(digits) if digits else None for digits in match.groups())
    return None if first is not None and last is not None and last < first else (first, last)


def _number(digits: str) -> int:
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) < 19 else _BEYOND


def _overlap(asked: _Asked, size: int) -> Part:
    """What of the file one range asks for; empty when it lies beyond the end."""
    first, last = asked
    if first is None:
        return Part(max(0, size - (last or 0)), size)
    return Part(first, size if last is None else min(last + 1, size))


def _joined(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Ascending parts, those that overlap or touch as one."""
    joined = [parts[0]]
    for part in parts[1:]:
        if part.start > joined[-1].end:
            joined.append(part)
        else:
            joined[-1] = Part(joined[-1].start, max(joined[-1].end, part.end))
    return tuple(joined)


def content_range(part: Part | None, size: int) -> str:
    """The `Content-Range` of this part of a file of `size` bytes; of a 416 (None), which has no part."""
    return f"bytes */{size}" if part is None else f"bytes {part.start}-{part.end - 1}/{size}"


def is_in_parts(headers: Headers) -> bool:
    """Whether a 206 carries no bytes of the file, but parts with heads of their own (RFC 9110 §14.6)."""
    return (headers.get("Content-Type") or "").strip().lower().startswith("multipart/byteranges")


@value
class ContentRange:
    """Which bytes a 206 carries: from `start` up to, not including, `end`, of `size` (None: not known).

    In a 416 `start` and `end` are None.
    """

    start: int | None
    end: int | None
    size: int | None


def parse_content_range(field: str) -> ContentRange:
    """A response's `Content-Range`. Raises HttpError for one that is malformed or contradicts itself."""
    match = _CONTENT_RANGE.fullmatch(field.strip())
    if match is None:
        raise HttpError("Content-Range: {field!r} does not parse (RFC 9110 §14.4)", field=field[:80])
    first, last, complete = match.groups()
    size = None if complete == "*" else int(complete)
    if first is None:
        return ContentRange(None, None, size)
    start, end = int(first), int(last) + 1
    if start >= end or (size is not None and end > size):
        raise HttpError("Content-Range: {field!r} is no part of anything (RFC 9110 §14.4)", field=field[:80])
    return ContentRange(start, end, size)
