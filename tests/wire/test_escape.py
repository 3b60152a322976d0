"""What a terminal or a log is shown of a peer's bytes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transom.wire.escape import escape, escape_lines, escape_message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("한글 파일.bin", "한글 파일.bin"),
        ("full\u3000width", "full\u3000width"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("bell\x07", r"bell\x07"),
        ("\r\n", r"\x0d\x0a"),
        ("\x7f", r"\x7f"),
        ("\x9b31m", r"\u009b31m"),
        ("a\\x1b", r"a\x5cx1b"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u2066\u2069\u200e\u200f\u061c", r"\u2066\u2069\u200e\u200f\u061c"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\ufeff\u200b", r"\ufeff\u200b"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        (b"\xed\x95\x9c", "한"),
        (b"\xff\x1b", r"\xff\x1b"),
    ],
)
def test_what_is_not_a_visible_character_is_shown_as_its_number(text: str | bytes, shown: str) -> None:
    assert escape(text) == shown


@given(st.text() | st.binary())
@settings(max_examples=200, deadline=None)
def test_nothing_shown_can_act_on_a_terminal(text: str | bytes) -> None:
    assert all(unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in escape(text))


@given(st.text(alphabet=st.characters(max_codepoint=0x7F)))
@settings(max_examples=200, deadline=None)
def test_what_is_shown_means_one_text_only(text: str) -> None:
    assert escape(text).encode("ascii").decode("unicode_escape") == text


def test_line_ends_and_tabs_of_a_longer_text_stay_and_a_lone_cr_does_not() -> None:
    assert escape_lines(b"GET /\tx\r\nHost: a\n\rover\x1b") == "GET /\tx\nHost: a\n\\x0dover\\x1b"


def test_a_message_that_quotes_what_is_escaped_already_is_not_escaped_twice() -> None:
    quoted = "the server answered 200 " + escape("\x1b]0;pwn") + " and \x1b[31m"
    assert escape_message(quoted) == r"the server answered 200 \x1b]0;pwn and \x1b[31m"
