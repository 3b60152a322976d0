"""Heads that are as plain as most are, read at once: what an observer sees by the hundred thousand.

h11 decides what a head means. Here it is only spared those about which there is nothing to decide: every line in its
form and ended by CRLF, no control characters, no fold, no transfer coding, one length at most, no change of protocol.
Of such a head h11 makes the same message, which a test compares; any other one is left to it, whatever is wrong with it
or only seldom (docs/decisions/0032-plain-heads-are-not-judged.md).
"""

from __future__ import annotations

import re

from transom.http.messages import Headers, Request, Response

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_TEXT = rb"[\t\x20-\x7e\x80-\xff]*"
_FIELDS = rb"((?:" + _TOKEN + rb":" + _TEXT + rb"\r\n)*)\r\n"
_REQUEST = re.compile(rb"(" + _TOKEN + rb") ([\x21-\x7e]+) HTTP/(1\.[01])\r\n" + _FIELDS)
_RESPONSE = re.compile(rb"HTTP/(1\.[01]) ([2-5][0-9][0-9])(?: (" + _TEXT + rb"))?\r\n" + _FIELDS)
_LENGTH = re.compile(rb"[0-9]{1,18}")

_DECIDING = frozenset({b"transfer-encoding", b"expect", b"upgrade"})
"""Fields that say how what follows is to be read."""


def plain_request(head: bytes) -> Request | None:
    """The request whose whole head is `head`; None where h11 has to be asked."""
    found = _REQUEST.fullmatch(head)
    if found is None:
        return None
    method, target, version, lines = found.groups()
    fields = _fields(lines)
    if fields is None or method == b"CONNECT":
        return None
    hosts = sum(len(name) == 4 and name.lower() == b"host" for name, _ in fields)
    if hosts != 1:
        return None
    return Request(method.decode("ascii"), target.decode("ascii"), Headers(fields), version.decode("ascii"))


def plain_response(head: bytes) -> Response | None:
    """The final response whose whole head is `head`, not one to CONNECT; None where h11 has to be asked."""
    found = _RESPONSE.fullmatch(head)
    if found is None:
        return None
    version, status, reason, lines = found.groups()
    fields = _fields(lines)
    if fields is None:
        return None
    return Response(int(status), Headers(fields), (reason or b"").decode("latin-1"), version.decode("ascii"))


def _fields(lines: bytes) -> list[tuple[bytes, bytes]] | None:
    """The name and the value of each line; None where one of them decides something."""
    fields: list[tuple[bytes, bytes]] = []
    length_seen = False
    for line in lines.split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        value = value.strip(b" \t")
        lowered = name.lower()
        if lowered in _DECIDING:
            return None
        if lowered == b"content-length":
            if length_seen or _LENGTH.fullmatch(value) is None:
                return None
            length_seen = True
        fields.append((name, value))
    return fields
