"""`read --follow N`: the two sides of one conversation in order, as text, as hex, or as the bytes themselves."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal, Protocol

from transom.capture.conversation import CaptureSummary
from transom.cli.show.names import direction
from transom.cli.show.terminal import Ink, Inked, Part, Terminal
from transom.cli.words import Words
from transom.dissect.follow import HexDump, PlainText, Said, WireText
from transom.dissect.one import Overview, hear_plaintext, hear_wire, look_at
from transom.dissect.telling import Looking
from transom.wire.tap import Buffer, Side

Form = Literal["text", "hex", "raw"]

LONGEST_LINE = 64 * 1024
"""Characters after which a line is broken: what is sealed has few line ends of its own."""


class _Reader(Protocol):
    def receive(self, side: Side, data: Buffer) -> list[Said]: ...


def follow(
    path: Path, looking: Looking, number: int, form: Form, terminal: Terminal, words: Words, *, on_the_wire: bool
) -> CaptureSummary:
    """Show what was said: decrypted where it can be, else, or if asked for, as it crossed."""
    overview = look_at(path, looking, number)
    tls = overview.facts.tls
    wire = on_the_wire or tls is None or tls.decrypted == "no"
    if tls is not None and tls.decrypted == "no" and not on_the_wire:
        reason = words.say(f"why_not.{tls.why_not or 'nothing-sealed'}")
        print(words.say("read.shut", reason=reason), file=sys.stderr)
    if form == "raw":
        _write_raw(path, looking, number, wire=wire)
        return overview.summary
    printer = _Printer(terminal, words)
    reader = _reader(form, overview, sealed=wire and tls is not None)

    def hear(side: Side, data: Buffer) -> None:
        for said in reader.receive(side, data):
            printer.take(said)

    if wire:
        hear_wire(path, number, hear, printer.miss)
    else:
        hear_plaintext(path, looking, number, hear)
    printer.end()
    return overview.summary


def _reader(form: Form, overview: Overview, *, sealed: bool) -> _Reader:
    if form == "hex":
        return HexDump()
    return WireText(overview.islands) if sealed else PlainText()


def _write_raw(path: Path, looking: Looking, number: int, *, wire: bool) -> None:
    """The bytes and nothing else; what is missing is told by the exit code."""

    def hear(_: Side, data: Buffer) -> None:
        sys.stdout.buffer.write(data)

    if wire:
        hear_wire(path, number, hear, lambda _side, _count: None)
    else:
        hear_plaintext(path, looking, number, hear)
    sys.stdout.buffer.flush()


class _Printer:
    """Prints what was said line by line, with a line before each turn that says whose it is."""

    def __init__(self, terminal: Terminal, words: Words) -> None:
        self._terminal = terminal
        self._words = words
        self._side: Side | None = None
        self._line: list[Part] = []
        self._length = 0

    def take(self, said: Said) -> None:
        self._turn(said.side)
        if said.island:
            self._add(Inked(f"[{said.text}]", Ink.OPEN))
            return
        *whole, rest = said.text.split("\n")
        for line in whole:
            self._add(line)
            self._end_line()
        self._add(rest)

    def miss(self, side: Side, count: int) -> None:
        self.end()
        self._turn(side)
        self._terminal.line(Inked(self._words.count("read.missing", count), Ink.PROBLEM))

    def end(self) -> None:
        """Nothing more is said."""
        if self._line:
            self._end_line()

    def _turn(self, side: Side) -> None:
        if side is not self._side:
            self.end()
            self._side = side
            self._terminal.line(f"── {direction(side)} ──")

    def _add(self, part: Part) -> None:
        text = part.text if isinstance(part, Inked) else part
        if text:
            self._line.append(part)
            self._length += len(text)
        if self._length > LONGEST_LINE:
            self._end_line()

    def _end_line(self) -> None:
        self._terminal.line(*(self._line or [""]))
        self._line = []
        self._length = 0
