"""The Time tab: bytes over time in both directions, and where nothing crossed. The path knows all of it."""

from __future__ import annotations

from transom.dissect.json_lines import Json, Line
from transom.web.model.context import Context
from transom.web.model.pace import Silence
from transom.wire.tap import Side

STALL = 100_000_000
"""Nanoseconds of silence from which it is a stall: more than most round trips."""


def time(context: Context) -> Line:
    """`boxes` are bytes in `width` nanoseconds each, from `origin`; `longest` is told even if it is no stall."""
    pace = context.looked.pace
    silences = pace.silences
    longest = max(silences, key=lambda silence: silence.end - silence.start, default=None)
    return {
        "width": pace.width,
        "boxes": {side.value: list(pace.boxes[side][: pace.used]) for side in Side},
        "lasted": (context.seen.facts.end or context.start) - context.start,
        "least": STALL,
        "stalls": [_silence(one, context) for one in silences if one.end - one.start >= STALL],
        "longest": _silence(longest, context) if longest else None,
    }


def _silence(silence: Silence, context: Context) -> Json:
    """`name` says who was waited for."""
    same = silence.after is silence.before
    name = f"{silence.after.value}_paused" if same else f"for_{silence.before.value}"
    return {
        "name": name,
        "at": silence.start - context.start,
        "lasted": silence.end - silence.start,
        "sent": {"client": silence.sent[0], "server": silence.sent[1]},
    }
