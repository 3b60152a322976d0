"""What helps with a program that was not seen, or not opened: by the kind of program that it is."""

from __future__ import annotations

import os
from collections.abc import Iterable
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
        kind, name = self._kind_and_name(program)
        return self._words.say(_LOGS_NO_KEYS.get(kind, "run.no_keys.other"), program=name)

    def on_the_way(self, programs: Iterable[Program] = ()) -> list[str]:
        """Of one of these programs that did not go through the tunnel: of each kind, if there is anything to say.

        If there is not, of the command itself.
        """
        said: dict[str, str] = {}
        for program in (*programs, None):
            kind, name = self._kind_and_name(program)
            key = _PAST_THE_TAPS if self._tapped and kind == "python" else _GOES_PAST.get(kind)
            if key is not None and (program is not None or not said):
                said.setdefault(key, self._words.say(key, program=name))
        return list(said.values())

    def _kind_and_name(self, program: Program | None) -> tuple[Kind, str]:
        """The command's where it is none."""
        if program is None:
            return self._kind, self.program
        if program not in self._kinds:
            self._kinds[program] = kind_of_program(program)
        return self._kinds[program], escape(program.name)

    @cached_property
    def _kind(self) -> Kind:
        return kind_of(self._command, os.environ)
