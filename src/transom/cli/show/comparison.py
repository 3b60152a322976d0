"""The table of the journeys: what is the same in all of them, what differs, what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from transom.cli.show.figures import duration, short_digest, surplus
from transom.cli.show.layout import cut, pad, width
from transom.cli.show.terminal import FAILS, HOLDS, Ink, Inked, Part, Terminal
from transom.cli.words import Words
from transom.dissect.column import Column, same_in_all
from transom.dissect.journey import Carried
from transom.value import value
from transom.wire.escape import escape

NOTHING = "–"
_LABEL = 29
_COLUMN = 12
_LONGEST_TEXT = 240

_Cell = Callable[[Column], Part]
_Rows = Sequence[tuple[str, _Cell]]


def write_comparison(terminal: Terminal, words: Words, carried: Carried, columns: Sequence[Column]) -> None:
    """A column a journey, under those of the demo."""
    table, figures = _Table(terminal, words, columns), _Figures(words, carried, columns)
    table.head("")
    terminal.line(pad("   " + words.say("table.same"), _LABEL), *_same(words, carried, columns))
    table.rows((*figures.seen, *figures.cost))


def write_comparison_in_full(terminal: Terminal, words: Words, carried: Carried, columns: Sequence[Column]) -> None:
    """The same by itself: who sees what, under a heading each, with what the two ends saw."""
    table, figures = _Table(terminal, words, columns), _Figures(words, carried, columns)
    terminal.line(words.say("table.ends"))
    for label, text in told_ends(words, carried, columns):
        shown = cut(text, terminal.columns - _LABEL) if isinstance(text, str) else text
        terminal.line(pad(f"   {label}" if label else "", _LABEL), shown)
    terminal.line()
    table.head(words.say("table.path"))
    table.rows(figures.seen)
    terminal.line()
    terminal.line(words.say("table.cost"))
    table.rows(figures.cost_in_full)


def told_ends(words: Words, carried: Carried, columns: Sequence[Column]) -> Iterator[tuple[str, Part]]:
    """What the two ends have, each with its label; without one, whether that is the same in all columns."""
    first = columns[0]
    yield words.say("table.request"), cut(escape(first.request or NOTHING), _LONGEST_TEXT)
    yield words.say("table.answer"), f"{first.status}, {words.count('http.bytes', carried.size)}"
    yield words.say("table.file"), f"{cut(escape(carried.name), 24)}, {_digest(carried, words)}"
    if same_in_all(columns, carried):
        yield "", f"{words.say('table.all_same')} {HOLDS}"
    else:
        yield "", Inked(f"{words.say('table.different')} {FAILS}", Ink.PROBLEM)


def _digest(carried: Carried, words: Words) -> str:
    if carried.withheld is not None:
        return words.say(f"page.digest.{carried.withheld}")
    return f"SHA-256 {short_digest(carried.sha256)}"


@value
class ToldRow:
    """One row of the table as a person reads it; `heading` where it is the first under one."""

    heading: str
    label: str
    cells: tuple[Part, ...]


def told_rows(words: Words, carried: Carried, columns: Sequence[Column]) -> Iterator[ToldRow]:
    """The rows of `write_comparison_in_full` on what the path has and what it cost."""
    figures = _Figures(words, carried, columns)
    for heading, rows in (("table.path", figures.seen), ("table.cost", figures.cost_in_full)):
        for place, (key, cell) in enumerate(rows):
            label = " ".join(words.say(f"table.{key}").split())
            yield ToldRow("" if place else words.say(heading), label, tuple(cell(column) for column in columns))


@value
class _Figures:
    """The rows, each cell made from its column."""

    words: Words
    carried: Carried
    columns: Sequence[Column]

    @property
    def seen(self) -> _Rows:
        """What the path has."""
        return (
            ("holds", lambda column: _holds(column, self.words)),
            ("reckons", _reckons),
            ("names", lambda column: _names(column, self.words)),
            ("certificate", lambda column: _certificate(column, self.words)),
            ("opens", lambda column: _opens(column, self.words)),
        )

    @property
    def cost(self) -> _Rows:
        """What the ends paid for that."""
        plain = next((column.wire_bytes for column in self.columns if column.kind == "http"), None)
        base = self.carried.size if plain is None else plain

        def more(column: Column) -> str:
            return surplus(column.wire_bytes, base) if base and column.wire_bytes != base else NOTHING

        return (
            ("wire", lambda column: f"{column.wire_bytes:,}"),
            ("more" if plain is not None else "more_than_file", more),
            ("trips", lambda column: str(column.round_trips)),
            ("time", lambda column: duration(column.duration, self.words)),
        )

    @property
    def cost_in_full(self) -> _Rows:
        """With the records, which the ends need not know of."""
        wire, more, trips, time = self.cost
        return (wire, more, trips, ("records", _records), time)


@value
class _Table:
    """The table on a terminal."""

    terminal: Terminal
    words: Words
    columns: Sequence[Column]

    def head(self, label: str) -> None:
        """The names of the columns."""
        cells = [self.words.say(f"column.{column.kind}") for column in self.columns]
        self._write_row(pad(label, _LABEL), cells)

    def rows(self, rows: _Rows) -> None:
        """A label too long for its column stands above in lines of its own."""
        for key, cell in rows:
            *above, last = self.words.say(f"table.{key}").split("\n")
            for line in above:
                self.terminal.line("   ", line)
            self._write_row(pad("   " + last, _LABEL), [cell(column) for column in self.columns])

    def _write_row(self, label: str, cells: Sequence[Part]) -> None:
        parts: list[Part] = [label]
        for cell in cells:
            text = cell.text if isinstance(cell, Inked) else cell
            parts += [cell, " " * (_COLUMN - width(text))]
        self.terminal.line(*parts)


def _same(words: Words, carried: Carried, columns: Sequence[Column]) -> list[Part]:
    if same_in_all(columns, carried):
        return [f"{words.say('table.same_value', digest=short_digest(carried.sha256))}  {HOLDS}"]
    return [Inked(f"{words.say('table.different')} {FAILS}", Ink.PROBLEM)]


def _holds(column: Column, words: Words) -> Part:
    if column.holds_file:
        return Inked(words.say("table.the_file"), Ink.OPEN)
    return Inked(words.say("table.its_size"), Ink.SEALED)


def _reckons(column: Column) -> Part:
    return NOTHING if column.reckoned is None else Inked(f"{column.reckoned:,}", Ink.OPEN)


def _names(column: Column, words: Words) -> Part:
    match column.names:
        case "readable":
            return _readable(readable=True, words=words)
        case "alpn":
            return Inked(words.say("table.alpn_alone"), Ink.OPEN)
        case "none":
            return words.say("table.none_sent")
        case None:
            return NOTHING


def _certificate(column: Column, words: Words) -> Part:
    if column.certificate == "none":
        return words.say("table.none_sent")
    return _readable(column.certificate == "readable", words)


def _readable(readable: bool, words: Words) -> Part:
    if readable:
        return Inked(words.say("table.readable"), Ink.OPEN)
    return Inked(words.say("table.hidden"), Ink.SEALED)


def _opens(column: Column, words: Words) -> Part:
    match column.opens:
        case None:
            return NOTHING
        case True:
            return Inked(words.say("table.yes"), Ink.OPEN)
        case False:
            return words.say("table.no")


def _records(column: Column) -> Part:
    return NOTHING if column.records is None else f"{column.records:,}"
