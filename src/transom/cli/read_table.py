"""`read` by itself: a line a conversation, what was odd, and the verdict as the last line."""

from __future__ import annotations

from pathlib import Path

from transom.capture.conversation import CaptureSummary
from transom.cli.read_row import MOST_PROBLEMS, SUITE, Row, cells
from transom.cli.show.folding import folded
from transom.cli.show.terminal import Ink, Inked, Terminal
from transom.cli.words import Words
from transom.dissect.captured import anything_lost, lost_bytes, observe_capture, udp_packets
from transom.dissect.telling import Looking
from transom.dissect.timeline import Listener
from transom.wire.escape import escape, escape_message


def show_table(path: Path, looking: Looking, terminal: Terminal, words: Words) -> CaptureSummary:
    """Read the capture and show its conversations in the order of their first packets."""
    rows: dict[int, Row] = {}

    def listener_for(number: int) -> Listener:
        rows[number] = Row()
        return rows[number].take

    summary = observe_capture(path, looking, listener_for, over=lambda facts: rows[facts.number].end(facts))
    table = [cells(row.facts, row, words) for _, row in sorted(rows.items()) if row.facts is not None]
    for line in folded(table, terminal.columns, may_go=SUITE):
        terminal.line(*line)
    _show_problems(summary, rows, terminal, words)
    show_verdict(summary, terminal, words, decrypted=_decrypted(rows), unread=udp_packets(path, summary))
    return summary


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


def _show_problems(summary: CaptureSummary, rows: dict[int, Row], terminal: Terminal, words: Words) -> None:
    found: list[tuple[int | None, str, str, str]] = [
        (None, problem.code, problem.where, problem.what) for problem in summary.problems
    ]
    found += [
        (number, problem.code, problem.where, problem.what)
        for number, row in sorted(rows.items())
        for problem in row.problems
    ]
    for number, code, where, what in found[:MOST_PROBLEMS]:
        place = words.tell(where) if number is None else f"{number}, {words.tell(where)}"
        told = f"  {escape_message(place)}: {escape_message(words.tell(what))}"
        terminal.entry((Inked(escape(code), Ink.PROBLEM), told), 2, Inked("!", Ink.PROBLEM))
    if len(found) > MOST_PROBLEMS:
        terminal.entry(words.say("read.more_problems", count=f"{len(found) - MOST_PROBLEMS:,}"), 0)


def _decrypted(rows: dict[int, Row]) -> tuple[int, int]:
    """How many TLS conversations were opened in full, of how many that had anything sealed."""
    tls = [row.facts.tls for row in rows.values() if row.facts is not None and row.facts.tls is not None]
    opened = sum(facts.decrypted == "full" for facts in tls)
    return opened, sum(facts.decrypted != "no" or facts.why_not is not None for facts in tls)
