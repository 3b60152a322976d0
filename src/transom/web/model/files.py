"""The Files tab: every body that crossed, as a file: what it is called and is, whether it is whole, how it begins."""

from __future__ import annotations

import re

from transom.dissect.charset import TextDecoder, charset_of
from transom.dissect.exchanges import Exchange
from transom.dissect.json_lines import Json, Line
from transom.dissect.timeline import HttpBody
from transom.http.messages import Headers
from transom.web.model.bodies import body_line
from transom.web.model.context import Context
from transom.web.model.exchanges import listed
from transom.web.model.names import headers_of, masked_name
from transom.web.model.sealed_runs import sealed_runs
from transom.wire.tap import Side

MOST_FILES = 200
MOST_HOLES = 200
MOST_SHOWN = 2 * 1024
"""Bytes of a file that are shown, unless it is a whole picture."""

_PICTURES = (
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/gif", re.compile(rb"GIF8[79]a")),
    ("image/webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
)
"""What a browser may be given as a picture, by its bytes and whatever its Content-Type says: no format with scripts."""

_NO_CHARACTER = re.compile("[\x00-\x08\x0e-\x1a\x7f\ud800-\udfff]")
"""What did not decode, and what is in no text: many of them, and it is none."""


def files(context: Context) -> Line:
    """`files` as far as this view reads them; `sealed` is what stays shut, with the code of the reason."""
    found = [
        (exchange, body)
        for exchange in listed(context.seen)
        for body in (exchange.request_body, exchange.response_body)
        if body is not None and (body.length or body.missing or not body.complete)
    ]
    tls = context.seen.facts.tls
    return {
        "files": [_file(exchange, body, context) for exchange, body in found[:MOST_FILES]],
        "total": max(len(found), context.seen.bodies),
        "sealed": sealed_runs(context),
        "why_not": tls.why_not if tls else None,
    }


def _file(exchange: Exchange, body: HttpBody, context: Context) -> Json:
    head = exchange.request if body.side is Side.CLIENT else exchange.response
    headers = headers_of(exchange, body)
    holes = holes_of(body)
    data = bytes(context.seen.previews.kept.get((exchange.stream, body.side), b""))
    if exchange.request is not None and exchange.request.method == "CONNECT" and not context.masking.include_secrets:
        data = b""  # what a tunnel carries is in no form that we know (RFC 9113 §8.5)
    return {
        "id": f"{exchange.stream}-{body.side.value}",
        "from": body.side.value,
        "name": masked_name(exchange, body, context.masking),
        "type": context.masked("Content-Type", headers),
        "range": context.masked("Content-Range", headers),
        "status": exchange.response.status if exchange.response else None,
        "stream": exchange.stream if head and head.version == "2" else None,
        **body_line(body),
        "missing": [list(hole) for hole in holes[:MOST_HOLES]],
        "holes": len(holes),
        "extent": extent_of(body),
        "preview": _preview(data, body, headers, context),
    }


def _seen_to(body: HttpBody) -> int:
    return body.length + sum(end - start for start, end in body.missing)


def extent_of(body: HttpBody) -> int:
    """How long it is, or at least is."""
    return max(_seen_to(body), body.expected or 0)


def holes_of(body: HttpBody) -> list[tuple[int, int]]:
    """Those that were seen, and the end that never came."""
    rest = (_seen_to(body), extent_of(body))
    return [*body.missing, rest] if not body.complete and rest[0] < rest[1] else list(body.missing)


def _preview(data: bytes, body: HttpBody, headers: Headers, context: Context) -> Json:
    """`picture` is a verified type; `hex` is all of a picture that was kept whole, else the beginning."""
    shown = context.masking.body(data, headers)
    picture = next((name for name, begins in _PICTURES if begins.match(data)), None)
    whole = body.complete and len(data) == body.length and shown == data
    if picture:
        part = shown if whole else shown[:MOST_SHOWN]
        return {"picture": picture, "whole": whole, "charset": None, "text": None, "hex": part.hex()}
    part = shown[:MOST_SHOWN]
    charset = charset_of(headers)
    if charset == "ascii" or "Content-Encoding" in headers:
        return {"picture": None, "whole": whole, "charset": None, "text": None, "hex": part[:512].hex()}
    decoder = TextDecoder()
    decoder.change(charset)
    text, odd = _NO_CHARACTER.subn("\ufffd", decoder.decode(part))
    if odd * 10 > len(text):
        return {"picture": None, "whole": whole, "charset": None, "text": None, "hex": part[:512].hex()}
    return {"picture": None, "whole": whole, "charset": charset, "text": text, "hex": ""}
