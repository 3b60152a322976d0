"""The parser of a sub-command's arguments: argparse's own, which hands over what was wrong instead of printing it."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, NoReturn

from transom.errors import Sentence, UsageError
from transom.wire.escape import escape_message

if TYPE_CHECKING:
    from transom.cli.words import Words

COMPLAINTS = (
    "argument {argument}: {what}",
    "unrecognized arguments: {arguments}",
    "the following arguments are required: {arguments}",
    "invalid choice: {value} (choose from {choices})",
    "invalid {kind} value: {value}",
    "expected one argument",
    "expected at least one argument",
    "expected {count} arguments",
    "ignored explicit argument {value}",
    "not allowed with argument {argument}",
    "{text} is no size: expected bytes, such as 500, 10M or 2G",
    "{number} is not a port: expected 0 to 65535",
    "{number} serve nobody: expected 1 or more",
)
"""What argparse says, and the types of ours in its name: it tells nobody more than the finished English."""


class WrongArguments(UsageError):
    """Arguments that do not parse; `usage` is how they may stand."""

    def __init__(self, program: str, what: Sentence, usage: str) -> None:
        super().__init__("{program}: error: {what}", program=program, what=what)
        self.usage = usage

    def write(self, words: Words) -> None:
        """As argparse has it."""
        print(self.usage + escape_message(words.tell(self)), file=sys.stderr)


class Parser(argparse.ArgumentParser):
    """Raises WrongArguments where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        """What was wrong, in English."""
        raise WrongArguments(self.prog, _taken_apart(message), self.format_usage())


def _taken_apart(message: str) -> Sentence:
    """The template that `message` was made from, with what stands in its places."""
    for template in COMPLAINTS:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*?)", re.escape(template))
        if found := re.fullmatch(pattern, message, re.DOTALL):
            values = found.groupdict()
            return Sentence(template, **values | {"what": _taken_apart(values["what"])} if "what" in values else values)
    return Sentence(message)
