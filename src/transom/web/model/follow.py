"""Follow: what the two sides said, as one conversation; of a sealed one what crossed, and what can be read in it.

The beginning has the first bytes of each side, as a report keeps them. Any other place of the conversation is read from
the capture when it is asked for (`follow/65536`), so that a page never holds more than a stretch of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from transom.dissect.charset import charset_of, is_named
from transom.dissect.follow import PlainText
from transom.dissect.islands import Island, islands_between
from transom.dissect.json_lines import Json, Line
from transom.errors import UsageError
from transom.http.messages import Headers
from transom.web.model.context import Context
from transom.web.model.kept import MOST_KEPT, Kept, Turn
from transom.web.model.stretch import read_stretch


def follow(context: Context) -> Line:
    """The first `most_kept` bytes of each side. Where `at` of a turn is not where the one before it ended, some are
    left out; `total` counts all.
    """
    streams = context.plaintext if context.is_opened else context.wire
    turns = [] if context.withheld else _kept(context).turns_of(streams)
    return _line(context, turns, PlainText())


def follow_from(context: Context, name: str) -> Line:
    """As many bytes of both sides in their order, from the place `name` on. Raises UsageError, CaptureError."""
    if not (name.isascii() and name.isdecimal() and len(name) < 16):
        raise UsageError(f"no follow {name}: places are numbers from 0")
    if context.withheld:
        return _line(context, [], PlainText())
    opened = context.is_opened
    stretch = read_stretch(context.looked, context.view, int(name), opened=opened)
    turns = stretch.masked(context.masking, None if opened else context.tls_from)
    return _line(context, turns, stretch.reader)


def _kept(context: Context) -> Kept:
    return context.seen.plaintext if context.is_opened else context.looked.wire


def _line(context: Context, turns: Sequence[Turn], reader: PlainText) -> Line:
    tls = context.seen.facts.tls
    opened = context.is_opened
    sealed = tls is not None and not opened
    islands = context.looked.islands if sealed else ()
    return {
        "opened": opened,
        "sealed": sealed,
        "why_not": tls.why_not if tls else None,
        "withheld": context.withheld,
        "said": [_sealed(turn, islands) if sealed else _read(turn, reader) for turn in turns],
        "most_kept": MOST_KEPT,
        "total": {side.value: total for side, total in _kept(context).total.items()},
    }


def _turn(turn: Turn) -> Line:
    return {"from": turn.side.value, "start": turn.start, "at": turn.at, "hex": turn.data.hex()}


def _read(turn: Turn, reader: PlainText) -> Line:
    """`charset` is that of the last body in it: what its Content-Type says, and whether it says so itself."""
    text = "".join(said.text for said in reader.receive(turn.side, turn.data))
    headers = reader.heads.get(turn.side, Headers())
    charset = charset_of(headers) if "Content-Type" in headers else None
    return _turn(turn) | {"text": text, "charset": charset, "charset_named": is_named(headers), "islands": ()}


def _sealed(turn: Turn, islands: Sequence[Island]) -> Line:
    """`islands` in order: `[start, end, kind]` by their place in the turn."""
    between = islands_between(islands, turn.side, turn.start, turn.start + len(turn.data))
    found: list[Json] = [[start - turn.start, end - turn.start, kind] for start, end, kind in between]
    return _turn(turn) | {"text": None, "charset": None, "charset_named": False, "islands": found}
