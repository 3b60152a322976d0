"""What who may not capture can type, so that they may."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from transom.cli.show.terminal import Terminal
from transom.cli.words import Words
from transom.wire.shell import quote

_INDENT = 4
_COPY = "python-capture"
"""Beside the Python in use: so it has the same packages, also in a virtual environment."""


def write_lines_to_type(arguments: Sequence[str], words: Words) -> None:
    """To standard error: each way in words, and below it the whole lines. `arguments` are those of `transom`."""
    terminal = Terminal.on(sys.stderr, os.environ)
    for key, lines in (("run.rights.root", [_as_root(arguments)]), ("run.rights.copy", _by_a_copy(arguments))):
        terminal.paragraph(words.say(key), 0)
        for line in lines:
            terminal.line(" " * _INDENT, line)


def _as_root(arguments: Sequence[str]) -> str:
    return _line("sudo", sys.executable, "-m", "transom", *arguments)


def _by_a_copy(arguments: Sequence[str]) -> list[str]:
    """A file that has the capability; who is not of the user's group may not run it."""
    python = Path(sys.executable)
    copy = str(python.with_name(_COPY))
    return [
        _line("sudo", "install", "-m", "750", "-g", str(os.getgid()), str(python.resolve()), copy),
        _line("sudo", "setcap", "cap_net_raw+ep", copy),
        _line(copy, "-m", "transom", *arguments),
    ]


def _line(*words: str) -> str:
    return " ".join(map(quote, words))
