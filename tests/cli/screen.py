"""A terminal that a test can read."""

from __future__ import annotations

import io

from transom.cli.show.terminal import Terminal


class Screen:
    """Everything that was written, as lines."""

    def __init__(self, *, columns: int = 80, colour: bool = False) -> None:
        self._stream = io.StringIO()
        self.terminal = Terminal(self._stream, columns=columns, colour=colour)

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def line_with(self, text: str) -> str:
        """The one line that has `text` in it."""
        (line,) = [line for line in self.lines if text in line]
        return line
