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
    if not rows:
        return
    widths = [[part_width(cell) for cell in cells] for cells in rows]
    columns = [max(column) for column in zip(*widths, strict=True)]
    if sum(width + len(_GAP) for width in columns if width) - len(_GAP) > room:
        columns = [0 if number == may_go else width for number, width in enumerate(columns)]
    indent = columns[0] + len(_GAP)
    shares = list(_shares(columns, room - indent))
    for cells, taken in zip(rows, widths, strict=True):
        behind = [" " * (column - width) + _GAP for column, width in zip(columns, taken, strict=True)]
        beside: list[Part] = [cells[0], " " * (indent - taken[0])]
        for numbers in shares:
            if not any(taken[number] for number in numbers):
                continue
            for line in _lines(cells, behind, numbers, room - indent):
                yield [*beside, *line]
                beside = [" " * indent]


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


def _lines(cells: Sequence[Part], behind: Sequence[str], numbers: list[int], room: int) -> Iterator[list[Part]]:
    """These cells and what stands behind each: one line, more for a cell that is too wide by itself."""
    if len(numbers) > 1:
        yield [part for number in numbers for part in (cells[number], behind[number])]
        return
    cell = cells[numbers[0]]
    for text in wrap(cell.text if isinstance(cell, Inked) else cell, room):
        yield [Inked(text, cell.ink) if isinstance(cell, Inked) else text]
