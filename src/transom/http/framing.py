"""How a message's body ends: the rules of RFC 9112 §6.3, which all three roles share."""

from __future__ import annotations

from transom.http.messages import Headers, Request, Response
from transom.value import value


@value
class Length:
    """A body of exactly `count` bytes; a message without a body is `Length(0)`."""

    count: int


@value
class Chunked:
    """A body in chunks, each announcing its size, the last one of size zero (RFC 9112 §7.1)."""


@value
class UntilClose:
    """A body that ends with the connection: only a response's can (RFC 9112 §6.3, rule 8)."""


@value
class ByFrames:
    """A body of no announced length whose last frame says that it is the last (RFC 9113 §8.1)."""


Framing = Length | Chunked | UntilClose | ByFrames

NO_BODY = Length(0)


def request_framing(request: Request) -> Length | Chunked:
    """How the body of `request` ends: without framing fields it has none."""
    return _announced(request.headers) or NO_BODY


def response_framing(request_method: str, response: Response) -> Framing:
    """How the body of a final `response` to a `request_method` request ends."""
    if not may_have_body(request_method, response.status):
        return NO_BODY
    return _announced(response.headers) or UntilClose()


def may_have_body(request_method: str, status: int) -> bool:
    """Whether a response carries content at all, whatever its fields announce (RFC 9110 §6.4.1)."""
    if request_method == "HEAD" or status < 200 or status in (204, 304):
        return False
    return not opens_tunnel(request_method, status)


def opens_tunnel(request_method: str, status: int) -> bool:
    """Whether after this response the connection no longer speaks HTTP (RFC 9110 §9.3.6 and §15.2.2)."""
    return status == 101 or (request_method == "CONNECT" and 200 <= status < 300)


def is_ambiguous(headers: Headers) -> bool:
    """Both framing fields at once: how a message is smuggled past one of two readers (RFC 9112 §6.1)."""
    return "Transfer-Encoding" in headers and "Content-Length" in headers


def keeps_alive(message: Request | Response) -> bool:
    """Whether the connection may carry another exchange after this message (RFC 9112 §9.3).

    An HTTP/1.0 peer that asks for keep-alive is not believed: proxies of that age forward the wish blindly.
    """
    return message.version == "1.1" and "close" not in message.headers.members("Connection")


def _announced(headers: Headers) -> Length | Chunked | None:
    if headers.members("Transfer-Encoding"):
        return Chunked()  # h11 lets no other transfer coding pass
    length = headers.get("Content-Length")
    return None if length is None else Length(int(length))
