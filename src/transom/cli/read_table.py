"""`read` by itself: a line a conversation, what was odd, and the verdict as the last line."""

from __future__ import annotations

from pathlib import Path

from transom.capture.conversation import CaptureSummary
from transom.cli.read_row import MOST_PROBLEMS, SUITE, Row, cells
from transom.cli.show.folding import folded
from transom.cli.show.terminal import Ink, Inked, Part, Terminal
from transom.cli.words import Words
from transom.dissect.captured import anything_lost, lost_bytes, observe_capture, udp_packets
from transom.dissect.facts import Facts
from transom.dissect.telling import Looking
from transom.dissect.timeline import Listener, Problem
from transom.wire.escape import escape, escape_message


def show_table(path: Path, looking: Looking, terminal: Terminal, words: Words) -> CaptureSummary:
    """Read the capture and show its conversations in the order of their first packets."""
    table = _Table(words)
    summary = observe_capture(path, looking, table.listener_for, over=table.over)
    for line in folded([row for _, row in sorted(table.cells.items())], terminal.columns, may_go=SUITE):
        terminal.line(*line)
    _show_problems(summary, table.problems, terminal, words)
    opened = (table.opened, table.sealed)
    show_verdict(summary, terminal, words, decrypted=opened, unread=udp_packets(path, summary))
    return summary


class _Table:
    """What is shown of each conversation that is over, and no more of it, since there may be many."""

    def __init__(self, words: Words) -> None:
        self.cells: dict[int, list[Part]] = {}
        self.problems: dict[int, list[Problem]] = {}
        self.opened = 0
        """TLS conversations that were opened in full, of those that had anything `sealed`."""
        self.sealed = 0
        self._words = words
        self._open: dict[int, Row] = {}

    def listener_for(self, number: int) -> Listener:
        row = self._open[number] = Row()
        return row.take

    def over(self, facts: Facts) -> None:
        row = self._open.pop(facts.number)
        row.end()
        self.cells[facts.number] = cells(facts, row, self._words)
        if row.problems:
            self.problems[facts.number] = row.problems
        if facts.tls is not None:
            self.opened += facts.tls.decrypted == "full"
            self.sealed += facts.tls.decrypted != "no" or facts.tls.why_not is not None


def show_verdict(
    summary: CaptureSummary,
    terminal: Terminal,
    words: Words,
    decrypted: tuple[int, int] | None = None,
    unread: int = 0,
) -> None:
    """The last line: how much was there, how much of it could be read, whether anything is missing.

    Before it a line about the `unread` UDP packets: a capture of nothing else would look empty.
    """
    if unread:
        terminal.entry(words.count("read.udp", unread), 0)
    parts = [
        words.count("read.conversations", len(summary.conversations)),
        words.count("read.packets", summary.packets),
    ]
    if decrypted is not None and decrypted[1]:
        parts.append(words.say("read.decrypted_of", opened=f"{decrypted[0]:,}", count=f"{decrypted[1]:,}"))
    said = ", ".join(parts)
    if lost := lost_bytes(summary):
        terminal.entry((said, "; ", Inked(words.count("read.lost", lost), Ink.PROBLEM)), 0)
    elif anything_lost(summary):
        terminal.entry((said, "; ", Inked(words.say("read.cut"), Ink.PROBLEM)), 0)
    else:
        terminal.entry(f"{said}; {words.say('read.nothing_lost')}", 0)


def _show_problems(
    summary: CaptureSummary, problems: dict[int, list[Problem]], terminal: Terminal, words: Words
) -> None:
    found: list[tuple[int | None, str, str, str]] = [
        (None, problem.code, problem.where, problem.what) for problem in summary.problems
    ]
    found += [
        (number, problem.code, problem.where, problem.what)
        for number, of_one in sorted(problems.items())
        for problem in of_one
    ]
    for number, code, where, what in found[:MOST_PROBLEMS]:
        place = words.tell(where) if number is None else f"{number}, {words.tell(where)}"
        told = f"  {escape_message(place)}: {escape_message(words.tell(what))}"
        terminal.entry((Inked(escape(code), Ink.PROBLEM), told), 2, Inked("!", Ink.PROBLEM))
    if len(found) > MOST_PROBLEMS:
        terminal.entry(words.say("read.more_problems", count=f"{len(found) - MOST_PROBLEMS:,}"), 0)
