"""Two transfers side by side: one file over HTTP, TLS 1.2 and TLS 1.3, or where two handshakes part.

A file of yours is moved on loopback, by our own engine at both ends; of an https:// URL the same is fetched by TLS 1.2
and by 1.3, and in the clear if an http:// URL is given as well. Two https:// URLs, two captures, or one of each: what
they have in common folded, what differs side by side, and the place where they first part with what it most likely
means ("works here, fails there").
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from transom.cli.compare_targets import Which, is_url
from transom.cli.exit_codes import exit_code_of, write_error
from transom.cli.options.file_name import file_name
from transom.cli.options.looking import add_key_options
from transom.cli.options.page import add_page_options
from transom.cli.overwriting import refuse_to_overwrite
from transom.errors import Sentence, TransferError, UsageError

if TYPE_CHECKING:
    from transom.cli.compare_page import Comparison
    from transom.cli.show.terminal import Terminal
    from transom.cli.words import Words
    from transom.trust.verdict import ProblemCode

EXAMPLES = """examples:
  transom compare picture.bin --view
  transom compare https://files.example/f.bin http://files.example/f.bin
  transom compare https://here.example/ https://there.example/
  transom compare good.pcapng bad.pcapng --conversation B:2 -o report.html
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        "targets", metavar="FILE|URL|CAPTURE", nargs="+", help="a file or one URL, or two URLs or captures"
    )
    parser.add_argument("--trace", metavar="FILE", type=file_name, help="leave a pcapng of what crossed, keys included")
    parser.add_argument("--view", action="store_true", help="show the page of them, side by side")
    parser.add_argument("--static-rsa", action="store_true", help="of a file: by TLS 1.2 with static RSA as well")
    parser.add_argument(
        "--conversation",
        metavar="A:N",
        action="append",
        default=[],
        help="of a capture: conversation N (default: the first of TLS, else the first)",
    )
    there = parser.add_argument_group("of a URL")
    there.add_argument("--tls-max", metavar="VERSION", choices=("1.2", "1.3"), default="1.3", help="1.2 or 1.3 at most")
    there.add_argument("-k", "--insecure", action="store_true", help="do not ask who the server is")
    add_key_options(parser)
    add_page_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--lang", metavar="LANG", help="en or ko; by the locale otherwise")


def run(options: argparse.Namespace) -> int:
    """Compare; 0 however much differs."""
    from transom.cli.show.terminal import Terminal
    from transom.cli.words import choose_language, words

    text = words(choose_language(options.lang, os.environ))
    targets: list[str] = options.targets
    if len(targets) > 2:
        raise UsageError(
            "{count} targets: one file or URL is compared with itself, or two with each other", count=len(targets)
        )
    _refuse_what_is_for_a_page(options)
    for target in targets:
        if not is_url(target):
            refuse_to_overwrite("--trace", options.trace, Path(target), Sentence("compared"))
            refuse_to_overwrite("--output", options.output, Path(target), Sentence("compared"))
    try:
        return _compared(options, text)
    except TransferError as error:
        if not (advice := _advice(error, text)):
            raise
        write_error(error, text)
        Terminal.on(sys.stderr, os.environ).paragraph(advice, 2)
        return exit_code_of(error)


def _compared(options: argparse.Namespace, text: Words) -> int:
    from transom.cli.show.terminal import DEFAULT_COLUMNS, FEWEST_COLUMNS, Terminal
    from transom.wire.escape import escape

    # The table of the ways is as wide as it is; what differs between two is folded beside each other.
    least = FEWEST_COLUMNS if _is_a_pair(options.targets) else DEFAULT_COLUMNS
    with _compare(options, Terminal.on(sys.stdout, os.environ, least), text) as comparison:
        sys.stdout.flush()
        if options.trace is not None:
            Terminal.on(sys.stderr, os.environ).line(text.say("trace.left", file=escape(str(options.trace))))
        if _wants_page(options):
            from transom.cli.compare_page import show_compared

            show_compared(options, comparison(), text)
    return 0


def _advice(error: TransferError, text: Words) -> str:
    """What can be done here about a server whose chain is not trusted: `get` has more options for it."""
    from transom.trust.verdict import UntrustedChain

    cause = error.__cause__
    key = _ADVICE.get(cause.verdict.problem) if isinstance(cause, UntrustedChain) and cause.verdict.problem else None
    return text.say(key) if key else ""


_ADVICE: dict[ProblemCode, str] = {
    "unknown_ca": "advice.unknown_ca",
    "missing_issuer": "advice.missing_issuer",
    "self_signed": "compare.self_signed",
}


def _compare(options: argparse.Namespace, terminal: Terminal, text: Words) -> AbstractContextManager[Comparison]:
    """What was compared can be looked through until the context is left."""
    targets: list[str] = options.targets
    chosen = _conversations(options.conversation)
    if _is_a_pair(targets):
        from transom.cli.compare_pair import compare_pair

        if options.static_rsa:
            raise UsageError("--static-rsa is for a file, which crosses on loopback")
        return compare_pair(options, targets, chosen, terminal, text)
    from transom.cli.compare_journeys import compare_file, compare_urls

    _refuse_what_is_for_captures(options)
    if is_url(targets[0]):
        return compare_urls(options, targets, terminal, text)
    return compare_file(options, Path(targets[0]), terminal, text)


def _wants_page(options: argparse.Namespace) -> bool:
    return options.view or options.output is not None


def _is_a_pair(targets: list[str]) -> bool:
    """Two to be held against each other. An https:// and an http:// URL are two ways to the same."""
    if len(targets) == 1:
        return False
    schemes = {target.partition("://")[0].lower() for target in targets if is_url(target)}
    return schemes != {"http", "https"}


def _conversations(given: list[str]) -> dict[Which, int]:
    chosen: dict[Which, int] = {}
    for text in given:
        found = re.fullmatch(r"(?:([AaBb]):)?([0-9]{1,9})", text)
        if found is None:
            raise UsageError("--conversation {text}: expected a number from 0, A:number or B:number", text=text)
        both: tuple[Which, ...] = ("a", "b")
        for which in both:
            if found[1] is None or found[1].lower() == which:
                chosen[which] = int(found[2])
    return chosen


def _refuse_what_is_for_a_page(options: argparse.Namespace) -> None:
    from transom.cli.pages import kind_of

    if not _wants_page(options):
        for name, value in {"--include-secrets": options.include_secrets, "--no-browser": options.no_browser}.items():
            if value:
                raise UsageError("{name} is for the page, which --view shows and -o writes", name=name)
    kind_of(options)
    if str(options.output) == "-":
        raise UsageError("-o -: the comparison is written there; name a file for the page")
    if (
        options.output is not None
        and options.trace is not None
        and options.output.absolute() == options.trace.absolute()
    ):
        raise UsageError("--trace and --output both name {path}", path=options.output)


def _refuse_what_is_for_captures(options: argparse.Namespace) -> None:
    # The columns of several ways are of both observers; a page can be of the one.
    without_keys = options.without_keys and not _wants_page(options)
    given = {"--conversation": options.conversation, "--keylog": options.keylog, "--private-key": options.private_key,
             "--without-keys": without_keys}  # fmt: skip
    for name, value in given.items():
        if value:
            raise UsageError("{name} is for two captures, or a capture and a URL", name=name)
