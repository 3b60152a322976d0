"""Where lines go: a stream, its width, and the few colours it may have.

Colour says one thing, who can read it: amber for open, blue for sealed. Red is a problem. Nothing else has colour, and
nothing is coloured off a terminal or under NO_COLOR. Whatever a peer wrote has been through `escape` before it comes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from itertools import groupby
from typing import TextIO

from transom.cli.show.layout import fill, width, wrap
from transom.value import value

HOLDS = "✓"
FAILS = "✗"
"""What stands beside something that was checked."""

DEFAULT_COLUMNS = 80
FEWEST_COLUMNS = 40


class Ink(Enum):
    """A colour, as the parameters of SGR (ECMA-48 §8.3.117)."""

    OPEN = "38;5;214"
    SEALED = "38;5;75"
    PROBLEM = "31"


@value
class Inked:
    """Text in a colour."""

    text: str
    ink: Ink


Part = str | Inked
"""A piece of a line."""


class Terminal:
    """Lines to a stream. `columns` is the room there is; a `screen` breaks what is wider, a file keeps it."""

    def __init__(
        self, stream: TextIO, *, columns: int = DEFAULT_COLUMNS, colour: bool = False, screen: bool = False
    ) -> None:
        self.columns = columns
        self.screen = screen
        self._stream = stream
        self._colour = colour
        self._encoding = getattr(stream, "encoding", None) or "utf-8"

    @classmethod
    def on(cls, stream: TextIO, environ: Mapping[str, str], at_least: int = FEWEST_COLUMNS) -> Terminal:
        """The terminal behind `stream`, if it is one; 80 columns without colour otherwise.

        A narrower one than `at_least` is written to as if it had these, and breaks the lines itself.
        """
        if not stream.isatty():
            return cls(stream)
        try:
            columns = os.get_terminal_size(stream.fileno()).columns
        except (OSError, ValueError):
            columns = 0
        columns = max(columns or DEFAULT_COLUMNS, at_least)
        return cls(stream, columns=columns, colour=not environ.get("NO_COLOR"), screen=True)

    def onto(self, stream: TextIO) -> Terminal:
        """Lines as for this terminal, written to `stream` for now: they will be shown here."""
        there = Terminal(stream, columns=self.columns, colour=self._colour, screen=self.screen)
        there._encoding = self._encoding
        return there

    def line(self, *parts: Part) -> None:
        """One line; spaces at its end are left out."""
        kept = list(parts)
        while kept and not _text(kept[-1]).rstrip():
            kept.pop()
        last = len(kept) - 1
        text = "".join([self._painted(part, strip=number == last) for number, part in enumerate(kept)])
        # A stream that cannot show Hangul or an arrow shows a question mark: no words are worth a traceback.
        self._stream.write(text.encode(self._encoding, "replace").decode(self._encoding) + "\n")

    def paragraph(self, text: Part | Sequence[Part], indent: int, first: Part = "") -> None:
        """`text` wrapped, every line moved in by `indent`; `first` stands in the first line's indent.

        Of several parts each keeps its colour, wherever it is broken.
        """
        parts = [text] if isinstance(text, Part) else list(text)
        self._block(_wrapped(parts, self._room(indent)), indent, first)

    def row(self, pieces: Iterable[str], indent: int, first: Part = "") -> None:
        """The same of pieces with a space between, each of which stays in one: `TCP 12.0` is not broken."""
        self._block([[line] for line in fill(pieces, self._room(indent))], indent, first)

    def entry(self, text: Part | Sequence[Part], indent: int, first: Part = "") -> None:
        """A line that is sought by what stands in it (a field, an error): a paragraph on a screen, whole elsewhere."""
        if self.screen:
            self.paragraph(text, indent, first)
            return
        parts = [text] if isinstance(text, Part) else list(text)
        self.line(first, " " * (indent - part_width(first)), *parts)

    def _room(self, indent: int) -> int:
        return max(self.columns - indent, 1)

    def _block(self, lines: Sequence[Sequence[Part]], indent: int, first: Part) -> None:
        self.line(first, " " * (indent - part_width(first)), *lines[0])
        for line in lines[1:]:
            self.line(" " * indent, *line)

    def _painted(self, part: Part, *, strip: bool) -> str:
        text = _text(part).rstrip() if strip else _text(part)
        return f"\x1b[{part.ink.value}m{text}\x1b[0m" if self._colour and isinstance(part, Inked) else text


def _wrapped(parts: Sequence[Part], columns: int) -> list[list[Part]]:
    """Lines of at most so many columns. Where a colour ends within a word, that is no place to break."""
    whole = "".join(map(_text, parts))
    if not any(isinstance(part, Inked) for part in parts):
        return [[line] for line in wrap(whole, columns)]
    lines: list[list[Part]] = []
    colours = [part.ink if isinstance(part, Inked) else None for part in parts for _ in _text(part)]
    at = 0
    for line in wrap(whole, columns):
        at = whole.index(line, at) if line else at
        lines.append(_in_colours(line, colours[at : at + len(line)]))
        at += len(line)
    return lines


def _in_colours(text: str, colours: Sequence[Ink | None]) -> list[Part]:
    """The text with the colour of each character; one of a space at the end of a line is of no use."""
    parts: list[Part] = []
    start = 0
    for ink, run in groupby(colours):
        end = start + len(list(run))
        parts.append(text[start:end] if ink is None else Inked(text[start:end], ink))
        start = end
    return parts or [""]


def part_width(part: Part) -> int:
    """The columns a part takes."""
    return width(_text(part))


def _text(part: Part) -> str:
    return part.text if isinstance(part, Inked) else part
