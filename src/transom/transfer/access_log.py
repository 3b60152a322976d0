"""The access log: one line for each request, in the Common Log Format that every log reader knows."""

from __future__ import annotations

from dataclasses import dataclass

from transom.http.dates import utc
from transom.http.messages import Request
from transom.wire.escape import escape


@dataclass(frozen=True)
class Access:
    """One request and what became of it.

    `time` is in seconds since the epoch; `request` is None for what was no HTTP, `status` for what was never answered;
    `sent` counts the body's bytes.
    """

    client: str
    time: int
    request: Request | None
    status: int | None
    sent: int

    def __str__(self) -> str:
        moment = f"{utc(self.time):%d/%b/%Y:%H:%M:%S +0000}"
        return f'{self.client} - - [{moment}] "{self._request_line()}" {self.status or "-"} {self.sent}'

    def _request_line(self) -> str:
        if self.request is None:
            return "-"
        line = f"{self.request.method} {self.request.target} HTTP/{self.request.version}"
        return escape(line).replace('"', "\\x22")
