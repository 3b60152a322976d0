"""A chain as lines: each certificate, what was checked of it, and what did not hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from transom.cli.show.layout import pad, width
from transom.cli.show.terminal import FAILS, HOLDS, Ink, Inked, Part, Terminal, part_width
from transom.cli.words import Words
from transom.trust.store import Source
from transom.trust.verdict import ChainStep, Check, Verdict
from transom.value import value
from transom.wire.escape import escape


@value
class ChainRow:
    """One certificate: its place in the tree of names, what it is, and its marks, each with whether it holds."""

    name: str
    about: str
    marks: tuple[tuple[bool, str], ...]


def chain_rows(verdict: Verdict, now: datetime, words: Words) -> list[ChainRow]:
    """The rows, leaf first. `now` is when the chain was judged, with a time zone."""
    return [
        ChainRow(
            ("   " * (depth - 1) + " └ " if depth else "") + escape(step.subject),
            _about(verdict, depth, now, words),
            tuple(_marks(verdict, depth, words)),
        )
        for depth, step in enumerate(verdict.steps)
    ]


def write_chain(terminal: Terminal, verdict: Verdict, now: datetime, words: Words, indent: int) -> None:
    """The rows in columns, moved in by `indent`."""
    rows = chain_rows(verdict, now, words)
    name_columns = max((width(row.name) for row in rows), default=0)
    about_columns = max((width(row.about) for row in rows), default=0)
    for row in rows:
        name = f"{' ' * indent}{pad(row.name, name_columns)}  "
        _write_row(terminal, (f"{name}{pad(row.about, about_columns)}  ", f"{name}{row.about}  "), row, indent + 5)


def _write_row(terminal: Terminal, lefts: Sequence[str], row: ChainRow, below: int) -> None:
    """A certificate and its marks: beside the first of `lefts` that leaves room, else under it."""
    holding = " ".join(text for holds, text in row.marks if holds)
    failing = [Inked(text, Ink.PROBLEM) for holds, text in row.marks if not holds]
    beside: list[Part] = [part for mark in failing for part in (mark, " ")]
    needed = sum(map(part_width, [*beside, holding]))
    for left in lefts:
        if width(left) + needed <= terminal.columns:
            terminal.line(left, *beside, holding)
            return
    indent = width(lefts[-1]) - width(lefts[-1].lstrip())
    terminal.entry(lefts[-1].strip(), indent)
    under: list[Part] = [*failing, holding]
    for mark in filter(part_width, under):
        terminal.entry(mark, below)


def _about(verdict: Verdict, depth: int, now: datetime, words: Words) -> str:
    step = verdict.steps[depth]
    if not step.sent:
        return _source(verdict.trusted_by, words)
    if depth or not step.not_before <= now <= step.not_after:
        return escape(step.key)  # from when, or until when, its mark says
    return words.count("chain.days_left", (step.not_after - now).days, key=escape(step.key))


def _source(trusted_by: str | None, words: Words) -> str:
    match trusted_by:
        case None:
            return words.say("chain.known_here")
        case Source.SYSTEM:
            return words.say("source.system")
        case Source.CERTIFI:
            return words.say("source.certifi")
        case Source.LOCAL_CA:
            return words.say("source.own_ca")
        case _:
            return words.say("source.given", source=escape(trusted_by))


def _marks(verdict: Verdict, depth: int, words: Words) -> Iterator[tuple[bool, str]]:
    for check in _shown_at(verdict, depth):
        if check.ok is False and check.finding:
            parts = {name: escape(text) for name, text in check.finding.parts.items()}
            yield False, f"{FAILS} {words.say(f'problem.{check.finding.code}', **parts)}"
        elif check.ok and check.kind in ("name", "dates", "signature", "trusted"):
            yield True, f"{HOLDS} {words.say(f'check.{check.kind}')}"


def _shown_at(verdict: Verdict, depth: int) -> Iterator[Check]:
    """A signature is shown beside the certificate whose key verified it; where that one is missing, at its own."""
    step = verdict.steps[depth]
    is_last = depth == len(verdict.steps) - 1
    if depth:
        yield from _signatures(verdict.steps[depth - 1])
    for check in step.checks:
        # A CA's dates and purpose are worth a word only when they do not hold.
        unremarkable = depth and check.kind != "trusted" and check.ok
        if not unremarkable and (check.kind != "signature" or is_last):
            yield check


def _signatures(step: ChainStep) -> Iterator[Check]:
    return (check for check in step.checks if check.kind == "signature")
