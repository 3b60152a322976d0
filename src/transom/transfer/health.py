"""Whether the server answers: what a supervisor asks, every few seconds, without a name and without a trace."""

from __future__ import annotations

from transom.http.messages import Headers, Request, Response
from transom.transfer.access_log import Access

HEALTH_PATH = "/.transom/health"
"""Beneath a hidden name, which no file that is served can have."""

HEALTHY = b"ok\n"

HEALTHY_RESPONSE = Response(
    200, Headers([("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")])
)


def asks_for_health(request: Request) -> bool:
    """Whether this is such a question."""
    return request.target == HEALTH_PATH and request.method in ("GET", "HEAD")


def is_worth_a_line(access: Access) -> bool:
    """Whether the access log says something by it; an answered question of health is none."""
    return access.request is None or access.status != 200 or not asks_for_health(access.request)
