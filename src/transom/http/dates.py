"""Dates of header fields (RFC 9110 §5.6.7), as whole seconds since the epoch."""

from __future__ import annotations

from datetime import UTC, datetime

_LAST = 253_402_300_799  # the end of the year 9999, the last that has four digits


def http_date(seconds: int) -> str:
    """An IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`."""
    from email.utils import format_datetime  # here, because few downloads read or write a date

    return format_datetime(utc(seconds), usegmt=True)


def utc(seconds: int) -> datetime:
    """The moment, or the nearest with a year from 1970 to 9999: a file's time can be set to anything."""
    return datetime.fromtimestamp(min(max(seconds, 0), _LAST), UTC)


def parse_http_date(text: str) -> int | None:
    """The seconds of a date in any of the three forms a recipient must accept, or None for anything else.

    A field with an invalid date is ignored by every rule that reads one, hence no error.
    """
    from email.utils import parsedate_tz

    try:
        parsed = parsedate_tz(text)
        if parsed is None or parsed[9]:  # a zone other than GMT
            return None
        return int(datetime(*parsed[:6], tzinfo=UTC).timestamp())
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
