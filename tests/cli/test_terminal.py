"""Columns and colours."""

from __future__ import annotations

import io
import os
import pty
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.cli.screen import Screen
from transom.cli.show.layout import cut, cut_front, pad, pad_left, width, wrap
from transom.cli.show.terminal import Ink, Inked, Terminal

OPEN = Inked("open", Ink.OPEN)


def test_a_hangul_syllable_takes_two_columns() -> None:
    assert width("봉인") == 4
    assert pad("봉인", 6) == "봉인  "
    assert pad_left("봉인", 6) == "  봉인"


@given(st.text("ab ~→←…봉✓—", max_size=8))
def test_a_text_is_as_wide_as_rich_has_it(text: str) -> None:
    assert width(text) == cell_len(text)


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("sealed", 6, "sealed"),
        ("sealed", 5, "seal…"),
        ("봉인됨", 6, "봉인됨"),
        ("봉인됨", 5, "봉인…"),
        ("봉인됨", 4, "봉…"),
    ],
)
def test_text_is_cut_by_columns_not_by_characters(text: str, columns: int, expected: str) -> None:
    assert cut(text, columns) == expected


def test_of_a_suite_the_end_is_kept() -> None:
    assert cut_front("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 18) == "…AES_256_GCM_SHA384"[-18:].replace("A", "…", 1)


@pytest.mark.parametrize("columns", [4, 7, 12, 30])
def test_wrapped_lines_fit_and_nothing_of_the_text_is_lost(columns: int) -> None:
    text = "서버가 인증서 체인을 보내면, a-word-that-is-longer-than-any-line 클라이언트는 검증합니다."
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_what_is_broken_keeps_its_colours_and_off_a_screen_an_entry_is_whole() -> None:
    screen = Screen(columns=12, colour=True)
    screen.terminal.paragraph(("is ", Inked("sealed from here", Ink.SEALED), ", all of it"), 2, "-")
    sealed = "\x1b[38;5;75m{}\x1b[0m".format
    assert screen.lines == [f"- is {sealed('sealed')}", f"  {sealed('from here')},", "  all of it"]
    text = "a=1 and more than there is room for"
    for is_screen, lines in ((False, [text]), (True, ["a=1 and more", "than there", "is room for"])):
        stream = io.StringIO()
        Terminal(stream, columns=12, screen=is_screen).entry(text, 0)
        assert stream.getvalue().splitlines() == lines


def test_a_paragraph_stands_beside_its_label() -> None:
    screen = Screen(columns=20)
    screen.terminal.paragraph("one two three four", 8, "label")
    assert screen.lines == ["label   one two", "        three four"]


def test_spaces_at_the_end_of_a_line_are_left_out() -> None:
    screen = Screen()
    screen.terminal.line("a  ", Inked("b ", Ink.OPEN), "  ", "")
    assert screen.text == "a  b\n"


def test_a_file_gets_no_colour() -> None:
    stream = io.StringIO()
    Terminal.on(stream, {}).line(OPEN)
    assert stream.getvalue() == "open\n"


def test_a_number_and_its_unit_stand_in_one_line() -> None:
    assert wrap("DNS 1.5 ms), 89 days", 8) == ["DNS", "1.5 ms),", "89 days"]
    assert wrap("+15.02 %, 337 B of 2 3", 9) == ["+15.02 %,", "337 B of", "2 3"]
    assert wrap("in TLS 1.3 ms", 10) == ["in TLS", "1.3 ms"]


@pytest.mark.parametrize(("environ", "written"), [({}, "\x1b[38;5;214mopen\x1b[0m"), ({"NO_COLOR": "1"}, "open")])
def test_a_terminal_gets_colour_unless_no_color_is_set(environ: Mapping[str, str], written: str) -> None:
    controller, terminal = pty.openpty()
    with os.fdopen(controller, "rb", buffering=0) as screen, os.fdopen(terminal, "w") as stream:
        Terminal.on(stream, environ).line(OPEN)
        assert screen.read(100).decode().strip() == written


def test_a_terminal_without_a_size_is_80_columns_wide() -> None:
    controller, terminal = pty.openpty()
    with os.fdopen(controller, "rb", buffering=0), os.fdopen(terminal, "w") as stream:
        assert Terminal.on(stream, {}).columns == 80


def test_a_stream_that_cannot_show_hangul_gets_question_marks_and_no_error() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Terminal(stream).line("봉인 → sealed")
    stream.flush()
    assert raw.getvalue() == b"?? ? sealed\n"
