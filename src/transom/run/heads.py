"""Heads as a proxy passes them on: refused where two readers may differ, and without what was meant for one hop alone.

Field lines that stay are the very bytes that came, in their order
([decision 14](../../../docs/decisions/0014-of-plain-http-what-is-for-one-hop-is-changed.md)).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

from transom.errors import HttpError
from transom.http.framing import is_ambiguous
from transom.http.messages import Request, Response

_OF_ONE_HOP = frozenset((b"connection", b"keep-alive", b"proxy-authorization", b"proxy-connection", b"te", b"upgrade"))
"""RFC 9110 §7.6.1. Transfer-Encoding is no such field here: the body goes on as it is framed."""

_OF_THE_MESSAGE = frozenset((b"content-length", b"host", b"transfer-encoding"))
"""These stay although Connection names them: without them the message would end elsewhere, or be for another."""

_LINE_END = re.compile(rb"\r?\n")
_FOLD = re.compile(rb"[ \t]*\r?\n[ \t]+")
_LENGTH = re.compile(rb"[0-9]+")

Line = tuple[bytes, bytes]
"""A field's name in lower case, and its line without the end."""


def check_request(request: Request, head: bytes) -> None:
    """Refuse what another may read as another message. Raises HttpError with status 400."""
    if _FOLD.search(head):
        raise _refused("a field is folded over two lines (RFC 9112 §5.2)")
    if is_ambiguous(request.headers):
        raise _refused("both Transfer-Encoding and Content-Length (RFC 9112 §6.1)")
    if "Transfer-Encoding" in request.headers and request.version == "1.0":
        raise _refused("Transfer-Encoding in HTTP/1.0 (RFC 9112 §6.1)")
    if len(_lengths(head)) > 1:
        raise _refused("more than one Content-Length (RFC 9112 §6.3)")


def request_onward(request: Request, head: bytes, target: str, host: str | None) -> bytes:
    """The head with this request-target; with a `host` that is its Host, whatever it had (RFC 9112 §3.2.2)."""
    options = _options(request)
    if "close" in request.headers.members("Connection"):
        options.add("close")
    if "trailers" in request.headers.members("TE"):  # whoever is behind us takes them: they are passed on
        options.add("te")
    host_line = None if host is None else b"Host: " + host.encode("ascii")
    onward = [f"{request.method} {target} HTTP/{request.version}".encode("ascii")]
    if host_line and "Host" not in request.headers:
        onward.append(host_line)
    for name, line in _kept(head, request, options):
        match name:
            case b"host" if host_line:
                onward.append(host_line)
            case b"te":
                onward.append(b"TE: trailers")
            case _:
                onward.append(line)
    return _head(onward)


def check_answer(head: bytes) -> None:
    """Refuse an answer, whole or not, whose length is none, or two. Raises HttpError with status 502."""
    lengths = _lengths(head)
    if len(set(lengths)) > 1 or not all(_LENGTH.fullmatch(length) for length in lengths):
        raise HttpError("the server's Content-Length is no length (RFC 9112 §6.3)", status=HTTPStatus.BAD_GATEWAY)


def answer_onward(response: Response, head: bytes, *, closes: bool) -> bytes:
    """The head of an answer that h11 lets pass; `closes` if the client's connection ends behind it."""
    lengths = _lengths(head)
    head = _FOLD.sub(b" ", head)
    onward = [_LINE_END.split(head, 1)[0]]
    has_length = "Transfer-Encoding" in response.headers  # beside which none goes on (RFC 9112 §6.3)
    options = _options(response)
    if closes:
        options.add("close")
    for name, line in _kept(head, response, options):
        if name == b"content-length":
            if not has_length:
                onward.append(line if len(lengths) == 1 else b"Content-Length: " + lengths[0])
            has_length = True
        else:
            onward.append(line)
    return _head(onward)


def _options(message: Request | Response) -> set[str]:
    """Whoever asks for another protocol, or offers one, is left to: both ends may speak it, and we pass it on."""
    asks = "Upgrade" in message.headers and "upgrade" in message.headers.members("Connection")
    return {"upgrade"} if asks else set()


def _kept(head: bytes, message: Request | Response, options: set[str]) -> Iterator[Line]:
    """The fields that go on, and Connection with these options: in its place if it has one, and as it was if it can."""
    named = message.headers.members("Connection")
    gone = _OF_ONE_HOP.union(name.encode("latin-1") for name in named) - _OF_THE_MESSAGE
    gone -= {option.encode("ascii") for option in options}
    wanted = b"Connection: " + ", ".join(sorted(options)).encode("ascii")
    told = not options
    for name, line in _fields(head):
        if name == b"connection":
            if not told:
                yield name, line if _members(line) == options else wanted
            told = True
        elif name not in gone:
            yield name, line
    if not told:
        yield b"connection", wanted


def _members(line: bytes) -> set[str]:
    return {one.strip().lower() for one in line.decode("latin-1").partition(":")[2].split(",")}


def _fields(head: bytes) -> Iterator[Line]:
    for line in _LINE_END.split(head)[1:]:
        if line:
            yield line.partition(b":")[0].strip().lower(), line


def _lengths(head: bytes) -> list[bytes]:
    """What every Content-Length says, one that is a list taken apart."""
    lines = (line.partition(b":")[2] for name, line in _fields(head) if name == b"content-length")
    return [length.strip() for line in lines for length in line.split(b",")]


def _head(lines: list[bytes]) -> bytes:
    return b"\r\n".join([*lines, b"", b""])


def _refused(why: str) -> HttpError:
    return HttpError(why, status=HTTPStatus.BAD_REQUEST)
