"""Where the time went, however wide a terminal is: a stage and its time stay in one line."""

from __future__ import annotations

import socket

import pytest

from tests.cli.crossing import CARRIED, crossed, seen
from tests.cli.screen import Screen
from tests.dissect.items import EPOCH, MILLISECOND
from transom.cli.run_summary import Told, write_summary
from transom.cli.show.closing import in_a_row, stage_times, write_closing
from transom.cli.show.explain import Way
from transom.cli.show.how_far import NotReached, write_how_far
from transom.cli.show.layout import width
from transom.cli.show.saved import Saved
from transom.cli.words import LANGS, Lang, Words, words
from transom.dissect.journey import Seen
from transom.dissect.session import Session
from transom.run.child import Ended
from transom.run.outward import Asked, Reached

COLUMNS = range(40, 101)
QUICK, SLOW = 1.0, 600_000.0
"""Milliseconds from flight to flight: stages of one, and of ten minutes."""

LONGEST = 59 * 60_000 * MILLISECOND + 59_000 * MILLISECOND
WAY = Way("localhost", EPOCH - 2 * LONGEST, LONGEST, LONGEST)

EVERY = pytest.mark.parametrize("lang", LANGS)
PACE = pytest.mark.parametrize("step", [QUICK, SLOW])


def crossing(step: float) -> tuple[Seen, Session]:
    told, session = seen(crossed("tls13"), keys=True, step=step), Session()
    for item in told.items:
        session.see(item)
    return told, session


def holds(screen: Screen, columns: int, pieces: list[str]) -> None:
    """Each of the pieces stands in one line, in their order, and no line is too wide."""
    assert [line for line in screen.lines if width(line) > columns] == []
    lines = screen.lines
    for piece in pieces:
        while lines and piece not in lines[0]:
            lines = lines[1:]
        assert lines, (piece, screen.text)
        lines = [lines[0].partition(piece)[2], *lines[1:]]


def marked(pieces: list[str]) -> list[str]:
    return [*pieces[:-1], f"{pieces[-1]} ✗"]


def stages(told: Seen, session: Session, text: Words, rest: str = "closing.file") -> list[str]:
    return in_a_row(stage_times(session, told.facts, WAY, rest), text)


@EVERY
@PACE
def test_of_a_download_that_went_well(lang: Lang, step: float) -> None:
    told, session = crossing(step)
    saved = Saved(CARRIED.name, CARRIED.size, 120 * MILLISECOND)
    for columns in COLUMNS:
        screen = Screen(columns=columns)
        write_closing(screen.terminal, words(lang), session, told.facts, saved=saved, way=WAY)
        holds(screen, columns, stages(told, session, words(lang)))


@EVERY
@PACE
def test_of_one_that_failed(lang: Lang, step: float) -> None:
    told, session = crossing(step)
    session.body = None
    for columns in COLUMNS:
        screen = Screen(columns=columns)
        write_how_far(screen.terminal, words(lang), session, told.facts, WAY)
        holds(screen, columns, marked(stages(told, session, words(lang))))


@EVERY
def test_of_a_server_that_was_not_reached(lang: Lang) -> None:
    told, _ = crossing(QUICK)
    pieces = in_a_row([("closing.dns", LONGEST), ("closing.tcp", LONGEST)], words(lang))
    for columns in COLUMNS:
        screen = Screen(columns=columns)
        write_how_far(
            screen.terminal, words(lang), Session(), told.facts, NotReached("localhost", LONGEST, 2 * LONGEST)
        )
        holds(screen, columns, marked(pieces))


@EVERY
@PACE
def test_of_a_conversation_in_the_summary_of_a_run(lang: Lang, step: float) -> None:
    told, session = crossing(step)
    with socket.socket() as unused:
        seconds = LONGEST / 1_000_000_000
        reached = Reached(Asked("localhost", 443), unused, EPOCH - LONGEST, seconds, seconds, None)
        conversation = Told(reached, session, told.facts)
        for columns in COLUMNS:
            screen = Screen(columns=columns)
            write_summary(
                screen.terminal, words(lang), "sh", Ended(code=0), 0.1, [conversation], [], 0,
                captured=False, opted=[], has_agent=False,
            )  # fmt: skip
            lines = [line for line in screen.lines if "▏" in line or "DNS" in line]
            holds(screen, max(columns, *map(width, screen.lines)), stages(told, session, words(lang), "run.rest"))
            assert [line for line in lines if width(line) > columns] == []


@EVERY
def test_a_label_stands_above_where_a_stage_has_no_room_beside_it(lang: Lang) -> None:
    told, session = crossing(QUICK)
    label = words(lang).say("closing.time")
    for columns, alone in ((40, True), (80, False)):
        screen = Screen(columns=columns)
        saved = Saved(CARRIED.name, CARRIED.size, 120 * MILLISECOND)
        write_closing(screen.terminal, words(lang), session, told.facts, saved=saved, way=WAY)
        line = screen.line_with(label)
        assert (line == label) is alone
        if alone:
            assert screen.lines[screen.lines.index(line) + 1].startswith("  DNS ")
