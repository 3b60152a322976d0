"""What is in a capture, a line a conversation, or everything about each of them."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from transom.cli.garbage import look_seldom
from transom.cli.options.looking import add_key_options, capture_path, looking_of, named_as_typed
from transom.errors import UsageError

if TYPE_CHECKING:
    from transom.capture.conversation import CaptureSummary

EXIT_LOST = 18
"""curl's number for a partial file."""

EXAMPLES = """examples:
  transom read trace.pcapng
  transom read --keylog keys.log capture.pcap
  transom read --follow 0 trace.pcapng
  tcpdump -i any -w - port 443 | transom read -
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = EXAMPLES
    parser.add_argument(
        "capture", metavar="CAPTURE", type=capture_path, help="a pcap or pcapng file, - for standard input"
    )
    add_key_options(parser)
    shown = parser.add_argument_group("what is shown").add_mutually_exclusive_group()
    shown.add_argument("--tree", action="store_true", help="each message with every field")
    shown.add_argument("--packets", action="store_true", help="the packet list")
    shown.add_argument("--follow", metavar="N", type=int, help="what both sides of conversation N said")
    shown.add_argument("--json", action="store_true", help="one JSON object a line")
    follow = parser.add_argument_group("with --follow")
    follow.add_argument("--as", dest="form", choices=("text", "hex", "raw"), help="text is the default")
    follow.add_argument("--on-the-wire", action="store_true", help="the bytes as they crossed, not decrypted")
    parser.add_argument("--lang", metavar="LANG", help="en or ko; by the locale otherwise")


def run(options: argparse.Namespace) -> int:
    """Read the capture; 18 when bytes were lost. Raises CaptureError for a file that cannot be read."""
    from transom.capture.source import spooled
    from transom.dissect.captured import anything_lost

    _check(options)
    look_seldom()
    with spooled(options.capture) as path, named_as_typed(path, options.capture):
        return EXIT_LOST if anything_lost(_show(options, path)) else 0


def _check(options: argparse.Namespace) -> None:
    if options.follow is None and (options.form or options.on_the_wire):
        raise UsageError("--as and --on-the-wire belong to --follow N")
    if options.follow is not None and options.follow < 0:
        raise UsageError("--follow {number}: conversations are counted from 0", number=options.follow)


def _show(options: argparse.Namespace, path: Path) -> CaptureSummary:
    from transom.cli.show.terminal import Terminal
    from transom.cli.words import choose_language, words

    catalogue = words(choose_language(options.lang, os.environ))
    terminal = Terminal.on(sys.stdout, os.environ)
    looking = looking_of(options, path, hash_bodies=options.json)
    if options.packets:
        from transom.cli.read_packets import show_packets

        return show_packets(path, looking, terminal, catalogue)
    if options.json:
        from transom.cli.read_json import write_json

        return write_json(path, looking, sys.stdout)
    if options.tree:
        from transom.cli.read_tree import show_trees

        return show_trees(path, looking, terminal, catalogue)
    if options.follow is not None:
        from transom.cli.read_follow import follow

        return follow(
            path, looking, options.follow, options.form or "text", terminal, catalogue, on_the_wire=options.on_the_wire
        )
    from transom.cli.read_table import show_table

    return show_table(path, looking, terminal, catalogue)
