"""The table of conversations: a row each, sorted and filtered here, given in slices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from transom.dissect.exchanges import Exchange, Exchanges
from transom.dissect.facts import Facts
from transom.dissect.json_lines import Json, Line, outcome, seconds
from transom.dissect.timeline import Item, Message, Problem
from transom.errors import UsageError
from transom.tls.iana.alerts import AlertLevel
from transom.value import value
from transom.web.model.mask import Masking
from transom.wire.tap import Side

MOST_AT_ONCE = 200

Row = Line


@dataclass
class RowWriter:
    """Gathers what a row says while the conversation is told."""

    problems: int = 0
    alert: Message | None = None
    exchanges: int = 0
    whole: int = 0
    largest: Exchange | None = None
    open: Exchanges = field(default_factory=Exchanges)

    def take(self, item: Item) -> None:
        match item:
            case Problem():
                self.problems += 1
            case Message(alert=(AlertLevel.fatal, _)):
                self.alert = self.alert or item
            case _:
                if exchange := self.open.receive(item):
                    self._count(exchange)

    def row(self, facts: Facts, masking: Masking) -> Row:
        """The conversation is over."""
        for exchange in self.open.unfinished():
            self._count(exchange)
        tls, ends = facts.tls, facts.endpoints
        verdict = tls.verdict if tls else None
        finding = verdict.finding if verdict else None
        alert = self.alert.alert if self.alert else None
        return {
            "conversation": facts.number,
            "client": str(ends.client) if ends else None,
            "server": str(ends.server) if ends else None,
            "protocol": facts.protocol,
            "start": seconds(facts.start),
            "lasted": (facts.end or 0) - (facts.start or 0),
            "client_bytes": facts.wire_bytes[Side.CLIENT],
            "server_bytes": facts.wire_bytes[Side.SERVER],
            "missing_bytes": facts.missing_bytes,
            "version": tls.version if tls else None,
            "cipher_suite": tls.cipher_suite if tls else None,
            "group": tls.group if tls else None,
            "sni": tls.sni if tls else None,
            "alpn": tls.alpn if tls else None,
            "decrypted": tls.decrypted if tls else None,
            "why_not": tls.why_not if tls else None,
            "verdict": outcome(verdict),
            "verdict_parts": dict(finding.parts) if finding else {},
            "problems": self.problems,
            "alert": {"from": self.alert.side.value, "name": alert[1].name} if self.alert and alert else None,
            "exchanges": self.exchanges,
            "whole": self.whole,
            "exchange": _exchange(self.largest, masking) if self.largest else None,
        }

    def _count(self, exchange: Exchange) -> None:
        self.exchanges += 1
        self.whole += exchange.complete
        if self.largest is None or _size(exchange) > _size(self.largest):
            self.largest = exchange


def _size(exchange: Exchange) -> int:
    return max((body.length for body in (exchange.request_body, exchange.response_body) if body), default=0)


def _exchange(exchange: Exchange, masking: Masking) -> Json:
    """The exchange that carried most: what the conversation was for. The hash is that of the larger body."""
    bodies = [body for body in (exchange.response_body, exchange.request_body) if body is not None]
    body = max(bodies, key=lambda body: body.length, default=None)
    return {
        "method": exchange.request.method if exchange.request else None,
        "path": masking.text(exchange.path) if exchange.path is not None else None,
        "status": exchange.response.status if exchange.response else None,
        "bytes": body.length if body else None,
        "sha256": body.sha256 if body else None,
        "complete": exchange.complete,
    }


@value
class Query:
    """Which rows: `[offset, offset + limit)` of those with `text` in them, in the order of `sort`; or one by number."""

    offset: int = 0
    limit: int = MOST_AT_ONCE
    sort: str = "notable"
    descending: bool = False
    text: str = ""
    number: int | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Query:
        """From an address. Raises UsageError."""
        try:
            offset, limit = int(parameters.get("offset", "0")), int(parameters.get("limit", str(MOST_AT_ONCE)))
            number = int(parameters["number"]) if "number" in parameters else None
        except ValueError:
            raise UsageError("offset, limit and number are numbers") from None
        sort = parameters.get("sort", "notable")
        if sort not in _ORDERS:
            raise UsageError(f"sort is one of {', '.join(_ORDERS)}")
        limit = min(max(limit, 0), MOST_AT_ONCE)
        return cls(max(offset, 0), limit, sort, "down" in parameters, parameters.get("text", ""), number)


def answer(rows: Sequence[Row], query: Query) -> Line:
    """The slice, and how many there are of how many."""
    found = ordered(rows, query)
    part = found[query.offset : query.offset + query.limit]
    return {"total": len(rows), "matching": len(found), "offset": query.offset, "rows": part}


def ordered(rows: Sequence[Row], query: Query) -> list[Row]:
    """All that match, in their order."""
    wanted = query.text.casefold()
    found = [row for row in rows if wanted in _searched(row)] if wanted else list(rows)
    if query.number is not None:
        found = [row for row in found if number_of(row) == query.number]
    return sorted(found, key=_ORDERS[query.sort], reverse=query.descending)


def number_of(row: Row) -> int:
    """Which conversation it is."""
    return _number("conversation")(row)


def _searched(row: Row) -> str:
    exchange = row["exchange"]
    path = exchange["path"] if isinstance(exchange, Mapping) else ""
    texts = (row["client"], row["server"], row["protocol"], row["version"], row["sni"], row["cipher_suite"], path)
    return " ".join(str(text) for text in texts if text).casefold()


def _number(name: str) -> Callable[[Row], int]:
    def key(row: Row) -> int:
        content = row[name]
        return content if isinstance(content, int) else 0

    return key


def _notable(row: Row) -> tuple[bool, int]:
    """Problems first, then the largest."""
    odd = bool(row["problems"] or row["alert"] or row["missing_bytes"])
    return (not odd, -_number("client_bytes")(row) - _number("server_bytes")(row))


def _text(name: str) -> Callable[[Row], str]:
    return lambda row: str(row[name] or "")


_ORDERS: Mapping[str, Callable[[Row], Any]] = {
    "notable": _notable,
    **{name: _number(name) for name in ("conversation", "lasted", "client_bytes", "server_bytes", "problems")},
    **{name: _text(name) for name in ("client", "server", "protocol", "version", "sni")},
}
