"""Which protocol a conversation speaks, told by its first bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from transom.tls.iana.content_types import ContentType
from transom.tls.observer import looks_like_tls
from transom.wire.tap import Side

Spoken = Literal["tls", "http", "http2", "unknown"]

LONGEST_FIRST_LINE = 8 * 1024
"""Bytes of a first line that is waited for, before it is taken for no HTTP."""

_PERHAPS_TLS = re.compile(rb"[\x15\x16]\x03?")
_METHOD = re.compile(rb"(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH) ")
_REQUEST_LINE = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [^\r\n]* HTTP/[0-9]\.[0-9]\r?\n")
_PERHAPS_A_REQUEST = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?: [^\n]*)?\Z")
_STATUS_LINE = b"HTTP/1."
_HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n"
_SETTINGS = re.compile(rb"\0[\0-\x40][\0-\xff]\x04\0{5}", re.DOTALL)
"""The header of the frame that a server of HTTP/2 begins with (RFC 9113 §3.4)."""


def recognise(side: Side, first: bytes) -> Spoken | None:
    """What `side` speaks, whose stream begins with `first`; None while more is needed to tell.

    A method everyone knows is HTTP at once, so that a malformed request is reported as one; any other token has to be
    followed by a whole request line, since `USER anonymous` is not HTTP.
    """
    if looks_like_tls(first):
        return "tls"
    if _PERHAPS_TLS.fullmatch(first):
        return None
    text = first.lstrip(b"\r\n")
    if side is Side.SERVER:
        return "http2" if _SETTINGS.match(first) else _as_prefix(text, _STATUS_LINE, "http")
    if _METHOD.match(text):
        return "http"
    if text.startswith(_HTTP2_PREFACE[:4]):
        return _as_prefix(text, _HTTP2_PREFACE, "http2")
    if _REQUEST_LINE.match(text):
        return "http"
    waits = len(first) < LONGEST_FIRST_LINE and (not text or _PERHAPS_A_REQUEST.match(text))
    return None if waits else "unknown"


def speaks_http2(first: Mapping[Side, bytes]) -> bool:
    """Whether two sides whose streams begin like this speak HTTP/2; the client's tells, where there is any."""
    side = Side.CLIENT if first.get(Side.CLIENT) else Side.SERVER
    return recognise(side, first.get(side, b"")) == "http2"


def recognise_later(side: Side, piece: bytes) -> Spoken | None:
    """What begins with this piece, amid something unknown: TLS after STARTTLS, an answer to a nonsensical request."""
    if side is Side.SERVER:
        return "http" if piece.startswith(_STATUS_LINE) else None
    is_hello = len(piece) > 5 and piece[0] == ContentType.handshake and piece[1] == 3 and piece[5] == 1
    return "tls" if is_hello else None


def _as_prefix(text: bytes, expected: bytes, spoken: Spoken) -> Spoken | None:
    if text.startswith(expected):
        return spoken
    return None if expected.startswith(text) else "unknown"
