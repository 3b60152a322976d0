"""What a person, or a program, is told of downloads while they come."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from transom.cli.asked import asked
from transom.cli.exit_codes import exit_code_of, write_error
from transom.cli.progress import Bar, Nothing, Shown, Summary
from transom.cli.resuming import Notes
from transom.cli.show.figures import SECOND
from transom.cli.show.saved import Saved, write_saved
from transom.cli.show.terminal import Terminal
from transom.cli.transfer_lines import print_problem, print_transfer
from transom.cli.words import Words
from transom.errors import TransomError
from transom.files.sink import STDOUT
from transom.transfer.download import Progress
from transom.transfer.request import GetRequest
from transom.transfer.result import TransferResult, TransferTimes
from transom.transfer.resume import GoesOn, Notice, StartsOver
from transom.transfer.several import Outcome
from transom.transfer.target import target_of
from transom.wire.escape import escape


class Teller:
    """Tells it, as `options` have it, and of which download it is where there are several. A `Watcher`."""

    def __init__(self, options: argparse.Namespace, requests: Sequence[GetRequest], words: Words) -> None:
        self._options = options
        self._requests = requests
        self._words = words
        self._terminal = Terminal.on(sys.stderr, os.environ)
        self._names = [_name(request) for request in requests] if len(requests) > 1 else [""]
        self._shown = self._progress()
        self._notes = Notes(self._terminal, words, self._names)

    def begins(self, number: int) -> Progress | None:
        return self._shown.begins(number)

    def notice(self, number: int, notice: Notice) -> None:
        match notice:
            case GoesOn(start, _):
                self._shown.stands_at(number, start)
            case StartsOver():
                self._shown.stands_at(number, 0)
            case _:
                pass
        if not self._options.silent:
            self._shown.clear()
            self._notes.take(number, notice)

    def saved(self, number: int, result: TransferResult) -> None:  # noqa: ARG002  (Watcher's signature)
        self._shown.saved()
        self._shown.clear()
        if self._options.json:
            print_transfer(self._options, result)
        elif not self._options.silent:
            write_saved(self._terminal, self._words, saved_of(result))

    def failed(self, number: int, error: TransomError, times: TransferTimes | None) -> None:
        self._shown.clear()
        request = self._requests[number]
        url = request.url
        write_error(error, self._words, f"{url}: " if len(self._requests) > 1 else "")
        if not self._options.silent:
            self._advise(error, request)
        self._notes.failed(number)
        if self._options.json:
            print_problem(self._options, url, error, times)

    def _advise(self, error: TransomError, request: GetRequest) -> None:
        from transom.cli.show.advice import advice_of  # here: of chains nothing is known where none was judged

        cause = error.__cause__ if isinstance(error.__cause__, TransomError) else error
        if advice := advice_of(cause, self._words, asked(self._options, request)):
            self._terminal.paragraph(advice, 2)

    def interrupted(self) -> None:
        """They were, and nothing more will come."""
        self._shown.clear()
        write_error(TransomError("interrupted"), self._words)
        self._notes.over()

    def over(self, outcomes: Sequence[Outcome]) -> int:
        """They are over; the exit code."""
        self._shown.clear()
        self._notes.over()
        if not self._options.silent:
            saved = sum(isinstance(outcome, TransferResult) for outcome in outcomes)
            write_balance(self._terminal, self._words, saved, len(outcomes))
        return next((exit_code_of(outcome) for outcome in outcomes if isinstance(outcome, TransomError)), 0)

    def _progress(self) -> Shown:
        if self._options.silent or not sys.stderr.isatty():
            return Nothing()
        if os.isatty(1) and STDOUT in map(target_of, self._requests):
            return Nothing()  # as in curl: the data is what one sees there, and a bar would stand in its midst
        if self._options.parallel and len(self._requests) > 1:
            return Summary(sys.stderr, len(self._requests), self._words)
        return Bar(sys.stderr, self._names)


def write_balance(terminal: Terminal, words: Words, saved: int, count: int) -> None:
    """How many of them are here, if they are not all."""
    if saved < count > 1:
        terminal.line(words.say("several.balance", saved=saved, count=count))


def saved_of(result: TransferResult) -> Saved:
    """What a person is told of it."""
    before = result.resumed_from or 0
    return Saved(result.path, result.bytes, int(result.times.total * SECOND), result.sha256, result.verified, before)


def _name(request: GetRequest) -> str:
    """What to call it by, short: its file's name, its URL while that is not known."""
    target = target_of(request)
    return escape(request.url if target is None else Path(target).name)
