"""Conditional requests: whether what the client has is what the server has (RFC 9110 §13)."""

from __future__ import annotations

import re
from typing import Literal

from transom.http.dates import parse_http_date
from transom.http.messages import Headers
from transom.value import value

_ENTITY_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_ENTITY_TAGS = re.compile(rf"[ \t,]*{_ENTITY_TAG.pattern}(?:[ \t]*,[ \t,]*{_ENTITY_TAG.pattern})*[ \t,]*")


@value
class Validators:
    """What tells one state of a file from another: a strong `etag`, quotes included, and epoch seconds."""

    etag: str
    modified: int


def precondition(method: str, headers: Headers, current: Validators | None) -> Literal[304, 412] | None:
    """The status that a request's preconditions call for, in the order of §13.2.2, or None to go on.

    `current` is None when there is no such file: what an upload meets that makes one.
    """
    if_match = headers.get("If-Match")
    if if_match is not None:
        if not _lists(if_match, current, weakly=False):
            return 412
    elif current is not None and _is_later(current.modified, headers.get("If-Unmodified-Since")):
        return 412

    reads = method in ("GET", "HEAD")
    if_none_match = headers.get("If-None-Match")
    if if_none_match is not None:
        if _lists(if_none_match, current, weakly=True):
            return 304 if reads else 412
    elif current is not None and reads and _is_not_later(current.modified, headers.get("If-Modified-Since")):
        return 304
    return None


def range_applies(headers: Headers, current: Validators) -> bool:
    """Whether `If-Range` lets `Range` count: the part must be of the very file that the client holds (§13.1.5).

    A weak tag never does. A date does when it is the very date of the file, as nginx and Apache have it.
    """
    if_range = headers.get("If-Range")
    if if_range is None:
        return True
    if if_range.startswith(('"', "W/")):
        return if_range == current.etag
    return parse_http_date(if_range) == current.modified


def _lists(field: str, current: Validators | None, *, weakly: bool) -> bool:
    """Whether a list of entity tags, or `*`, has the current one. A list that does not parse has nothing."""
    if current is None:
        return False
    if field.strip() == "*":
        return True
    if not _ENTITY_TAGS.fullmatch(field):
        return False
    return any(tag == current.etag and (weakly or not weak) for weak, tag in _ENTITY_TAG.findall(field))


def _is_later(modified: int, field: str | None) -> bool:
    date = parse_http_date(field) if field is not None else None
    return date is not None and modified > date


def _is_not_later(modified: int, field: str | None) -> bool:
    date = parse_http_date(field) if field is not None else None
    return date is not None and modified <= date
