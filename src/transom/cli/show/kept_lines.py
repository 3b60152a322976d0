"""Lines that are kept until their turn comes: conversations cross each other, and are read one by one."""

from __future__ import annotations

import io

from transom.cli.show.terminal import Part, Terminal


class KeptLines(Terminal):
    """The lines of one conversation, for that terminal."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(io.StringIO(), columns=terminal.columns, screen=terminal.screen)
        self._lines: list[tuple[Part, ...]] = []

    def line(self, *parts: Part) -> None:
        self._lines.append(parts)

    def write(self, terminal: Terminal) -> None:
        """Their turn has come."""
        for parts in self._lines:
            terminal.line(*parts)
