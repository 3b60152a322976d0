"""What the table of conversations says of one: its row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from transom.dissect.exchanges import Exchange, Exchanges
from transom.dissect.facts import Facts
from transom.dissect.json_lines import Json, Line, outcome
from transom.dissect.timeline import HttpBody, Item, Message, Problem
from transom.tls.iana.alerts import AlertLevel
from transom.web.model.announced import as_announced
from transom.web.model.bodies import why_withheld
from transom.web.model.mask import Masking
from transom.web.model.names import masked_name, name_of_path
from transom.wire.tap import Side

Row = Line


@dataclass(eq=False)
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

    def row(self, facts: Facts, masking: Masking, pending: Sequence[Item] = (), *, running: bool = False) -> Row:
        """As it is now, with what is `pending` of it; `running` says that it goes on."""
        going_on = self.open.so_far(pending)
        candidates = [self.largest, *going_on] if self.largest else going_on
        largest = max(candidates, key=_size, default=None)
        tls, ends = facts.tls, facts.endpoints
        verdict = tls.verdict if tls else None
        finding = verdict.finding if verdict else None
        alert = self.alert.alert if self.alert else None
        return {
            "conversation": facts.number,
            "client": str(ends.client) if ends else None,
            "server": str(ends.server) if ends else None,
            "protocol": facts.protocol,
            "start": facts.start or 0,
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
            "not_reached": facts.not_reached,
            "problems": self.problems,
            "alert": {"from": self.alert.side.value, "name": alert[1].name} if self.alert and alert else None,
            "exchanges": self.exchanges + len(going_on),
            "whole": self.whole + sum(exchange.complete for exchange in going_on),
            "exchange": _exchange(largest, masking) if largest else None,
            "running": running,
        }

    def _count(self, exchange: Exchange) -> None:
        self.exchanges += 1
        self.whole += exchange.complete
        if self.largest is None or _size(exchange) > _size(self.largest):
            self.largest = exchange


def _size(exchange: Exchange) -> int:
    return max((body.length for body in (exchange.request_body, exchange.response_body) if body), default=0)


def _exchange(exchange: Exchange, masking: Masking) -> Json:
    """The exchange that carried most: what the conversation was for. The hash and the name are of the larger body.

    `same` is there where the hash is withheld: for another row of the same file it is the same.
    """
    bodies = [body for body in (exchange.response_body, exchange.request_body) if body is not None]
    body = max(bodies, key=lambda body: body.length, default=None)
    return {
        "method": exchange.request.method if exchange.request else None,
        "name": _name(exchange, body, masking),
        "path": masking.text(exchange.path) if exchange.path is not None else None,
        "status": exchange.response.status if exchange.response else None,
        "bytes": body.length if body else None,
        "sha256": body.sha256 if body else None,
        "as_announced": as_announced(exchange, body) if body else None,
        "withheld": why_withheld(body),
        "same": body.withheld.same if body and body.withheld else None,
        "complete": exchange.complete,
    }


def _name(exchange: Exchange, body: HttpBody | None, masking: Masking) -> str | None:
    """Of what has no body its path is all there is to say."""
    if body is not None and body.length:
        return masked_name(exchange, body, masking)
    return None if exchange.path is None else masking.text(name_of_path(masking.text(exchange.path)))
