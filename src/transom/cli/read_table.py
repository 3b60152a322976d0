"""`read` by itself: a line a conversation, what was odd, and the verdict as the last line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from transom.capture.conversation import CaptureSummary
from transom.cli.figures import exact_bytes
from transom.cli.layout import cut
from transom.cli.terminal import Ink, Inked, Part, Terminal, part_width
from transom.cli.words import Words
from transom.dissect.captured import anything_lost, lost_bytes, observe_capture
from transom.dissect.exchanges import Exchange, Exchanges
from transom.dissect.facts import Facts
from transom.dissect.json_lines import outcome
from transom.dissect.telling import Looking
from transom.dissect.timeline import Item, Listener, Problem
from transom.wire.escape import escape
from transom.wire.tap import Side

MOST_PROBLEMS = 20
"""Problems that are listed; --json has all."""

_LONGEST_TEXT = 48
_GAP = "  "


@dataclass
class _Row:
    """What a line is made of."""

    facts: Facts | None = None
    first: Exchange | None = None
    exchanges: int = 0
    whole: int = 0
    problems: list[Problem] = field(default_factory=list[Problem])
    open: Exchanges = field(default_factory=Exchanges)

    def take(self, item: Item) -> None:
        if isinstance(item, Problem):
            if len(self.problems) < MOST_PROBLEMS:
                self.problems.append(item)
        elif exchange := self.open.receive(item):
            self._count(exchange)

    def end(self, facts: Facts) -> None:
        self.facts = facts
        for exchange in self.open.unfinished():
            self._count(exchange)

    def _count(self, exchange: Exchange) -> None:
        self.first = self.first or exchange
        self.exchanges += 1
        self.whole += exchange.complete


def show_table(path: Path, looking: Looking, terminal: Terminal, words: Words) -> CaptureSummary:
    """Read the capture and show its conversations in the order of their first packets."""
    rows: dict[int, _Row] = {}

    def listener_for(number: int) -> Listener:
        rows[number] = _Row()
        return rows[number].take

    summary = observe_capture(path, looking, listener_for, over=lambda facts: rows[facts.number].end(facts))
    lines = [_cells(row.facts, row, words) for _, row in sorted(rows.items()) if row.facts is not None]
    for line in _aligned(lines):
        terminal.line(*line)
    _show_problems(summary, rows, terminal, words)
    show_verdict(summary, terminal, words, decrypted=_decrypted(rows))
    return summary


def show_verdict(
    summary: CaptureSummary, terminal: Terminal, words: Words, decrypted: tuple[int, int] | None = None
) -> None:
    """The last line: how much was there, how much of it could be read, whether anything is missing."""
    parts = [
        words.count("read.conversations", len(summary.conversations)),
        words.count("read.packets", summary.packets),
    ]
    if decrypted is not None and decrypted[1]:
        parts.append(words.say("read.decrypted_of", opened=f"{decrypted[0]:,}", count=f"{decrypted[1]:,}"))
    said = ", ".join(parts)
    if lost := lost_bytes(summary):
        terminal.line(said, "; ", Inked(words.count("read.lost", lost), Ink.PROBLEM))
    elif anything_lost(summary):
        terminal.line(said, "; ", Inked(words.say("read.cut"), Ink.PROBLEM))
    else:
        terminal.line(said, "; ", words.say("read.nothing_lost"))


def _cells(facts: Facts, row: _Row, words: Words) -> list[Part]:
    ends = facts.endpoints
    tls = facts.tls
    return [
        str(facts.number),
        f"{ends.client} → {ends.server}" if ends else "",
        facts.protocol,
        (tls.version if tls else None) or "",
        (tls.cipher_suite if tls else None) or "",
        cut(escape(tls.sni), _LONGEST_TEXT) if tls and tls.sni else "",
        f"→ {exact_bytes(facts.wire_bytes[Side.CLIENT])}",
        f"← {exact_bytes(facts.wire_bytes[Side.SERVER])}",
        _readable(facts, words),
        _found(facts, row, words),
    ]


def _readable(facts: Facts, words: Words) -> Part:
    """Who can read it, in the colour that says so everywhere."""
    never_sealed = facts.tls is None or (facts.tls.decrypted == "no" and facts.tls.why_not is None)
    if facts.tls is None or never_sealed:
        return Inked(words.say("state.open"), Ink.OPEN)
    said = words.say(f"read.{facts.tls.decrypted}")
    reason = f" ({facts.tls.why_not})" if facts.tls.why_not else ""
    return Inked(said + reason, Ink.SEALED)


def _found(facts: Facts, row: _Row, words: Words) -> Part:
    """The verdict on the conversation: what is missing, else the chain's, and what was asked for."""
    said: list[str] = []
    if facts.missing_bytes:
        return Inked(words.count("read.missing", facts.missing_bytes), Ink.PROBLEM)
    judged = outcome(facts.tls.verdict) if facts.tls else None
    if judged is not None:
        said.append(words.say("read.chain", outcome=judged))
    if row.first is not None:
        said.append(_exchange(row.first))
    if row.exchanges > 1:
        said.append(words.say("read.more", count=f"{row.exchanges - 1:,}"))
    if row.whole < row.exchanges:
        said.append(words.say("read.not_whole", count=f"{row.exchanges - row.whole:,}"))
    return ", ".join(said)


def _exchange(exchange: Exchange) -> str:
    method = exchange.request.method if exchange.request else "?"
    status = exchange.response.status if exchange.response else "?"
    return f"{escape(method)} {cut(escape(exchange.path or '?'), _LONGEST_TEXT)} {status}"


def _aligned(lines: list[list[Part]]) -> list[list[Part]]:
    """Every column as wide as its widest cell; a column that is empty everywhere is left out."""
    columns = [max(map(part_width, cells)) for cells in zip(*lines, strict=True)]
    return [_row(cells, columns) for cells in lines]


def _row(cells: list[Part], columns: list[int]) -> list[Part]:
    row: list[Part] = []
    for cell, room in zip(cells, columns, strict=True):
        if room:
            row += [cell, " " * (room - part_width(cell)) + _GAP]
    while row and isinstance(row[-1], str) and not row[-1].strip():
        row.pop()
    return row


def _show_problems(summary: CaptureSummary, rows: dict[int, _Row], terminal: Terminal, words: Words) -> None:
    found: list[tuple[int | None, str, str, str]] = [
        (None, problem.code, problem.where, problem.what) for problem in summary.problems
    ]
    found += [
        (number, problem.code, problem.where, problem.what)
        for number, row in sorted(rows.items())
        for problem in row.problems
    ]
    for number, code, where, what in found[:MOST_PROBLEMS]:
        place = where if number is None else f"{number}, {where}"
        terminal.line(Inked(f"! {escape(code)}", Ink.PROBLEM), f"  {escape(place)}: {escape(what)}")
    if len(found) > MOST_PROBLEMS:
        terminal.line(words.say("read.more_problems", count=f"{len(found) - MOST_PROBLEMS:,}"))


def _decrypted(rows: dict[int, _Row]) -> tuple[int, int]:
    """How many TLS conversations were opened in full, of how many."""
    tls = [row.facts.tls for row in rows.values() if row.facts is not None and row.facts.tls is not None]
    return sum(facts.decrypted == "full" for facts in tls), len(tls)
