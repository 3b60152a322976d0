"""The parser of a sub-command's arguments: argparse's own, which hands over what was wrong instead of printing it."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
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
    "invalid int value: {value}",
    "invalid float value: {value}",
    "invalid port value: {number}",
    "invalid count value: {value}",
    "invalid {kind} value: {value}",
    "expected one argument",
    "expected at least one argument",
    "expected {count} arguments",
    "ignored explicit argument {value}",
    "not allowed with argument {argument}",
    "{text} is no size: expected bytes, such as 500, 10M or 2G",
    "{number} is not a port: expected 0 to 65535",
    "{value} is a URL, not a capture: transom get --explain and compare take URLs",
    "{number} serve nobody: expected 1 or more",
    "'' names nothing: expected a folder or a file, such as .",
    "'' names nothing: expected the name of a file",
)
"""What argparse says, and the types of ours in its name: it tells nobody more than the finished English."""

PLAINER = {
    "invalid int value: {value}": "{value} is no whole number: expected one such as 3",
    "invalid float value: {value}": "{value} is no number: expected one such as 30 or 2.5",
    "invalid port value: {number}": "{number} is not a port: expected 0 to 65535",
    "invalid count value: {value}": "{value} is no whole number: expected one such as 3",
}
"""What is said in the place of some: a name of Python's, or of ours in the code, is none for people."""


class WrongArguments(UsageError):
    """Arguments that do not parse; `advice` has what may help, a sentence a line."""

    def __init__(self, program: str, what: Sentence, advice: Sequence[Sentence]) -> None:
        super().__init__("{program}: error: {what}", program=program, what=what)
        self.advice = advice

    def write(self, words: Words) -> None:
        """What was wrong comes first: the usage of a command with fifty options would hide it."""
        print(escape_message(words.tell(self)), file=sys.stderr)
        for sentence in self.advice:
            print(f"  {escape_message(words.tell(sentence))}", file=sys.stderr)


class Parser(argparse.ArgumentParser):
    """Raises WrongArguments where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        """What was wrong, in English."""
        what = _taken_apart(message)
        options = [option for action in self._actions for option in action.option_strings]
        advice = [*_meant(what, options), Sentence("{program} --help tells how it is used", program=self.prog)]
        raise WrongArguments(self.prog, what, advice)


CURLS = {
    "-v": "--explain", "--verbose": "--explain", "-i": "--explain", "-w": "--json", "--write-out": "--json",
    "-A": "--header", "--user-agent": "--header", "-e": "--header", "--referer": "--header", "-b": "--header",
    "--retry-all-errors": "--retry", "--retry-connrefused": "--retry", "--retry-delay": "--retry",
    "-c": "--continue-at", "-q": "--silent", "-P": "--output-dir",
}  # fmt: skip
"""What curl has under another name, or what comes nearest to it here; in the last line wget's."""


def _meant(what: Sentence, options: Sequence[str]) -> Iterator[Sentence]:
    """For an option that there is not: what it may be by curl's name; for a long one, what looks most like it."""
    from difflib import get_close_matches

    if what.template == "unrecognized arguments: {arguments}":
        words = str(what.values["arguments"]).split(" ")
        for here in (CURLS[word] for word in words if word in CURLS and CURLS[word] in options):
            yield Sentence("did you mean {option}?", option=here)
            return
        unknown = next((word.partition("=")[0] for word in words if word.startswith("--")), "")
        # Without their hyphens, which are alike in all.
        known = {option.lstrip("-"): option for option in options if option.startswith("--")}
        for name in get_close_matches(unknown.lstrip("-"), known, 1):
            yield Sentence("did you mean {option}?", option=known[name])


def _taken_apart(message: str) -> Sentence:
    """The template that `message` was made from, with what stands in its places."""
    for template in COMPLAINTS:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*?)", re.escape(template))
        if found := re.fullmatch(pattern, message, re.DOTALL):
            values = found.groupdict()
            within = {"what": _taken_apart(values["what"])} if "what" in values else {}
            return Sentence(PLAINER.get(template, template), **values | within)
    return Sentence(message)
