"""The HTTP tab: each exchange with its heads, what its bodies came to, and where its time went."""

from __future__ import annotations

from collections.abc import Iterator

from transom.dissect.exchanges import Exchange, Exchanges
from transom.dissect.json_lines import Json, Line
from transom.dissect.timeline import HttpBody, HttpRequest, Item, Message, Opened
from transom.http.messages import Headers
from transom.value import value
from transom.web.model.as_curl import as_curl
from transom.web.model.bodies import body_line
from transom.web.model.context import Context
from transom.web.model.looked import Seen
from transom.web.model.sealed_runs import sealed_runs
from transom.wire.tap import Side

MOST_EXCHANGES = 200
"""That are listed; `total` counts the others too."""


@value
class Phase:
    """A part of an exchange's time, in nanoseconds since the epoch."""

    name: str
    start: int
    end: int


def http(context: Context) -> Line:
    """`exchanges` as far as this view reads them; `sealed` is what stays shut, with the code of the reason."""
    found = listed(context.seen)
    tls = context.seen.facts.tls
    steps = _steps(context)
    return {
        "exchanges": [_exchange(exchange, context, steps) for exchange in found[:MOST_EXCHANGES]],
        "total": max(len(found), context.seen.exchanges),
        "sealed": sealed_runs(context),
        "why_not": tls.why_not if tls else None,
    }


def listed(seen: Seen) -> list[Exchange]:
    """Those that are told, in the order in which they were asked; where others are left out, whole ones alone."""
    gathering = Exchanges()
    found = [exchange for item in seen.items if (exchange := gathering.receive(item))]
    found += [] if seen.is_cut else gathering.unfinished()
    return sorted(found, key=lambda exchange: exchange.stream)


def _steps(context: Context) -> dict[int, str]:
    """By exchange the line of the story that has its request."""
    return {
        item.stream: entry.id
        for entry in context.entries
        for item in (entry.item, *entry.http)
        if isinstance(item, HttpRequest)
    }


def _exchange(exchange: Exchange, context: Context, steps: dict[int, str]) -> Json:
    request, response = exchange.request, exchange.response
    told = _tells_digests(exchange)
    phases = list(phases_of(exchange, context.seen.items))
    return {
        "stream": exchange.stream,
        "step": steps.get(exchange.stream),
        "method": request.method if request else None,
        "target": context.masking.text(request.target) if request else None,
        "version": request.version if request else None,
        "status": response.status if response else None,
        "reason": context.masking.text(response.reason) if response else None,
        "request_headers": _headers(request.headers, context, told) if request else [],
        "response_headers": _headers(response.headers, context, told) if response else [],
        "request_body": _body(exchange.request_body),
        "response_body": _body(exchange.response_body),
        "complete": exchange.complete,
        "curl": _curl(exchange, context),
        "phases": [
            {"name": phase.name, "at": phase.start - context.start, "lasted": phase.end - phase.start}
            for phase in phases
        ],
    }


def _curl(exchange: Exchange, context: Context) -> Json:
    request, body = exchange.request, exchange.request_body
    if request is None:
        return None
    kept = bytes(context.seen.previews.kept.get((exchange.stream, Side.CLIENT), b""))
    is_whole = body is not None and body.complete and len(kept) == body.length
    command = as_curl(request, kept if is_whole else None, context, tells_digests=_tells_digests(exchange))
    if command is None:
        return None
    return {"line": command.line, "is_masked": command.is_masked, "needs_file": command.needs_file}


def phases_of(exchange: Exchange, items: list[Item]) -> Iterator[Phase]:
    """Connect and TLS belong to the first exchange; a phase whose end never came is not there.

    A head counts from when it was whole: the path, or we with the keys, can tell no earlier.
    """
    request, asked, response, answered = (
        exchange.request,
        exchange.request_body,
        exchange.response,
        exchange.response_body,
    )
    if request and exchange.stream == 0:
        yield from _before(request, items)
    if request and asked and asked.moment.time > request.moment.time:
        yield Phase("send", request.moment.time, asked.moment.time)
    if response and (began := asked or request):
        # An answer may come before all was sent (RFC 9112 §9.5): then nobody waited.
        yield Phase("wait", min(began.moment.time, response.moment.time), response.moment.time)
    if response and answered:
        yield Phase("receive", response.moment.time, answered.moment.time)


def _before(request: HttpRequest, items: list[Item]) -> Iterator[Phase]:
    opened = next((item for item in items if isinstance(item, Opened)), None)
    hello = next((item for item in items if isinstance(item, Message)), None)
    asked = request.moment.time
    spoke = min(hello.moment.time, asked) if hello else asked
    if opened:
        yield Phase("connect", opened.moment.time, spoke)
    if hello:
        yield Phase("tls", spoke, asked)


def _body(body: HttpBody | None) -> Json:
    return None if body is None else body_line(body)


def _tells_digests(exchange: Exchange) -> bool:
    """Of nothing that crossed here there is a digest that is withheld. Without a body nobody knows of what one is."""
    bodies = [body for body in (exchange.request_body, exchange.response_body) if body is not None and body.length]
    return bool(bodies) and all(body.sha256 is not None for body in bodies)


def _headers(headers: Headers, context: Context, tells_digests: bool) -> Json:
    masking = context.masking
    return [[name, masking.header(name, content, tells_digests=tells_digests)] for name, content in headers]
