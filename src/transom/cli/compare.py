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
from pathlib import Path
from typing import Literal

from transom.cli.options.looking import add_key_options
from transom.errors import UsageError

EXAMPLES = """examples:
  transom compare picture.bin
  transom compare https://files.example/f.bin http://files.example/f.bin
  transom compare https://here.example/ https://there.example/
  transom compare good.pcapng bad.pcapng --conversation A:0 --conversation B:2
"""

Which = Literal["a", "b"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        "targets", metavar="FILE|URL|CAPTURE", nargs="+", help="a file or one URL, or two URLs or captures"
    )
    parser.add_argument(
        "-o", "--trace", metavar="FILE", type=Path, help="leave a pcapng of what crossed, keys included"
    )
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
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--lang", metavar="LANG", help="en or ko; by the locale otherwise")


def run(options: argparse.Namespace) -> int:
    """Compare; 0 however much differs."""
    from transom.cli.show.terminal import Terminal
    from transom.cli.words import choose_language, words

    text = words(choose_language(options.lang, os.environ))
    terminal = Terminal.on(sys.stdout, os.environ)
    targets: list[str] = options.targets
    chosen = _conversations(options.conversation)
    if len(targets) > 2:
        raise UsageError(f"{len(targets)} targets: one file or URL is compared with itself, or two with each other")
    _refuse_to_overwrite(options.trace, targets)
    if _is_a_pair(targets):
        from transom.cli.compare_pair import compare_pair

        if options.static_rsa:
            raise UsageError("--static-rsa is for a file, which crosses on loopback")
        compare_pair(options, targets, chosen, terminal, text)
    else:
        from transom.cli.compare_journeys import compare_file, compare_urls

        _refuse_what_is_for_captures(options)
        if is_url(targets[0]):
            compare_urls(options, targets, terminal, text)
        else:
            compare_file(options, Path(targets[0]), terminal, text)
    if options.trace is not None:
        from transom.wire.escape import escape

        Terminal.on(sys.stderr, os.environ).line(text.say("trace.left", file=escape(str(options.trace))))
    return 0


def is_url(target: str) -> bool:
    """Whether it is one by its looks; of what is none a file has the name."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", target) is not None


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
            raise UsageError(f"--conversation {text}: expected a number from 0, A:number or B:number")
        both: tuple[Which, ...] = ("a", "b")
        for which in both:
            if found[1] is None or found[1].lower() == which:
                chosen[which] = int(found[2])
    return chosen


def _refuse_to_overwrite(trace: Path | None, targets: list[str]) -> None:
    """A trace takes the place of an earlier one, which may be what is to be compared."""
    for target in targets:
        there = Path(target)
        if trace is not None and not is_url(target) and trace.exists() and there.exists() and trace.samefile(there):
            raise UsageError(f"--trace {trace} would take the place of what is to be compared")


def _refuse_what_is_for_captures(options: argparse.Namespace) -> None:
    given = {"--conversation": options.conversation, "--keylog": options.keylog, "--private-key": options.private_key,
             "--without-keys": options.without_keys}  # fmt: skip
    for name, value in given.items():
        if value:
            raise UsageError(f"{name} is for two captures, or a capture and a URL")
