"""The validators of a response: what parts of a file can be told apart by (RFC 9110 §8.8).

A weak one may stay the same while bytes change, so that parts of two files would be joined: it is never enough.
"""

from __future__ import annotations

import re

from transom.http.dates import parse_http_date
from transom.http.messages import Headers

_STRONG_TAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')
_WEAK_TAG = re.compile(rf"W/{_STRONG_TAG.pattern}")

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

SETTLED = 60
"""Seconds: a date this much older than the response cannot be of a file that changes twice within its second."""


def strong_etag(headers: Headers) -> str | None:
    """The entity tag, quotes included; None for none, a weak one, or what is no entity tag."""
    etag = headers.get("ETag")
    return etag if etag is not None and _STRONG_TAG.fullmatch(etag) else None


def weak_etag(headers: Headers) -> str | None:
    """The entity tag, `W/` and quotes included, if it is a weak one: the same says little, another says a change."""
    etag = headers.get("ETag")
    return etag if etag is not None and _WEAK_TAG.fullmatch(etag) else None


def content_coding(headers: Headers) -> str | None:
    """The codings that the bytes are in (`Content-Encoding`), in lower case; None when they are the file's own.

    Each is a representation of its own, with a tag of its own (RFC 9110 §8.8.3.3); but what compresses as it sends
    often leaves the tag as it was.
    """
    codings = [coding for coding in headers.members("Content-Encoding") if coding != "identity"]
    return ", ".join(codings) or None


def is_date_and_length(etag: str, headers: Headers, length: int | None) -> bool:
    """Whether an entity tag is nothing but `Last-Modified` and the length once more, so that it is no stronger.

    nginx has both in hexadecimal, Caddy (until 2.8) in base 36, and call that strong: of two files of one length that
    were written within a second it is the same. Apache and Caddy count fractions of the second, which an archive or a
    copy may have set to none.
    """
    modified = parse_http_date(headers.get("Last-Modified") or "")
    if modified is None or length is None:
        return False
    digits = re.sub(r"[^0-9a-z]", "", etag.lower())
    return any(
        digits in (date + size, size + date)
        for base in (10, 16, 36)
        for size in (_in_base(base, length),)
        for date in (_in_base(base, modified * fractions) for fractions in (1, 10**3, 10**6, 10**9))
    )


def strong_last_modified(headers: Headers) -> str | None:
    """The date of the last change as it was sent, where §8.8.2.2 lets it count as strong; else None.

    That is when the same response has a `Date` so much later that clocks which differ a little do no harm.
    """
    text, sent = headers.get("Last-Modified"), headers.get("Date")
    if text is None or sent is None:
        return None
    modified, now = parse_http_date(text), parse_http_date(sent)
    return text if modified is not None and now is not None and now - modified >= SETTLED else None


def _in_base(base: int, number: int) -> str:
    digits = ""
    while number > 0:
        number, digit = divmod(number, base)
        digits = _DIGITS[digit] + digits
    return digits or "0"
