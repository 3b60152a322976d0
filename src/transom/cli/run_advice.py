"""What helps with a program that was not seen, or not opened: by the kind of program that it is."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from transom.cli.words import Words
from transom.run.kinds import Kind, kind_of, kind_of_program
from transom.run.programs import Program
from transom.wire.escape import escape

_LOGS_NO_KEYS: dict[Kind, str] = {
    "go": "run.no_keys.go",
    "java": "run.no_keys.java",
    "node": "run.no_keys.node",
    "openssl": "run.no_keys.openssl",
    "pip": "run.no_keys.pip",
    "python": "run.no_keys.python",
    "rustls": "run.no_keys.rustls",
}

_GOES_PAST: dict[Kind, str] = {
    "chromium": "run.past.chromium",
    "firefox": "run.past.firefox",
    "go": "run.past.go",
    "java": "run.past.java",
    "node": "run.past.node",
    "openssl": "run.past.openssl",
    "python": "run.past.python",
}

_PAST_THE_TAPS = "run.past.python_tapped"


class Advice:
    """For one command; `tapped` if its Python programs were seen from within.

    Its file is looked into when there is need of advice, and not before.
    """

    def __init__(self, words: Words, command: str, *, tapped: bool = False) -> None:
        self._tapped = tapped
        self.program = escape(Path(command).name)
        self._words = words
        self._command = command
        self._kinds: dict[Program, Kind] = {}

    def on_keys(self, program: Program | None = None) -> str:
        """Of a program that went through the tunnel and logged none; by default it is the command itself."""
        if program is None:
            kind, name = self._kind, self.program
        else:
            if program not in self._kinds:
                self._kinds[program] = kind_of_program(program)
            kind, name = self._kinds[program], escape(program.name)
        return self._words.say(_LOGS_NO_KEYS.get(kind, "run.no_keys.other"), program=name)

    def on_the_way(self) -> str | None:
        """Of a program that did not go through the tunnel."""
        key = _PAST_THE_TAPS if self._tapped and self._kind == "python" else _GOES_PAST.get(self._kind)
        return self._words.say(key, program=self.program) if key is not None else None

    @cached_property
    def _kind(self) -> Kind:
        return kind_of(self._command, os.environ)
