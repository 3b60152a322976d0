"""What there is to know of a traced conversation: plain values, for a test or a script to look at."""

from __future__ import annotations

from datetime import UTC, datetime

from transom.dissect.exchanges import Exchange
from transom.dissect.facts import Facts, TlsFacts
from transom.dissect.json_lines import outcome
from transom.trust.certificate import PARSE_ERRORS, read_certificate
from transom.value import value
from transom.wire.tap import Side


@value
class Request:
    """One HTTP request and what became of it. `sent` and `received` are the bodies' bytes; None: not seen to the end.

    `sha256` is of the answer's body, where `trace(…, sha256=True)` asked for it.
    """

    method: str
    url: str
    status: int | None
    sent: int | None
    received: int | None
    sha256: str | None
    complete: bool


@value
class Conversation:
    """One TCP connection. Names are IANA's, as in the JSON lines; what is not known is None.

    `host` is the name that the client asked for (SNI, else the Host of its first request, else the address).
    `verdict` is `trusted`, or the stable code of what is wrong with the server's chain; `not_after` is the end of its
    certificate. `decrypted` is "full", "partial" or "no", and `why_not` says what was in the way. `start` and `end`
    are of the first and the last byte.
    """

    number: int
    client: str
    server: str
    host: str
    protocol: str
    version: str | None
    cipher_suite: str | None
    group: str | None
    alpn: str | None
    resumed: bool | None
    verdict: str | None
    not_after: datetime | None
    decrypted: str | None
    why_not: str | None
    requests: tuple[Request, ...]
    client_bytes: int
    server_bytes: int
    start: datetime | None
    end: datetime | None


def conversation_of(facts: Facts, exchanges: list[Exchange]) -> Conversation:
    """As far as it is known now."""
    ends, tls = facts.endpoints, facts.tls or TlsFacts()
    first = next((exchange.request for exchange in exchanges if exchange.request), None)
    asked = _host(first.authority) if first is not None and first.authority else None
    return Conversation(
        number=facts.number,
        client=str(ends.client) if ends else "",
        server=str(ends.server) if ends else "",
        host=tls.sni or asked or (ends.server.address if ends else ""),
        protocol=facts.protocol,
        version=tls.version,
        cipher_suite=tls.cipher_suite,
        group=tls.group,
        alpn=tls.alpn,
        resumed=tls.resumed,
        verdict=outcome(tls.verdict),
        not_after=_not_after(tls),
        decrypted=facts.tls.decrypted if facts.tls else None,
        why_not=tls.why_not,
        requests=tuple(_request(exchange, facts) for exchange in exchanges if exchange.request is not None),
        client_bytes=facts.wire_bytes[Side.CLIENT],
        server_bytes=facts.wire_bytes[Side.SERVER],
        start=_moment(facts.start),
        end=_moment(facts.end),
    )


def _request(exchange: Exchange, facts: Facts) -> Request:
    request, response = exchange.request, exchange.response
    assert request is not None
    sent, received = exchange.request_body, exchange.response_body
    scheme = "https" if facts.tls is not None else "http"
    target = request.target
    in_full = target if "://" in target or request.method == "CONNECT" else f"{scheme}://{request.authority}{target}"
    return Request(
        method=request.method,
        url=in_full,
        status=response.status if response else None,
        sent=sent.length if sent else None,
        received=received.length if received else None,
        sha256=received.sha256 if received else None,
        complete=exchange.complete,
    )


def _host(authority: str) -> str:
    """Without port and brackets (RFC 3986 §3.2.2)."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0]


def _not_after(tls: TlsFacts) -> datetime | None:
    if not tls.certificates:
        return None
    try:
        return read_certificate(tls.certificates[0]).not_after
    except PARSE_ERRORS:
        return None


def _moment(nanoseconds: int | None) -> datetime | None:
    return None if nanoseconds is None else datetime.fromtimestamp(nanoseconds / 10**9, UTC)
