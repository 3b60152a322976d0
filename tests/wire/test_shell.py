"""Words for a shell, as a real bash reads them."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transom.wire.escape import escape
from transom.wire.shell import quote, quote_for_any

ANY = st.one_of(st.text(), st.binary().map(lambda data: data.decode("utf-8", "surrogateescape")))
WORDS = st.lists(ANY.filter(lambda word: "\0" not in word and word.encode("utf-8", "replace")), min_size=1, max_size=40)


def said_by_bash(line: str) -> list[bytes]:
    """The words that bash makes of it."""
    ran = subprocess.run(
        ["bash", "--noprofile", "--norc", "-c", f"printf '%s\\0' {line}"],
        capture_output=True,
        check=True,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    return ran.stdout.split(b"\0")[:-1]


@settings(max_examples=40)
@example(
    ["", "it's", "$(id)", "`id`", "a\nb", "\x1b[2J", "\u202egnp", "\\x41", "!!\n", "it's \x07!", "한글", "\udcff\n0"]
)
@given(WORDS)
def test_a_word_is_for_bash_what_it_was(words: list[str]) -> None:
    words = [word.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape") for word in words]
    assert said_by_bash(" ".join(map(quote, words))) == [word.encode("utf-8", "surrogateescape") for word in words]


@settings(max_examples=40)
@example(
    ["f.bin", "big file.bin", "it's", "a;b&c (1)", "a!b", "100%.txt", "$HOME", "한글 파일.txt", "\u201cx\u201d", "-o"]
)
@given(WORDS)
def test_a_word_for_any_shell_is_for_bash_what_it_was(words: list[str]) -> None:
    words = [word.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape") for word in words]
    said = said_by_bash(" ".join(map(quote_for_any, words)))
    assert said == [word.encode("utf-8", "surrogateescape") for word in words]


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("f-1.bin", "f-1.bin"),
        ("it's & (1).txt", '"it\'s & (1).txt"'),  # cmd.exe has no single quotes
        ("한글 파일.txt", '"한글 파일.txt"'),
        ("100% $x.txt", "'100% $x.txt'"),  # cmd.exe takes a % for itself even within double quotes
        ("\u201cx\u201d", "'\u201cx\u201d'"),
    ],
)
def test_double_quotes_are_taken_where_every_shell_reads_the_same_in_them(word: str, line: str) -> None:
    assert quote_for_any(word) == line


@given(ANY.filter(lambda word: "\0" not in word))
def test_what_is_pasted_has_nothing_that_a_terminal_obeys(word: str) -> None:
    word = word.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    line = quote(word)
    assert line.isprintable()
    assert escape(line).replace(r"\x5c", "\\") == line


def test_what_no_word_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="a NUL at place 1 of what would be one word"):
        quote("a\0b")
