"""What a request asks for: the four forms of a request-target (RFC 9112 §3.2)."""

from __future__ import annotations

import re

from transom.errors import HttpError
from transom.http.messages import Request
from transom.value import value

_ABSOLUTE = re.compile(r"https?://([^/?@]+)(/[^?]*)?(?:\?(.*))?", re.IGNORECASE)


@value
class Resource:
    """`path` begins with "/" and is still percent-encoded; `authority` is from the target, else from Host."""

    path: str
    query: str | None
    authority: str | None


def resource(request: Request) -> Resource:
    """The resource of a request to an origin server.

    Raises HttpError with status 400 for a target that is neither in origin-form nor in absolute-form: what only a
    proxy (`CONNECT host:port`) or the server as a whole (`OPTIONS *`) is asked for is no resource here.
    """
    if "#" in request.target:
        raise HttpError("a fragment in the request-target (RFC 9112 §3.2)", status=400)
    if request.target.startswith("/") and request.method != "CONNECT":
        path, mark, query = request.target.partition("?")
        return Resource(path, query if mark else None, request.headers.get("Host"))
    absolute = _ABSOLUTE.fullmatch(request.target)
    if absolute is None:
        raise HttpError(
            "{method} {target!r} names no resource (RFC 9112 §3.2)",
            method=request.method,
            target=request.target[:80],
            status=400,
        )
    authority, path_or_none, query_or_none = absolute.groups()
    return Resource(path_or_none or "/", query_or_none, authority)
