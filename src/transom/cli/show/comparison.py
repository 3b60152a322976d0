"""The table under the four journeys: what is the same in all of them, what differs, what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from transom.cli.show.figures import milliseconds, short_digest, surplus
from transom.cli.show.layout import pad, width
from transom.cli.show.terminal import FAILS, HOLDS, Ink, Inked, Part, Terminal
from transom.cli.words import Words
from transom.dissect.journey import Carried, Journey

NOTHING = "–"
_LABEL = 29
_COLUMN = 12
_TCP_ROUND_TRIPS = 1
"""The connection's own: SYN and its answer (RFC 9293 §3.5)."""

_Cell = Callable[[Journey], Part]


def write_comparison(terminal: Terminal, words: Words, carried: Carried, journeys: Sequence[Journey]) -> None:
    """A column a journey."""
    plainest = journeys[0].wire_bytes

    def cost(journey: Journey) -> str:
        return surplus(journey.wire_bytes, plainest) if journey.wire_bytes != plainest else NOTHING

    rows: tuple[tuple[str, _Cell], ...] = (
        ("holds", lambda journey: _holds(journey, carried, words)),
        ("reckons", _reckons),
        ("names", lambda journey: _names(journey, words)),
        ("certificate", lambda journey: _certificate(journey, words)),
        ("opens", lambda journey: _opens(journey, words)),
        ("wire", lambda journey: f"{journey.wire_bytes:,}"),
        ("more", cost),
        ("trips", lambda journey: str(_TCP_ROUND_TRIPS + journey.session.round_trips)),
        ("time", lambda journey: f"{milliseconds(journey.duration)} ms"),
    )
    _write_row(terminal, "", [words.say(f"column.{journey.kind}") for journey in journeys])
    terminal.line(pad("   " + words.say("table.same"), _LABEL), *_same(words, carried, journeys))
    for key, cell in rows:
        _write_row(terminal, words.say(f"table.{key}"), [cell(journey) for journey in journeys])


def _write_row(terminal: Terminal, label: str, cells: Sequence[Part]) -> None:
    """A label too long for its column stands above in lines of its own."""
    *above, last = label.split("\n")
    for line in above:
        terminal.line("   ", line)
    parts: list[Part] = [pad("   " + last, _LABEL)]
    for cell in cells:
        text = cell.text if isinstance(cell, Inked) else cell
        parts += [cell, " " * (_COLUMN - width(text))]
    terminal.line(*parts)


def _same(words: Words, carried: Carried, journeys: Sequence[Journey]) -> list[Part]:
    same_exchange = len({journey.exchange for journey in journeys}) == 1
    if same_exchange and all(journey.arrived_sha256 == carried.sha256 for journey in journeys):
        return [f"{words.say('table.same_value', digest=short_digest(carried.sha256))}  {HOLDS}"]
    return [Inked(f"{words.say('table.different')} {FAILS}", Ink.PROBLEM)]


def _holds(journey: Journey, carried: Carried, words: Words) -> Part:
    if journey.taken and journey.taken.sha256 == carried.sha256:
        return Inked(words.say("table.the_file"), Ink.OPEN)
    return Inked(words.say("table.its_size"), Ink.SEALED)


def _reckons(journey: Journey) -> Part:
    """The length of the answer: with its head in the clear exactly, else as the records' sizes betray it."""
    if journey.taken:
        return Inked(f"{journey.taken.length:,}", Ink.OPEN)
    length = journey.leaks.largest_answer
    return NOTHING if length is None else Inked(f"{length:,}", Ink.OPEN)


def _names(journey: Journey, words: Words) -> Part:
    """The server's name, and ALPN where there is one."""
    leaks = journey.leaks
    asked = (exchange.request.authority for exchange in leaks.exchanges if exchange.request)
    return _readable(bool((leaks.server_name and leaks.offered) or any(asked)), words)


def _certificate(journey: Journey, words: Words) -> Part:
    if journey.session.server_hello is None:
        return words.say("table.none_sent")
    return _readable(journey.leaks.certificate is not None, words)


def _readable(readable: bool, words: Words) -> Part:
    if readable:
        return Inked(words.say("table.readable"), Ink.OPEN)
    return Inked(words.say("table.hidden"), Ink.SEALED)


def _opens(journey: Journey, words: Words) -> Part:
    match journey.opened_by_private_key:
        case None:
            return NOTHING
        case True:
            return Inked(words.say("table.yes"), Ink.OPEN)
        case False:
            return words.say("table.no")
