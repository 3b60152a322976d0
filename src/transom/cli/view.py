"""The page: a capture or a trace to look through, with the keys and without them.

Served to this machine alone until ^C, and opened in the browser; -o writes it as one file instead, to mail around.
What a browser shows of it is what `transom read` reads. A capture that is still being written (`tcpdump -w`) is
followed until its writer closes it.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from transom.cli.garbage import look_seldom
from transom.cli.options.looking import add_key_options, capture_path, looking_from_outside, named_as_typed
from transom.cli.options.page import add_page_options
from transom.cli.overwriting import refuse_to_overwrite
from transom.errors import Sentence

if TYPE_CHECKING:
    from transom.capture.growth import Growth
    from transom.cli.words import Lang
    from transom.dissect.telling import Looking
    from transom.web.model.opened import Kind, OpenedCapture


EXAMPLES = """examples:
  transom view trace.pcapng
  transom view --keylog keys.log capture.pcap
  transom view trace.pcapng -o report.html
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        "capture", metavar="CAPTURE", type=capture_path, help="a pcap or pcapng file, - for standard input"
    )
    add_key_options(parser)
    add_page_options(parser)
    parser.add_argument("--lang", metavar="LANG", help="en or ko; by the locale otherwise")


def run(options: argparse.Namespace) -> int:
    """Serve the page until SIGINT or SIGTERM, or write it."""
    from transom.capture.followed import await_first_bytes
    from transom.capture.source import spooled
    from transom.cli.pages import kind_of, leave_report, serve_until_stopped, tell
    from transom.cli.words import choose_language, words

    kind = kind_of(options)
    refuse_to_overwrite("--output", options.output, options.capture, Sentence("looked through"))
    lang = choose_language(options.lang, os.environ)
    look_seldom()
    with spooled(options.capture) as path, named_as_typed(path, options.capture):
        await_first_bytes(path, lambda: tell(words(lang), "view.waits", file=str(options.capture)))
        opened = _open(options, path, lang, kind)
        if options.output is not None:
            leave_report(opened, options.output, words(lang))
        else:
            serve_until_stopped(opened, words(lang), _say, no_browser=options.no_browser)
    return 0


def _open(options: argparse.Namespace, path: Path, lang: Lang, kind: Kind) -> OpenedCapture:
    from transom.cli.pages import Shown, open_page

    name = "-" if str(options.capture) == "-" else options.capture.name
    looking = looking_from_outside(options, hash_bodies=True)
    growth = None if options.output is not None else _followed(options, path, looking)
    return open_page(path, looking, Shown(name, lang, kind), secrets_inside=not options.without_keys, growth=growth)


def _followed(options: argparse.Namespace, path: Path, looking: Looking) -> Growth | None:
    """Nothing is heard where the keys are to be left out."""
    from transom.capture.followed import followed

    if options.without_keys:
        return followed(path, (), _unheard)
    logs: list[Path] = options.keylog
    return followed(path, logs, looking.keys.receive)


def _unheard(_text: bytes) -> None:
    pass


def _say(address: str) -> None:
    print(address, flush=True)
