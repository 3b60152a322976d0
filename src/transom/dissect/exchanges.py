"""HTTP exchanges put together: a request, its answer and what became of both bodies, out of timeline items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from transom.dissect.timeline import HttpBody, HttpRequest, HttpResponse, Item
from transom.wire.tap import Side


@dataclass
class Exchange:
    """One request and its final answer. A part that never came is None; `stream` counts from 0."""

    stream: int
    request: HttpRequest | None = None
    response: HttpResponse | None = None
    request_body: HttpBody | None = None
    response_body: HttpBody | None = None

    @property
    def over(self) -> bool:
        """Both messages have ended, whole or cut."""
        return self.request_body is not None and self.response_body is not None

    @property
    def complete(self) -> bool:
        """Both messages came whole."""
        bodies = (self.request_body, self.response_body)
        return self.request is not None and all(body is not None and body.complete for body in bodies)

    @property
    def path(self) -> str | None:
        """The target without scheme and authority (RFC 9112 §3.2): of CONNECT and OPTIONS what stands there."""
        if self.request is None:
            return None
        target = self.request.target
        if target.startswith("/") or "://" not in target:
            return target
        try:
            parts = urlsplit(target)
        except ValueError:  # a bracket that nothing closes
            return target
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class Exchanges:
    """Collects the exchanges of one conversation and gives each when it is over."""

    def __init__(self) -> None:
        self._open: dict[int, Exchange] = {}

    def receive(self, item: Item) -> Exchange | None:
        """Take an item; the exchange that it finished, if it finished one."""
        if not isinstance(item, HttpRequest | HttpResponse | HttpBody):
            return None
        exchange = self._open.setdefault(item.stream, Exchange(item.stream))
        match item:
            case HttpRequest():
                exchange.request = item
            case HttpResponse():
                if item.status >= 200 or item.status == 101:
                    exchange.response = item
            case HttpBody():
                self._take_body(exchange, item)
        return self._open.pop(item.stream) if exchange.over else None

    def running(self, stream: int) -> Exchange | None:
        """The exchange with this number, while it is not over."""
        return self._open.get(stream)

    def so_far(self, pending: Sequence[Item] = ()) -> list[Exchange]:
        """Those that are not over, with what is `pending` of them. They stay as they are."""
        found = {stream: replace(exchange) for stream, exchange in self._open.items()}
        for item in pending:
            if isinstance(item, HttpBody) and (exchange := found.get(item.stream)):
                self._take_body(exchange, item)
        return list(found.values())

    def unfinished(self) -> list[Exchange]:
        """Those that were not over when the conversation was."""
        left = list(self._open.values())
        self._open.clear()
        return left

    def _take_body(self, exchange: Exchange, body: HttpBody) -> None:
        if body.side is Side.CLIENT:
            exchange.request_body = body
        else:
            exchange.response_body = body
