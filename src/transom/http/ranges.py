"""Parts of a file: `Range`, `Content-Range` and the answer to them (RFC 9110 §14)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from transom.errors import HttpError

_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)", re.IGNORECASE | re.ASCII)
_CONTENT_RANGE = re.compile(r"bytes (?:([0-9]{1,19})-([0-9]{1,19})|\*)/([0-9]{1,19}|\*)", re.IGNORECASE | re.ASCII)

_BEYOND = 10**18  # larger than any file: what longer numbers count as


@dataclass(frozen=True)
class Selection:
    """What of a file to send: the bytes from `start` up to, not including, `end`, with this status."""

    status: Literal[200, 206, 416]
    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


def select_range(field: str | None, size: int) -> Selection:
    """The answer to a GET with the `Range` value `field` (None: without one) for a file of `size` bytes.

    One range that overlaps the file is a 206 of that overlap, one that lies beyond its end a 416. What does not parse
    and what asks for several ranges is answered with the whole file, as §14.2 permits: parts that overlap or are tiny
    make a request cost far more than its file (CVE-2011-3192).
    """
    whole = Selection(200, 0, size)
    match = _RANGE.fullmatch(field.strip()) if field is not None else None
    if match is None or match.groups() == ("", ""):
        return whole
    first, last = match.groups()
    if not first:
        return _suffix(_number(last), size)
    if last and _number(last) < _number(first):
        return whole
    if _number(first) >= size:
        return Selection(416, 0, 0)
    return Selection(206, _number(first), min(_number(last) + 1, size) if last else size)


def _suffix(count: int, size: int) -> Selection:
    """The last `count` bytes. Content-Range has no way to write the last bytes of an empty file: it is sent whole."""
    if not count:
        return Selection(416, 0, 0)
    return Selection(206, max(0, size - count), size) if size else Selection(200, 0, 0)


def _number(digits: str) -> int:
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) < 19 else _BEYOND


def content_range(selection: Selection, size: int) -> str:
    """The `Content-Range` of a 206 or a 416 for a file of `size` bytes."""
    if selection.status == 416:
        return f"bytes */{size}"
    return f"bytes {selection.start}-{selection.end - 1}/{size}"


@dataclass(frozen=True)
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
        raise HttpError(f"Content-Range: {field[:80]!r} does not parse (RFC 9110 §14.4)")
    first, last, complete = match.groups()
    size = None if complete == "*" else int(complete)
    if first is None:
        return ContentRange(None, None, size)
    start, end = int(first), int(last) + 1
    if start >= end or (size is not None and end > size):
        raise HttpError(f"Content-Range: {field[:80]!r} is no part of anything (RFC 9110 §14.4)")
    return ContentRange(start, end, size)
