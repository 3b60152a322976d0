"""A line of a field tree, and the pen that writes lines one under another."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from transom.wire.codepoint import CodePoint

LONGEST_HEX = 36
"""Bytes of a value that are shown before `…`, as in Wireshark."""


class Space(Enum):
    """What a line's offset counts in."""

    STREAM = "stream"
    """Everything its side sent, from the first byte of the connection: record headers are placed in it."""
    MESSAGE = "message"
    """The message alone: a handshake message with its four-byte header, or the fragment of an alert."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the packet details. `text` is escaped and fit for a terminal; `depth` counts from 0.

    `offset` and `length` are bytes in `space`. `rfc` is the section that declares the field ("8446 §4.1.2").
    `shown` is what the text names, where that is a code point, or a certificate in DER.
    """

    text: str
    depth: int
    offset: int
    length: int
    rfc: str | None = None
    space: Space = Space.MESSAGE
    shown: CodePoint | bytes | None = field(default=None, compare=False, repr=False)


class Pen:
    """Writes lines; `beneath` moves in by one level. A line without a section takes that of the lines around it."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._depth = 0
        self._rfc: str | None = None
        self._space = Space.MESSAGE

    def line(self, text: str, offset: int, length: int, shown: CodePoint | bytes | None = None) -> None:
        """The next line."""
        self.lines.append(Line(text, self._depth, offset, length, self._rfc, self._space, shown))

    @contextmanager
    def beneath(self) -> Generator[None]:
        """What is written inside stands under the last line."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    @contextmanager
    def declared(self, rfc: str | None, space: Space | None = None) -> Generator[None]:
        """What is written inside is declared in that section, and placed in that space."""
        before = self._rfc, self._space
        self._rfc, self._space = rfc or self._rfc, space or self._space
        try:
            yield
        finally:
            self._rfc, self._space = before


def hex_text(data: bytes) -> str:
    """The bytes as hex, cut after `LONGEST_HEX` of them."""
    return data.hex() if len(data) <= LONGEST_HEX else data[:LONGEST_HEX].hex() + "…"


def counted(count: int, unit: str) -> str:
    """`1 suite`, `21 suites`."""
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
