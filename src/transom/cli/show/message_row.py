"""The row of one message: step, direction, name, size, and who can read it, in columns that hold for every row."""

from __future__ import annotations

from transom.cli.show import names
from transom.cli.show.figures import exact_bytes
from transom.cli.show.layout import pad
from transom.cli.show.terminal import Ink, Inked, Part
from transom.cli.words import Words
from transom.wire.tap import Side

NO_STEP = "+"
"""Stands where a message has no number among the nine."""

_NAME_AND_SIZE = 25
_STATE = 6


def message_row(
    step: int | None, sender: Side | None, name: str, size: str | None, *, sealed: bool, words: Words
) -> list[Part]:
    """`1  C → S  ClientHello     1,716 B  open  `; without a sender the row stands for both directions."""
    arrow = names.direction(sender) if sender else "C ⇄ S"
    name_and_size = f"{name} {(size or ''):>{max(_NAME_AND_SIZE - len(name) - 1, 0)}}"
    number = NO_STEP if step is None else str(step)
    return [f"{number}  {arrow}  {name_and_size}  ", state(sealed=sealed, words=words)]


def state(*, sealed: bool, words: Words) -> Inked:
    """Who can read it, in its colour."""
    if sealed:
        return Inked(pad(words.say("state.sealed"), _STATE), Ink.SEALED)
    return Inked(pad(words.say("state.open"), _STATE), Ink.OPEN)


def message_size(length: int, *, is_handshake: bool) -> str:
    """A handshake message's bytes count its four-byte header too: that is what crosses."""
    return exact_bytes(length + 4 if is_handshake else length)
