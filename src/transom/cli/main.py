"""From the arguments to a sub-command, and from an error to its one line and exit code.

Nothing heavy is imported here: `transom --help` starts about as fast as Python does.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TextIO, cast

from transom.cli.exit_codes import InterruptTold, exit_code_of, write_error
from transom.errors import Sentence, TransomError, UsageError, reason_of
from transom.version import VERSION

if TYPE_CHECKING:
    import argparse

    from transom.cli.words import Words

WRITE_FAILED = 23
INTERRUPTED = 130

COLUMNS = 79
"""Of help, as argparse has it on a terminal of 80."""


class Command(NamedTuple):
    """A sub-command: the module that has it, what the overview says, whether its arguments stand between options."""

    module: str
    help: str
    intermixed: bool = False


COMMANDS = {
    "demo": Command("transom.cli.demo", "the whole story in seconds: one file over HTTP, TLS 1.2 and TLS 1.3"),
    "get": Command("transom.cli.get", "download files, and see how they came (--explain)", intermixed=True),
    "serve": Command("transom.cli.serve", "hand out a folder or a file over HTTPS"),
    "read": Command("transom.cli.read", "read a capture or a trace: conversations, fields, follow"),
    "view": Command("transom.cli.view", "look through a capture or a trace in the browser, with the keys and without"),
    "compare": Command(
        "transom.cli.compare", "a file by HTTP, TLS 1.2 and 1.3; or where two handshakes part", intermixed=True
    ),
    "run": Command("transom.cli.run", "run any program, and see what its TLS really did"),
    "ca": Command("transom.cli.ca", "your local CA: where it is, and a certificate from it"),
}


class CommandModule(Protocol):
    """What the module of a sub-command has."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare its arguments."""
        ...

    def run(self, options: argparse.Namespace) -> int:
        """Do it; the exit code."""
        ...


def run(arguments: Sequence[str] | None = None) -> int:
    """Parse, do, and say what went wrong."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if sys.stderr is None:  # closed (2>&-): what is told is told to nobody, least of all to standard output
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 (pathlib is slow to import; until the end)
    _replace_what_cannot_be_shown(sys.stdout)
    try:
        code = _dispatch(words)
        if sys.stdout is not None:  # closed
            sys.stdout.flush()  # here, where what goes wrong can still be told
    except TransomError as error:
        write_error(error, _words(words))
        return exit_code_of(error)
    except KeyboardInterrupt as interrupt:
        if not isinstance(interrupt, InterruptTold):
            write_error(TransomError("interrupted"), _words(words))
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough, as `head` does: no error. What is still buffered goes nowhere.
        _drop_output()
        return 0
    except OSError as error:
        _drop_output()
        path = error.filename or Sentence("the output")  # only what has no name is our own standard output
        write_error(
            TransomError("{path} cannot be written: {reason}", path=path, reason=reason_of(error)), _words(words)
        )
        return WRITE_FAILED
    return code


def _replace_what_cannot_be_shown(stream: TextIO | None) -> None:
    """Help too has signs that not every encoding has."""
    if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
        stream.reconfigure(errors="replace")


def _words(arguments: Sequence[str]) -> Words:
    from transom.cli.words import language_asked, words

    return words(language_asked(arguments, os.environ))


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(words: list[str]) -> int:
    if words[:1] in (["--version"], ["-V"]):
        print(f"transom {VERSION}")
        return 0
    if not words or words[0] in ("-h", "--help", "help"):
        print(overview())
        return 0
    name, *rest = words
    command = COMMANDS.get(name)
    if command is None:
        what = (
            "there is no command {name!r}; there are {commands}; options come after it"
            if name.startswith("-")
            else "there is no command {name!r}; there are {commands}"
        )
        raise UsageError(what, name=name, commands=", ".join(COMMANDS))
    return _run_command(name, command, rest)


def _run_command(name: str, command: Command, arguments: Sequence[str]) -> int:
    import gc
    import importlib
    import textwrap
    from argparse import RawDescriptionHelpFormatter
    from functools import partial

    from transom.cli.parser import Parser, WrongArguments

    # What is imported stays: to look through it for garbage, again and again, was a twentieth of the start.
    gc.disable()
    module = cast(CommandModule, importlib.import_module(command.module))
    parser = Parser(
        prog=f"transom {name}",
        description="\n\n".join(textwrap.fill(part, COLUMNS) for part in (module.__doc__ or "").split("\n\n")),
        allow_abbrev=False,
        # With the width given, argparse does not import half of `shutil` for every option that is declared.
        formatter_class=partial(RawDescriptionHelpFormatter, width=_help_columns()),
    )
    module.configure(parser)
    try:
        options = (parser.parse_intermixed_args if command.intermixed else parser.parse_args)(arguments)
    except WrongArguments as error:
        error.write(_words(arguments))
        return exit_code_of(error)
    except SystemExit as end:  # argparse has printed the help that was asked for
        return int(end.code or 0)
    gc.freeze()
    gc.enable()
    return module.run(options)


def _help_columns() -> int:
    """As argparse has it: two less than the terminal's, which COLUMNS may say."""
    try:
        columns = int(os.environ.get("COLUMNS", "")) or os.get_terminal_size().columns
    except (ValueError, OSError):
        columns = COLUMNS + 1
    return columns - 2


def overview() -> str:
    """What `transom --help` prints."""
    rows = "\n".join(f"  {name:<8}{command.help}" for name, command in COMMANDS.items())
    return (
        "usage: transom COMMAND [OPTIONS]\n\n"
        "Move a file over HTTPS, and see every byte of how it went.\n\n"
        f"{rows}\n\n"
        "transom COMMAND --help tells the options of one. Start with: transom demo"
    )
