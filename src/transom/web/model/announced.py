"""Whether a body is the one that its sender's digest says (RFC 9530), of which the observer has computed its own."""

from __future__ import annotations

from transom.dissect.exchanges import Exchange
from transom.dissect.timeline import HttpBody
from transom.http.digest_fields import parse_digests
from transom.http.messages import Headers
from transom.wire.tap import Side

_OK = 200


def as_announced(exchange: Exchange, body: HttpBody) -> bool | None:
    """Whether its SHA-256 is the one in the head before it; None where there is none in either place.

    `Content-Digest` is of what the message carries, `Repr-Digest` of the whole file: of what is sent up, and of a 200
    to a GET, that is the same (§2, §3).
    """
    head = exchange.request if body.side is Side.CLIENT else exchange.response
    if head is None or body.sha256 is None or not body.complete:
        return None
    said = [_sha256(head.headers, "Content-Digest")]
    if _is_whole_file(exchange, body):
        said.append(_sha256(head.headers, "Repr-Digest"))
    found = [digest == bytes.fromhex(body.sha256) for digest in said if digest is not None]
    return all(found) if found else None


def _is_whole_file(exchange: Exchange, body: HttpBody) -> bool:
    if body.side is Side.CLIENT:
        return exchange.request is not None and "Content-Range" not in exchange.request.headers
    asked, answered = exchange.request, exchange.response
    return asked is not None and asked.method == "GET" and answered is not None and answered.status == _OK


def _sha256(headers: Headers, name: str) -> bytes | None:
    return parse_digests(headers.get(name)).get("sha-256")
