"""0-RTT data that a server does not take (RFC 8446 §4.2.10).

The client seals it under a ticket's secret and sends it at once behind its hello. A server that knows no such ticket
cannot open those records, and tells them from the client's next flight by just that: they do not decrypt. After a
HelloRetryRequest the next flight is a hello in the clear, and they are the application data before it.
"""

from __future__ import annotations

from transom.tls.iana.content_types import ContentType
from transom.tls.record.run import Record

MOST_DROPPED = 2**16
"""Bytes of records. Servers commonly allow 2^14 of early data; none that we know of allows more than this."""


class RefusedEarlyData:
    """How much of it may still be dropped."""

    def __init__(self) -> None:
        self._left = MOST_DROPPED

    def drops(self, record: Record) -> bool:
        """Whether this record, which is not what was waited for, passes as early data."""
        if record.content_type != ContentType.application_data or len(record.raw) > self._left:
            return False
        self._left -= len(record.raw)
        return True
