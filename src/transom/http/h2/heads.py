"""A list of fields as a request or a response (RFC 9113 §8): pseudo-header fields apart from the others.

Parse, then judge: whatever can be read is given, and beside it what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from transom.errors import Sentence
from transom.http.framing import NO_BODY, ByFrames, Length, may_have_body
from transom.http.h2.fields import Field, Form
from transom.http.messages import Headers, Request, Response
from transom.value import value

_CONNECTION_SPECIFIC = frozenset({b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade"})
_REQUEST_PSEUDO = frozenset({b":method", b":scheme", b":authority", b":path", b":protocol"})
_RESPONSE_PSEUDO = frozenset({b":status"})
_STATUS = re.compile(r"[1-9][0-9]{2}")
_LENGTH = re.compile(r"[0-9]{1,18}")


@value
class Read:
    """The fields of a block parted. `unknown` of them refer to what was not seen; `wrong` is the first that is odd."""

    pseudo: dict[bytes, str]
    headers: Headers
    unknown: int
    wrong: Sentence | None


def read_request(fields: Sequence[Field]) -> tuple[Request | None, Read]:
    """The request, None where its method or its path is not there or not known."""
    read = _read(fields, _REQUEST_PSEUDO)
    method, path = read.pseudo.get(b":method"), read.pseudo.get(b":path")
    authority = read.pseudo.get(b":authority")
    if method == "CONNECT" and path is None:
        path = authority  # RFC 9113 §8.5
    if method is None or path is None:
        lacking = ":method" if method is None else ":path"
        return None, _wrong(read, Sentence("the request has no {lacking} (RFC 9113 §8.3.1)", lacking=lacking))
    return Request(method, path, read.headers, "2", authority), read


def read_response(fields: Sequence[Field]) -> tuple[Response | None, Read]:
    """The response, final or 1xx; None where its status is not there or not known."""
    read = _read(fields, _RESPONSE_PSEUDO)
    status = read.pseudo.get(b":status")
    if status is None:
        return None, _wrong(read, Sentence("the response has no :status (RFC 9113 §8.3.2)"))
    if not _STATUS.fullmatch(status):
        what = Sentence("the status is {status!r}, not three digits (RFC 9113 §8.3.2)", status=status[:20])
        return None, _wrong(read, what)
    return Response(int(status), read.headers, "", "2"), read


def read_trailer(fields: Sequence[Field]) -> Read:
    """The fields behind a body."""
    return _read(fields, frozenset())


def request_framing(request: Request | None, headers: Headers, *, ends: bool) -> Length | ByFrames:
    """How the body of a request ends, which may be unknown; `ends`: its head is all there is (END_STREAM)."""
    length = None if request is not None and request.method == "CONNECT" else content_length(headers)
    return _framing(length, ends=ends)


def response_framing(
    method: str | None, response: Response | None, headers: Headers, *, ends: bool
) -> Length | ByFrames:
    """The same of the answer to such a request; None: unknown."""
    if response is not None and not may_have_body(method or "GET", response.status) and method != "CONNECT":
        return NO_BODY
    return _framing(content_length(headers), ends=ends)


def content_length(headers: Headers) -> int | None:
    """What Content-Length announces; None where it does not, or is no number."""
    lengths = set(headers.get_all("Content-Length"))
    length = lengths.pop() if len(lengths) == 1 else ""
    return int(length) if _LENGTH.fullmatch(length) else None


def _framing(length: int | None, *, ends: bool) -> Length | ByFrames:
    if length is not None:
        return Length(length)
    return NO_BODY if ends else ByFrames()


def _read(fields: Sequence[Field], allowed: frozenset[bytes]) -> Read:
    pseudo: dict[bytes, str] = {}
    regular: list[tuple[bytes, bytes]] = []
    said = [field for field in fields if field.form is not Form.SIZE_UPDATE]
    known = [(field.name, field.value) for field in said if field.name is not None and field.value is not None]
    for name, content in known:
        if name.startswith(b":"):
            pseudo.setdefault(name, content.decode("latin-1"))
        else:
            regular.append((name, content))
    wrong = next((rule for judge in _RULES for rule in judge(known, allowed)), None)
    return Read(pseudo, Headers(regular), len(said) - len(known), wrong)


def _wrong(read: Read, what: Sentence) -> Read:
    """What is not there may be among the fields that are not known."""
    return Read(read.pseudo, read.headers, read.unknown, read.wrong or (None if read.unknown else what))


_Known = Sequence[tuple[bytes, bytes]]


def _pseudo_rules(known: _Known, allowed: frozenset[bytes]) -> Iterator[Sentence]:
    """RFC 9113 §8.3."""
    seen: set[bytes] = set()
    behind = False
    for name, _ in known:
        if not name.startswith(b":"):
            behind = True
        elif name not in allowed:
            what = "the pseudo-header field {name} is not allowed here (RFC 9113 §8.3)"
            yield Sentence(what, name=_shown(name))
        elif name in seen:
            yield Sentence("{name} twice (RFC 9113 §8.3)", name=_shown(name))
        elif behind:
            yield Sentence("{name} behind a regular field (RFC 9113 §8.3)", name=_shown(name))
        seen.add(name)


_NAME = re.compile(rb":?[!#$%&'*+\-.^_`|~0-9a-z]+")
_NO_VALUE = re.compile(rb"[\x00\r\n]")


def _field_rules(known: _Known, _allowed: frozenset[bytes]) -> Iterator[Sentence]:
    """RFC 9113 §8.2."""
    for name, content in known:
        if not _NAME.fullmatch(name):
            yield Sentence("a field is named {name} (RFC 9113 §8.2.1)", name=_shown(name))
        elif name in _CONNECTION_SPECIFIC:
            what = "the field {name}, which is of one connection of HTTP/1 (RFC 9113 §8.2.2)"
            yield Sentence(what, name=_shown(name))
        elif _NO_VALUE.search(content):
            yield Sentence("NUL, CR or LF in the value of {name} (RFC 9113 §8.2.1)", name=_shown(name))
        elif name == b"content-length" and not _LENGTH.fullmatch(content.decode("latin-1")):
            yield Sentence("a content-length that is no number (RFC 9110 §8.6)")


_RULES: tuple[Callable[[_Known, frozenset[bytes]], Iterator[Sentence]], ...] = (_pseudo_rules, _field_rules)


def _shown(name: bytes) -> str:
    return repr(name[:60].decode("latin-1"))
