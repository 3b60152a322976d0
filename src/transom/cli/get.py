"""Download over HTTP or HTTPS: each file whole under its name, or not at all.

It is saved in this folder under its URL's last name, and never over another file unless -o names it. Several URLs are
fetched one after the other, or at once with -Z; one that fails does not stop the others.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from transom.cli.exit_codes import InterruptTold
from transom.cli.lookers import Lookers, looked_on
from transom.cli.options.file_name import file_name
from transom.cli.options.login import add_login_options
from transom.cli.options.patience import add_patience_options
from transom.cli.options.several import add_several_options, bounds_of
from transom.cli.options.tls import add_client_options, has_tls_options
from transom.cli.options.way import Channels, add_way_options, road_of
from transom.cli.options.whole_file import add_whole_file_options
from transom.cli.requests import refuse_trace_as_target, requests_of
from transom.cli.show.terminal import Terminal
from transom.cli.watching import Teller
from transom.cli.words import Words, choose_language, words
from transom.transfer.request import GetRequest
from transom.transfer.several import check, run_several
from transom.transfer.url import parse_url
from transom.wire.escape import escape

EXAMPLES = """examples:
  transom get https://files.example/f.bin
  transom get --explain --cacert ca.pem https://localhost:8443/f.bin
  transom get -o - http://localhost:8080/f.bin | sha256sum
  transom get -Z https://files.example/1.jpg https://files.example/2.jpg
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.epilog = EXAMPLES
    parser.add_argument("urls", metavar="URL", nargs="+")
    parser.add_argument(
        "-o",
        "--output",
        dest="outputs",
        metavar="FILE",
        action="append",
        default=[],
        help="save as FILE, over another too; - is standard output; the nth of -o and -O is for the nth URL",
    )
    parser.add_argument("-H", "--header", metavar="LINE", action="append", default=[], help="one more request header")
    parser.add_argument("--sha256", action="store_true", help="hash the file as it comes (costs as much as the cipher)")
    parser.add_argument(
        "-O",
        "--remote-name",
        dest="outputs",
        action="append_const",
        const=None,
        help="save under the URL's last name (the default)",
    )
    parser.add_argument("-f", "--fail", action="store_true", help="save no page that only tells an error (never done)")
    parser.add_argument(
        "-J",
        "--remote-header-name",
        action="store_true",
        help="save under the name the server gives, where no -o names one",
    )
    parser.add_argument("-r", "--range", metavar="A-B", help="these bytes alone: 0-499, 500- or -500")
    add_several_options(parser)
    add_way_options(parser)
    add_login_options(parser)
    add_whole_file_options(parser)
    add_patience_options(parser)
    look = parser.add_argument_group("looking on")
    look.add_argument("--explain", action="store_true", help="tell each step while it happens")
    look.add_argument("--tree", action="store_true", help="the same with every field of every message")
    look.add_argument("--trace", metavar="FILE", type=file_name, help="leave a pcapng that Wireshark opens decrypted")
    look.add_argument("--view", action="store_true", help="show the page, which fills while it happens")
    look.add_argument("--json", action="store_true", help="a line of JSON for each URL when it is done")
    look.add_argument("-s", "--silent", action="store_true", help="no progress and no notes")
    look.add_argument("-S", "--show-error", action="store_true", help="with -s: errors all the same (done anyway)")
    look.add_argument("--lang", metavar="LANG", help="en or ko (default: by the locale)")
    add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Download."""
    text = words(choose_language(options.lang, os.environ))
    bounds, requests = bounds_of(options), requests_of(options)
    check(requests, bounds)  # before a trace takes the place of another
    refuse_trace_as_target(options, requests)
    with looked_on(options, text, _page_name(requests), stays=True) as lookers:
        try:
            return _download(options, requests, lookers, text)
        finally:
            if options.trace is not None and not options.silent:
                Terminal.on(sys.stderr, os.environ).line(text.say("trace.left", file=escape(str(options.trace))))


def _download(options: argparse.Namespace, requests: Sequence[GetRequest], lookers: Lookers, text: Words) -> int:
    if options.explain or options.tree:
        # Imported here: looking on takes as long to import as all the rest.
        from transom.cli.get_explained import download_explained

        return download_explained(options, requests, lookers, text)
    road = replace(road_of(options, _channels(options, requests, lookers)), tap_factory=lambda: lookers.tap(None))
    teller = Teller(options, requests, text)
    try:
        return teller.over(run_several(requests, road, teller, bounds_of(options)))
    except KeyboardInterrupt as interrupt:
        teller.interrupted()
        raise InterruptTold from interrupt


def _page_name(requests: Sequence[GetRequest]) -> str:
    """The hosts alone: the rest of a URL may be a secret."""
    return ", ".join(dict.fromkeys(parse_url(request.url).host for request in requests))


def _channels(options: argparse.Namespace, requests: Sequence[GetRequest], lookers: Lookers) -> Channels:
    """What speaks TLS, if anything has to: importing it takes as long as the rest of a download's start."""
    plain = not any(parse_url(request.url).secure for request in requests)
    if plain and not options.location and not has_tls_options(options):
        return None, None
    from transom.cli.channels import channel_factories
    from transom.cli.roots import roots_of

    return channel_factories(options, lookers.keylog(wanted=False), roots_of(options))
