"""The validators of a response: what parts of a file can be told apart by (RFC 9110 §8.8).

A weak one may stay the same while bytes change, so that parts of two files would be joined: it is never enough.
"""

from __future__ import annotations

import re

from transom.http.dates import parse_http_date
from transom.http.messages import Headers

_STRONG_TAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')
_WEAK_TAG = re.compile(rf"W/{_STRONG_TAG.pattern}")

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


def strong_last_modified(headers: Headers) -> str | None:
    """The date of the last change as it was sent, where §8.8.2.2 lets it count as strong; else None.

    That is when the same response has a `Date` so much later that clocks which differ a little do no harm.
    """
    text, sent = headers.get("Last-Modified"), headers.get("Date")
    if text is None or sent is None:
        return None
    modified, now = parse_http_date(text), parse_http_date(sent)
    return text if modified is not None and now is not None and now - modified >= SETTLED else None
