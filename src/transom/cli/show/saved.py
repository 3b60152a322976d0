"""The one line of every download that went well."""

from __future__ import annotations

from typing import Literal

from transom.cli.show.figures import short_digest, transfer_time
from transom.cli.show.terminal import HOLDS, Terminal
from transom.cli.words import Words
from transom.files.sink import STDOUT
from transom.value import value
from transom.wire.escape import escape


@value
class Saved:
    """What a download left: `duration` in nanoseconds, `sha256` in hex if it was asked for, `verified` by what.

    Of its `length` so much as `before` was here already, from a download that was interrupted.
    """

    name: str
    length: int
    duration: int
    sha256: str | None = None
    verified: Literal["checksum", "digest"] | None = None
    before: int = 0


def write_saved(terminal: Terminal, words: Words, saved: Saved) -> None:
    """The one line of every download that went well."""
    terminal.paragraph(_saved_line(saved, words), 0)


def _saved_line(saved: Saved, words: Words) -> str:
    size = words.count("http.bytes", saved.length)
    time = transfer_time(saved.duration, words)
    name = words.say("saved.stdout") if saved.name == STDOUT else escape(saved.name)
    if 0 < saved.before < saved.length:  # the time is that of the rest
        rest = f"{saved.length - saved.before:,}"
        line = f"{name}  {words.say('saved.rest', bytes=size, rest=rest, time=time)}"
    else:
        line = f"{name}  {words.say('saved.line', bytes=size, time=time)}"
    if saved.sha256:
        line += f"  SHA-256 {short_digest(saved.sha256)}"
    match saved.verified:
        case "checksum":
            return f"{line} {HOLDS} {words.say('saved.as_checksum')}"
        case "digest":
            return f"{line} {HOLDS} {words.say('saved.as_digest')}"
        case None:
            return line
