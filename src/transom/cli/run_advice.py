"""What helps with a program that was not seen, or not opened: by the kind of program that it is."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
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

_ALTHOUGH_BY_AN_AGENT = "run.no_keys.java_agent"

_GOES_PAST: dict[Kind, str] = {
    "chromium": "run.past.chromium",
    "firefox": "run.past.firefox",
    "go": "run.past.go",
    "java": "run.past.java",
    "node": "run.past.node",
    "openssl": "run.past.openssl",
    "python": "run.past.python",
}

_ALTHOUGH_OPTED: dict[Kind, str] = {"java": "run.past.java_led", "python": "run.past.python_tapped"}
"""What is said instead of a kind that an option of ours was for, which was given."""


class Advice:
    """For one command; `opted` are the kinds of programs that an option was given for (--python, --java),
    `has_agent` if --java-agent was.

    Its file is looked into when there is need of advice, and not before.
    """

    def __init__(self, words: Words, command: str, *, opted: Collection[Kind] = (), has_agent: bool = False) -> None:
        self._opted = opted
        self._has_agent = has_agent
        self.program = escape(Path(command).name)
        self._words = words
        self._command = command
        self._kinds: dict[Program, Kind] = {}

    def on_keys(self, program: Program | None = None) -> str:
        """Of a program that went through the tunnel and logged none; by default it is the command itself."""
        kind, name = self._kind_and_name(program)
        by_an_agent = self._has_agent and kind == "java"
        key = _ALTHOUGH_BY_AN_AGENT if by_an_agent else _LOGS_NO_KEYS.get(kind, "run.no_keys.other")
        return self._words.say(key, program=name)

    def on_the_way(self, programs: Iterable[Program] = ()) -> list[str]:
        """Of these programs, one of which did not go through the tunnel: of each kind, if there is anything to say.

        If there is not, of the command itself, and if there is nothing to say of that, of any program.
        """
        said: dict[str, str] = {}
        for program in (*programs, None):
            kind, name = self._kind_and_name(program)
            key = (_ALTHOUGH_OPTED if kind in self._opted else _GOES_PAST).get(kind)
            if key is not None and (program is not None or not said):
                said.setdefault(key, self._words.say(key, program=name))
        return list(said.values()) or [self._words.say("run.past.other")]

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
