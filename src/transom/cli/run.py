"""Run a program and tell, when it has ended, what its connections did: no root, no certificate, its own TLS.

The program is led through a tunnel on loopback (HTTPS_PROXY and the like), which forwards every byte as it is, and logs
its keys to a private file (SSLKEYLOGFILE). Its input, output, terminal, signals and exit code are its own.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from transom.cli.options.file_name import file_name
from transom.errors import MayNotCapture, TransomError, UsageError, reason_of

if TYPE_CHECKING:
    from transom.cli.live_page import LivePage
    from transom.run.child import Ended
    from transom.run.signals import Held

_COMMAND_FAILED_BY_SIGNAL = 128


EXAMPLES = """examples:
  transom run curl -O https://files.example/f.bin
  transom run --explain --trace git.pcapng git clone https://files.example/r.git
  transom run --python -- python3 -m pip download six
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        "--trace", metavar="FILE", type=file_name, help="leave a pcapng of every connection, keys included"
    )
    parser.add_argument("--view", action="store_true", help="show the page, which fills while the command runs")
    parser.add_argument("--explain", action="store_true", help="tell each step of each conversation")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, not words")
    parser.add_argument(
        "--summary", metavar="FILE", type=file_name, help="what is told goes to FILE, not to standard error"
    )
    parser.add_argument("-s", "--silent", action="store_true", help="tell nothing; for --trace")
    parser.add_argument("--sha256", action="store_true", help="hash what was transferred")
    parser.add_argument(
        "--cacert", metavar="FILE", type=file_name, help="judge chains by the certificates in FILE as well"
    )
    parser.add_argument("--keep-no-proxy", action="store_true", help="keep NO_PROXY: those hosts are not seen")
    parser.add_argument("--python", action="store_true", help="see Python programs that ignore a proxy, from within")
    parser.add_argument("--java", action="store_true", help="lead Java programs, which ignore the proxy variables, too")
    parser.add_argument(
        "--java-agent",
        metavar="JAR",
        type=file_name,
        help="as --java, and JAR logs their keys (extract-tls-secrets, for one)",
    )
    parser.add_argument(
        "--capture",
        action="store_true",
        help="see programs that ignore a proxy by their packets (Linux, CAP_NET_RAW)",
    )
    parser.add_argument(
        "--grace",
        metavar="SECONDS",
        type=float,
        default=5.0,
        help="how long what runs on in the background keeps the tunnel (default: 5)",
    )
    parser.add_argument("--lang", metavar="LANG", help="en or ko; by the locale otherwise")
    parser.add_argument("command", metavar="COMMAND", nargs=argparse.REMAINDER, help="what to run, with its arguments")


def run(options: argparse.Namespace) -> int:
    """Run it; its exit code. Ends by the same signal where the program did."""
    from transom.run.signals import Held, end_by

    words = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not words:
        raise UsageError("run what? transom run [OPTIONS] [--] COMMAND ARGS…")
    if not options.grace >= 0:  # which is so of NaN too
        raise UsageError("--grace {seconds:g}: expected seconds, 0 or more", seconds=options.grace)
    for option in ("python", "java", "keep_no_proxy"):
        if options.capture and getattr(options, option):
            name = f"--{option.replace('_', '-')}"
            raise UsageError(
                "{name} is about the tunnel, and with --capture there is none: take one or the other", name=name
            )
    signals = Held()
    try:
        with _page(options, words) as page:
            ended = _run(options, words, signals, page)
            if page is not None:
                page.stay(signals.release)  # ^C is ours again: it ends the page
        signals.forget()
    except MayNotCapture as error:
        return _refused(options, error)
    finally:
        signals.release()
    if ended.signal is None:
        return ended.code or 0
    end_by(ended.signal)
    return _COMMAND_FAILED_BY_SIGNAL + ended.signal


def _refused(options: argparse.Namespace, error: MayNotCapture) -> int:
    """The error, and what to type; the exit code."""
    from transom.cli.exit_codes import exit_code_of, write_error
    from transom.cli.run_rights import write_lines_to_type
    from transom.cli.words import choose_language, words

    text = words(choose_language(options.lang, os.environ))
    write_error(error, text)
    write_lines_to_type(sys.argv[1:], text)
    return exit_code_of(error)


@contextmanager
def _page(options: argparse.Namespace, command: list[str]) -> Generator[LivePage | None]:
    """The page that `--view` shows, from before the command begins until who looks at it has seen enough."""
    if not options.view:
        yield None
        return
    from transom.cli.live_page import LivePage, Showing
    from transom.cli.words import choose_language, words

    text = words(choose_language(options.lang, os.environ))
    showing = Showing(Path(command[0]).name, text.lang, table=True, cacert=options.cacert)
    with LivePage(options.trace, showing, text, packets=options.capture) as page:
        yield page


def _run(options: argparse.Namespace, words: list[str], signals: Held, page: LivePage | None) -> Ended:
    import asyncio

    from transom.cli.run_telling import telling_of
    from transom.run.java import ForJava
    from transom.run.running import Command, run_command

    command = Command(
        words,
        os.environ,
        signals,
        keep_no_proxy=options.keep_no_proxy,
        grace=options.grace,
        taps=options.python,
        capture=options.capture,
        java=ForJava(options.java or options.java_agent is not None, options.java_agent),
    )
    ended = None
    try:
        with telling_of(options, words[0], page) as telling:
            if page is not None:
                page.start()
            ended = asyncio.run(run_command(command, telling.watch))
            telling.ended(ended)
    except OSError as error:
        if ended is None:
            raise
        _not_told(error, options)
    finally:
        if page is not None:
            page.over()
    return ended


def _not_told(error: OSError, options: argparse.Namespace) -> None:
    """The exit code is the command's all the same."""
    from transom.cli.exit_codes import write_error
    from transom.cli.words import choose_language, words

    untold = TransomError("what was seen cannot be told: {reason}", reason=reason_of(error))
    write_error(untold, words(choose_language(options.lang, os.environ)))
