"""The notes about going on: where a download goes on, why it starts over, what is kept, when it is tried again."""

from __future__ import annotations

from collections.abc import Sequence

from transom.cli.show.terminal import Terminal
from transom.cli.words import Words
from transom.transfer.resume import GoesOn, Kept, Notice, NotKept, StartsOver, TriesAgain
from transom.wire.escape import escape_message


class Notes:
    """Writes notices on `terminal` as they come, but what is kept of a download after the error that it failed by.

    With the name of the download where there are several; `names` has them by their numbers, from 0.
    """

    def __init__(self, terminal: Terminal, words: Words, names: Sequence[str] = ("",)) -> None:
        self._terminal = terminal
        self._words = words
        self._names = names
        self._held: dict[int, Kept | NotKept] = {}

    def take(self, number: int, notice: Notice) -> None:
        """The next notice of a download."""
        if isinstance(notice, Kept | NotKept):
            self._held[number] = notice
            return
        self._held.pop(number, None)  # the next attempt says where it goes on
        self._write(number, notice)

    def failed(self, number: int) -> None:
        """Why it failed was told: now what is kept of it."""
        if notice := self._held.pop(number, None):
            self._write(number, notice)

    def over(self) -> None:
        """The same of those that were given up for another's sake, or with all the rest."""
        for number in sorted(self._held):
            self.failed(number)

    def _write(self, number: int, notice: Notice) -> None:
        text, name = _text(notice, self._words), self._names[number]
        self._terminal.paragraph(f"{name}: {text}" if name else text, 0)


def _text(notice: Notice, words: Words) -> str:
    match notice:
        case GoesOn(start, length):
            return words.say("resume.goes_on", where=_share(start, length, words))
        case StartsOver(reason):
            return words.say("resume.starts_over", why=words.say(f"resume.{reason}"))
        case Kept(count, length):
            return (
                words.say("resume.kept", what=_share(count, length, words))
                if length
                else words.count("resume.kept_bytes", count)
            )
        case NotKept():
            return words.say("resume.not_kept")
        case TriesAgain(error, seconds, number, most):
            why = escape_message(words.tell(error))
            return words.say("resume.tries_again", why=why, seconds=f"{seconds:.1f}", number=number, most=most)


def _share(count: int, length: int | None, words: Words) -> str:
    """How much of the file: rounded down, since 100 % would be all of it."""
    return f"{100 * count // length} %" if length else words.count("http.bytes", count)
