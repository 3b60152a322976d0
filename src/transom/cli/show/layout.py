"""Text in columns: a Hangul syllable takes two of a terminal's columns, so nothing here counts characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_UNITS = frozenset({"ms", "s", "%", "B", "kB", "MB", "GB", "bytes"})
"""As `figures` and the catalogues write them behind a number."""

_NARROW = re.compile("[ -~→←…]*")
"""What a row is made of but for Hangul, a column each: for every row, `rich` takes ten times as long to say so."""


def width(text: str) -> int:
    """The columns that `text` takes."""
    if text.isascii() or _NARROW.fullmatch(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def pad(text: str, columns: int) -> str:
    """`text` with spaces behind it, up to `columns`."""
    return text + " " * (columns - width(text))


def pad_left(text: str, columns: int) -> str:
    """`text` with spaces before it, up to `columns`."""
    return " " * (columns - width(text)) + text


def cut(text: str, columns: int) -> str:
    """`text`, or as much of it as fits before a `…`."""
    if width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if width(kept + character) >= columns:
            break
        kept += character
    return kept + "…"


def cut_front(text: str, columns: int) -> str:
    """The same from the other end: `…` and the end of `text`."""
    return cut(text[::-1], columns)[::-1]


def wrap(text: str, columns: int) -> list[str]:
    """`text` in lines of at most `columns`, broken at spaces, but not between a number and its unit."""
    return fill(_pieces(text.split(" ")), columns)


def _pieces(words: Iterable[str]) -> Iterator[str]:
    """Words, those of a number and its unit in one piece: `1.5 ms`."""
    held = ""
    for word in words:
        if held and word.rstrip(".,;:)") in _UNITS:
            yield f"{held} {word}"
            held = ""
            continue
        if held:
            yield held
        held = word if word[-1:].isdecimal() else ""
        if not held:
            yield word
    if held:
        yield held


def fill(pieces: Iterable[str], columns: int) -> list[str]:
    """The pieces, with a space between, in lines of at most `columns`; one too long for a line is broken."""
    lines = [""]
    for piece in pieces:
        longer = f"{lines[-1]} {piece}" if lines[-1] else piece
        if width(longer) <= columns:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        lines[-1:] = _broken(piece, columns)
    return lines


def _broken(piece: str, columns: int) -> list[str]:
    lines = [""]
    for character in piece:
        if width(lines[-1] + character) > columns:
            lines.append("")
        lines[-1] += character
    return lines
