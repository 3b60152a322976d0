"""What notes on HTTPS often get wrong, each with the place where this very conversation shows what is so."""

from __future__ import annotations

from transom.dissect.json_lines import Json, Line
from transom.dissect.session import Session
from transom.dissect.steps import FINISHED
from transom.dissect.timeline import ChainJudged, Message
from transom.web.model.context import Context
from transom.web.model.keys import keys
from transom.wire.tap import Side

SERVER_HELLO, SIGNATURE, CLIENT_KEY, CHANGE_CIPHER_SPEC = 2, 4, 6, 7


def corrections(context: Context) -> Line:
    """`rows` in the order of the handshake; `steps` and `tab` are where it shows, none where it does not."""
    items = context.seen.items
    has_chain = any(isinstance(item, ChainJudged) for item in items)
    has_keys = bool(keys(context)["stages"])
    is_tls = context.seen.facts.tls is not None
    is_rsa = Session.of(items).is_static_rsa
    proof = _steps(context, FINISHED, Side.SERVER) if is_rsa else _steps(context, SIGNATURE)
    return {
        "rows": [
            _row("decrypted", tab="certificates" if has_chain else None),
            _row("premaster", tab="keys" if has_keys else None),
            _row("step_six", _steps(context, CLIENT_KEY)),
            _row("step_four", [*_steps(context, SIGNATURE), *_steps(context, CLIENT_KEY)]),
            _row("proof", proof),
            _row("both", [*_steps(context, CHANGE_CIPHER_SPEC), *_steps(context, FINISHED)]),
            _row("one_key", tab="keys" if has_keys else None),
            _row("nothing", tab="leaks" if is_tls else None),
            _row("suite", _steps(context, SERVER_HELLO)),
            _row("codes"),
        ]
    }


def _steps(context: Context, number: int, side: Side | None = None) -> list[Json]:
    """The story's lines with that number, or those that `side` sent."""
    return [
        {"id": entry.id, "step": number, "name": entry.item.name, "from": entry.item.side.value}
        for entry in context.entries
        if isinstance(entry.item, Message) and entry.item.step == number and side in (None, entry.item.side)
    ]


def _row(name: str, steps: list[Json] | None = None, tab: str | None = None) -> Json:
    return {"name": name, "steps": steps or [], "tab": tab}
