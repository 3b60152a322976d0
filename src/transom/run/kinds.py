"""What kind of program a command is, as far as its name and its file tell: some take notice of no proxy variables, some
log no keys, and what helps is another thing for each.
"""

from __future__ import annotations

import mmap
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from transom.run.programs import Program

Kind = Literal["chromium", "firefox", "go", "java", "node", "openssl", "pip", "python", "rustls", "other"]

_BY_NAME: tuple[tuple[str, Kind], ...] = (
    (r"chromium(-browser)?|chrome|google-chrome(-[a-z]+)?|brave-browser|microsoft-edge(-[a-z]+)?", "chromium"),
    (r"firefox(-esr)?", "firefox"),
    (r"go", "go"),
    (r"java|jshell|keytool|ant|mvnw?|gradlew?|sbt|kotlin|scala", "java"),
    (r"node|nodejs|npm|npx|yarn|pnpm", "node"),
    (r"openssl", "openssl"),
    (r"pip[0-9.]*", "pip"),
    (r"python[0-9.]*|pypy[0-9.]*", "python"),
)

_IN_FILE: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff Go buildinf:", "go"),  # debug/buildinfo: every program that Go has linked begins its data with it
    (b"/rustls-", "rustls"),  # the paths of a crate's source, which its panics name
)

_SHEBANG = re.compile(rb"#![ \t]*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?")


def kind_of(command: str, environ: Mapping[str, str]) -> Kind:
    """The kind of what is run by that word, under `environ`'s PATH."""
    if kind := _by_name(command):
        return kind
    found = shutil.which(command, path=environ.get("PATH"))
    if found is None:
        return "other"
    try:
        with Path(found).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _by_content(content)
    except (OSError, ValueError):  # unreadable, or empty
        return "other"


def kind_of_program(program: Program) -> Kind:
    """The kind of what runs already."""
    return _by_name(program.name) or kind_of(program.file, {})


def _by_content(content: mmap.mmap) -> Kind:
    if interpreter := _SHEBANG.match(content):
        return _by_name(_last_word(interpreter)) or "other"
    for mark, kind in _IN_FILE:
        if content.find(mark) >= 0:
            return kind
    return "other"


def _by_name(path: str) -> Kind | None:
    name = os.path.basename(path)  # noqa: PTH119 (of a word, which may be no path)
    return next((kind for pattern, kind in _BY_NAME if re.fullmatch(pattern, name)), None)


def _last_word(interpreter: re.Match[bytes]) -> str:
    """`#!/usr/bin/env node` names node."""
    program, argument = (os.fsdecode(word or b"") for word in interpreter.groups())
    return argument if os.path.basename(program) == "env" else program  # noqa: PTH119
