"""The notes about going on: where a download goes on, why it starts over, what is kept, when it is tried again."""

from __future__ import annotations

from transom.cli.show.terminal import Terminal
from transom.cli.words import Words
from transom.transfer.resume import GoesOn, Kept, Notice, NotKept, StartsOver, TriesAgain
from transom.wire.escape import escape_message


def write_notice(terminal: Terminal, words: Words, notice: Notice, name: str = "") -> None:
    """A line or two on `terminal`; with the `name` of the download where there are several."""
    text = _text(notice, words)
    terminal.paragraph(f"{name}: {text}" if name else text, 0)


def _text(notice: Notice, words: Words) -> str:
    match notice:
        case GoesOn(start, length):
            return words.say("resume.goes_on", where=_share(start, length, words))
        case StartsOver(reason):
            return words.say("resume.starts_over", why=words.say(f"resume.{reason}"))
        case Kept(count, length):
            return words.say("resume.kept", what=_share(count, length, words))
        case NotKept():
            return words.say("resume.not_kept")
        case TriesAgain(error, seconds, number, most):
            why = escape_message(words.tell(error))
            return words.say("resume.tries_again", why=why, seconds=f"{seconds:.1f}", number=number, most=most)


def _share(count: int, length: int | None, words: Words) -> str:
    """How much of the file: rounded down, since 100 % would be all of it."""
    return f"{100 * count // length} %" if length else words.count("http.bytes", count)
