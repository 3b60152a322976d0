"""Two conversations side by side: where they first part and what that means, then every field, folded where equal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from difflib import SequenceMatcher
from itertools import groupby, zip_longest

from transom.cli.show.figures import duration, exact_bytes
from transom.cli.show.layout import cut, pad, wrap
from transom.cli.show.terminal import Terminal
from transom.cli.words import Words
from transom.dissect.differences import Comparison, Field
from transom.dissect.meaning import Meaning
from transom.dissect.portrait import Key, Told
from transom.value import value
from transom.wire.escape import escape

NOTHING = "–"
EQUAL, DIFFERENT = "=", "≠"

_PROTOCOLS = {"http": "HTTP", "http2": "HTTP/2"}

_LABEL = 24
_GAP = "  "
_LONGEST_TEXT = 240
_LONGEST_LIST = 100
"""Names of a list that are shown; --json has all. A hostile hello may have tens of thousands."""

_Names = Sequence[tuple[str, int | None]]


def write_differences(
    terminal: Terminal,
    words: Words,
    comparison: Comparison,
    meanings: Sequence[Meaning],
    names: _Names,
    *,
    with_itself: bool = False,
) -> None:
    """All of it. `names` say which two: a URL, or a capture and the number of the conversation in it.

    `with_itself` is whether both are one conversation of one capture.
    """
    terminal.paragraph(where_they_part(comparison, meanings, words), 0)
    if with_itself:
        terminal.paragraph(words.say("compare.with_itself"), 0)
    terminal.line()
    for side, (name, number) in zip("AB", names, strict=True):
        shown = cut(escape(name), _LONGEST_TEXT)
        text = shown if number is None else f"{shown}, {words.say('read.conversation', number=number)}"
        terminal.paragraph(text, 3, side)
    for group, fields in groupby(told_fields(comparison, words), key=lambda told: told.group):
        terminal.line()
        terminal.line(group)
        for field in fields:
            _write_field(terminal, field)


@value
class ToldField:
    """One field as a person reads it: what stands beside what, one pair without a right side where both are equal."""

    group: str
    label: str
    mark: str
    pairs: tuple[tuple[str, str | None], ...]


def told_fields(comparison: Comparison, words: Words) -> Iterator[ToldField]:
    """All that either says, in the order of the handshake."""
    for field in comparison.fields:
        # How long things took has no mark: it is never the same.
        mark = " " if field.key.group == "timing" else DIFFERENT if field.differs else EQUAL
        same = ", ".join(_lines(field.key, field.a, words)) if not field.differs else ""
        pairs = tuple(_pairs(field, words)) if field.differs else ((same, None),)
        yield ToldField(words.say(f"portrait.{field.key.group}"), _label(field.key, words), mark, pairs)


def where_they_part(comparison: Comparison, meanings: Sequence[Meaning], words: Words) -> str:
    """The place, and what that most likely means."""
    return " ".join(_first(comparison, meanings, words))


def _first(comparison: Comparison, meanings: Sequence[Meaning], words: Words) -> Iterator[str]:
    if comparison.first is not None and comparison.first.key.group != "ends":
        key = comparison.first.key
        yield words.say("compare.first", group=words.say(f"portrait.{key.group}"), field=_label(key, words))
    for meaning in meanings:
        parts = {name: cut(escape(_PROTOCOLS.get(text, text)), 80) for name, text in meaning.parts.items()}
        if meaning.finding is not None:
            found = {name: cut(escape(text), 80) for name, text in meaning.finding.parts.items()}
            parts["problem"] = words.say(f"problem.{meaning.finding.code}", **found)
        parts["side"] = (meaning.which or "").upper()
        said = f"meaning.{meaning.code}"
        yield words.say(said, **parts) if meaning.count is None else words.count(said, meaning.count, **parts)


def _label(key: Key, words: Words) -> str:
    return words.say(f"field.{key.name}")


def _write_field(terminal: Terminal, field: ToldField) -> None:
    first = pad(f" {field.mark} {field.label}", _LABEL)
    room = (terminal.columns - _LABEL - len(_GAP)) // 2
    for left, right in field.pairs:
        if right is None:
            terminal.line(first, cut(left, terminal.columns - _LABEL))
            return
        for a, b in zip_longest(wrap(left, room), wrap(right, room), fillvalue=""):
            terminal.line(first, pad(a, room), _GAP, b)
            first = " " * _LABEL


def _pairs(field: Field, words: Words) -> Iterator[tuple[str, str]]:
    """What stands beside what; of two lists, what they have in common is folded where it is more than one name."""
    a, b = list(_lines(field.key, field.a, words)), list(_lines(field.key, field.b, words))
    if not (isinstance(field.a.value, tuple) and isinstance(field.b.value, tuple)):
        yield from zip_longest(a, b, fillvalue="")
        return
    for operation, a_start, a_end, b_start, b_end in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if operation == "equal" and a_end - a_start > 1:
            same = words.say("compare.same_run", count=a_end - a_start)
            yield same, same
        else:
            yield from zip_longest(a[a_start:a_end], b[b_start:b_end], fillvalue="")


def _lines(key: Key, told: Told, words: Words) -> Iterator[str]:
    """The value as a person reads it, a list a name a line."""
    found = told.value
    match found:
        case None:
            yield NOTHING if told.state == "absent" else words.say("state.sealed")
        case bool():
            yield words.say("compare.yes" if found else "compare.no")
        case int():
            yield _number(key, found, words)
        case str():
            yield cut(escape(found), _LONGEST_TEXT)
        case _:
            for name in found[:_LONGEST_LIST]:
                yield cut(escape(name), _LONGEST_TEXT)
            if len(found) > _LONGEST_LIST:
                yield words.say("read.more", count=f"{len(found) - _LONGEST_LIST:,}")
            if not found:
                yield words.say("compare.empty")


def _number(key: Key, number: int, words: Words) -> str:
    match key:
        case Key("certificate", "not_before" | "not_after"):
            return datetime.fromtimestamp(number, UTC).strftime("%Y-%m-%d %H:%M UTC")
        case Key("timing", "handshake" | "first_byte" | "lasted" | "answer_took"):
            return duration(number, words)
        case Key(_, "length"):
            return exact_bytes(number)
        case _:
            return f"{number:,}"
