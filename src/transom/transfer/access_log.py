"""The access log: one line for each request, in the Common Log Format that every log reader knows."""

from __future__ import annotations

from http import HTTPStatus

from transom.http.basic_auth import basic_credentials
from transom.http.dates import utc
from transom.http.messages import Request
from transom.value import value
from transom.wire.escape import escape


@value
class Access:
    """One request and what became of it.

    `time` is in seconds since the epoch; `request` is None for what was no HTTP, `status` for what was never answered;
    `sent` counts the body's bytes; `problem` is why a handshake failed, and no request could come. The line names the
    user as other servers' do: who the client says it is, unless that was refused.
    """

    client: str
    time: int
    request: Request | None
    status: int | None
    sent: int
    problem: str | None = None

    def __str__(self) -> str:
        problem = f" TLS: {escape(self.problem)}" if self.problem else ""
        moment = f"{utc(self.time):%d/%b/%Y:%H:%M:%S +0000}"
        answer = f"{self.status or '-'} {self.sent}{problem}"
        return f'{self.client} - {self._user()} [{moment}] "{self._request_line()}" {answer}'

    def _user(self) -> str:
        field = self.request.headers.get("Authorization") if self.request else None
        credentials = basic_credentials(field) if self.status != HTTPStatus.UNAUTHORIZED else None
        user = (credentials or b"").partition(b":")[0]
        return _quoted(user, ' "[]') or "-"

    def _request_line(self) -> str:
        if self.request is None:
            return "-"
        line = f"{self.request.method} {self.request.target} HTTP/{self.request.version}"
        return _quoted(line, '"')


def _quoted(text: str | bytes, marks: str) -> str:
    """`text` escaped, and with it those marks that the line itself is cut by."""
    quoted = escape(text)
    for mark in marks:
        quoted = quoted.replace(mark, f"\\x{ord(mark):02x}")
    return quoted
