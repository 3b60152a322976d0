"""Rows in columns that fit the room there is: a column may go, the others are folded under the first line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transom.cli.show.layout import wrap
from transom.cli.show.terminal import Inked, Part, part_width

_GAP = "  "


def folded(rows: Sequence[list[Part]], room: int, *, may_go: int) -> Iterator[list[Part]]:
    """Lines of at most `room` columns. Every row has the same cells, the first of which its fold stands beside.

    A column that is empty everywhere is left out, and so is column `may_go` if the rows would be wider than `room`.
    """
    columns = [max(map(part_width, cells)) for cells in zip(*rows, strict=True)]
    if sum(width + len(_GAP) for width in columns if width) - len(_GAP) > room:
        columns = [0 if number == may_go else width for number, width in enumerate(columns)]
    for cells in rows:
        yield from _fold(cells, columns, room)


def _fold(cells: Sequence[Part], columns: Sequence[int], room: int) -> Iterator[list[Part]]:
    indent = columns[0] + len(_GAP)
    left: Part = cells[0]
    for numbers in _shares(columns, room - indent):
        for line in _lines(cells, columns, numbers, room - indent):
            yield [left, " " * (indent - part_width(left)), *line]
            left = ""


def _shares(columns: Sequence[int], room: int) -> Iterator[list[int]]:
    """Which columns stand in one line: as many as fit, the first left out."""
    share: list[int] = []
    used = 0
    for number, width in list(enumerate(columns))[1:]:
        if not width:
            continue
        if share and used + width > room:
            yield share
            share, used = [], 0
        share.append(number)
        used += width + len(_GAP)
    if share:
        yield share


def _lines(cells: Sequence[Part], columns: Sequence[int], numbers: list[int], room: int) -> Iterator[list[Part]]:
    """One line, none if these cells say nothing; more for a cell that is too wide by itself."""
    if not any(part_width(cells[number]) for number in numbers):
        return
    if len(numbers) == 1:
        cell = cells[numbers[0]]
        for text in wrap(cell.text if isinstance(cell, Inked) else cell, room):
            yield [Inked(text, cell.ink) if isinstance(cell, Inked) else text]
        return
    line: list[Part] = []
    for number in numbers:
        line += [cells[number], " " * (columns[number] - part_width(cells[number])) + _GAP]
    yield line
