"""Rows in columns: aligned where there is room, one of them left out or folded where there is not."""

from __future__ import annotations

import pytest

from transom.cli.show.folding import folded
from transom.cli.show.terminal import Ink, Inked, Part, part_width

ROWS: list[list[Part]] = [
    ["0", "here → there", "", "SUITE_OF_LONG_NAME", "→ 5 B", Inked("alert", Ink.PROBLEM)],
    ["1", "here → elsewhere", "", "", "→ 10,000 B", ""],
]


def text(room: int, rows: list[list[Part]] = ROWS) -> list[str]:
    lines = folded(rows, room, may_go=3)
    return ["".join(part.text if isinstance(part, Inked) else part for part in line).rstrip() for line in lines]


def test_with_room_every_column_that_says_something_stands_in_one_line() -> None:
    assert text(80) == [
        "0  here → there      SUITE_OF_LONG_NAME  → 5 B       alert",
        "1  here → elsewhere                      → 10,000 B",
    ]


def test_the_suite_goes_first() -> None:
    assert text(50) == ["0  here → there      → 5 B       alert", "1  here → elsewhere  → 10,000 B"]


def test_what_still_does_not_fit_stands_beneath_and_an_empty_fold_is_no_line() -> None:
    assert text(31) == ["0  here → there      → 5 B", "   alert", "1  here → elsewhere  → 10,000 B"]


def test_a_cell_wider_than_the_room_is_broken_and_keeps_its_colour() -> None:
    lines = list(folded([["0", Inked("a problem of many words", Ink.PROBLEM)]], 14, may_go=0))
    assert [line[-1] for line in lines] == [
        Inked("a problem of", Ink.PROBLEM),
        Inked("many words", Ink.PROBLEM),
    ]


@pytest.mark.parametrize("room", range(14, 70))
def test_no_line_is_wider_than_the_room(room: int) -> None:
    assert max(part_width(line) for line in text(room)) <= room


def test_no_rows_are_no_lines() -> None:
    assert text(80, []) == []
