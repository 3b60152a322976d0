"""What leaks: what somebody on the path knows of this conversation, who was given no key."""

from __future__ import annotations

from transom.dissect.json_lines import Json, Line
from transom.web.model.bodies import why_withheld
from transom.web.model.context import Context
from transom.wire.tap import Side


def leaks(context: Context) -> Line:
    """The same in both views: the observer without keys tells it."""
    known = context.looked.leaks
    exchanges: list[Json] = [
        {
            "method": exchange.request.method if exchange.request else None,
            "target": context.masking.text(exchange.request.target) if exchange.request else None,
            "status": exchange.response.status if exchange.response else None,
            "bytes": exchange.response_body.length if exchange.response_body else None,
            "sha256": exchange.response_body.sha256 if exchange.response_body else None,
            "withheld": why_withheld(exchange.response_body),
        }
        for exchange in known.exchanges
    ]
    return {
        "protocol": known.protocol,
        "client": str(known.endpoints.client) if known.endpoints else None,
        "server": str(known.endpoints.server) if known.endpoints else None,
        "lasted": (known.end or 0) - (known.start or 0),
        "client_bytes": known.wire_bytes[Side.CLIENT],
        "server_bytes": known.wire_bytes[Side.SERVER],
        "server_name": known.server_name,
        "encrypted_client_hello": known.encrypted_client_hello,
        "offered": list(known.offered),
        "alpn": known.alpn,
        "ja4": known.ja4,
        "certificate": known.certificate,
        "largest_answer": known.largest_answer,
        "exchanges": exchanges,
        "exchange_count": known.exchange_count,
    }
