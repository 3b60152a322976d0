"""Follow: what the two sides said, as text and as bytes; of a sealed conversation as much as this view can read."""

from __future__ import annotations

from transom.dissect.follow import PlainText, Said, WireText
from transom.dissect.json_lines import Json, Line
from transom.web.model.context import Context
from transom.web.model.kept import MOST_KEPT, Turn


def follow(context: Context) -> Line:
    """`said` in order; `island` marks what can be read in a sealed stream. `kept` of `total` bytes are here."""
    tls = context.seen.facts.tls
    opened = tls is not None and tls.decrypted != "no"
    kept = context.seen.plaintext if opened else context.looked.wire
    withheld = context.withheld  # HTTP/2 without TLS as well
    streams = context.plaintext if opened else context.wire
    turns = [] if withheld else kept.turns_of(streams)
    reader = WireText(context.looked.islands) if tls is not None and not opened else PlainText()
    return {
        "opened": opened,
        "sealed": tls is not None and not opened,
        "why_not": tls.why_not if tls else None,
        "withheld": withheld,
        "said": [_turn(turn, reader.receive(turn.side, turn.data)) for turn in turns],
        "kept": sum(len(turn.data) for turn in turns),
        "most_kept": MOST_KEPT,
        "total": {side.value: total for side, total in kept.total.items()},
    }


def _turn(turn: Turn, pieces: list[Said]) -> Json:
    return {
        "from": turn.side.value,
        "start": turn.start,
        "hex": turn.data.hex(),
        "text": [{"text": piece.text, "island": piece.island} for piece in pieces],
    }
