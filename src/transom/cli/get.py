"""Download one file over HTTP or HTTPS: whole under its name, or not at all.

The file is saved in this folder under the URL's last name, and never over another file unless -o names it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TextIO

from transom.cli.lookers import Lookers
from transom.cli.options.login import add_login_options, login_fields
from transom.cli.options.patience import add_patience_options, max_time_of, rate_of, retries_of, timeouts_of
from transom.cli.options.tls import add_client_options, channel_factory, roots_of
from transom.cli.options.way import add_way_options, addresses_of, proxy_of
from transom.cli.progress import Bar
from transom.cli.resuming import write_notice
from transom.cli.show.figures import SECOND
from transom.cli.show.saved import Saved, write_saved
from transom.cli.show.terminal import Terminal
from transom.cli.whole_file import add_whole_file_options, checksum_of, wants_resume
from transom.cli.words import Words, choose_language, words
from transom.errors import UsageError
from transom.http.messages import Headers
from transom.transfer.client import Road
from transom.transfer.get import GetRequest, run_get
from transom.transfer.part import parse_part
from transom.transfer.result import TransferResult
from transom.transfer.resume import Notice
from transom.wire.escape import escape

STDOUT = "-"

EXAMPLES = """examples:
  transom get https://files.example/f.bin
  transom get --explain --cacert ca.pem https://localhost:8443/f.bin
  transom get -o - http://localhost:8080/f.bin | sha256sum
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.epilog = EXAMPLES
    parser.add_argument("url", metavar="URL")
    parser.add_argument("-o", "--output", metavar="FILE", help="save as FILE, over another too; - is standard output")
    parser.add_argument("-H", "--header", metavar="LINE", action="append", default=[], help="one more request header")
    parser.add_argument("--sha256", action="store_true", help="hash the file as it comes (costs as much as the cipher)")
    parser.add_argument("-O", "--remote-name", action="store_true", help="save under the URL's last name (the default)")
    parser.add_argument("-J", "--remote-header-name", action="store_true", help="save under the name the server gives")
    parser.add_argument("-r", "--range", metavar="A-B", help="these bytes alone: 0-499, 500- or -500")
    add_way_options(parser)
    add_login_options(parser)
    add_whole_file_options(parser)
    add_patience_options(parser)
    look = parser.add_argument_group("looking on")
    look.add_argument("--explain", action="store_true", help="tell each step while it happens")
    look.add_argument("--tree", action="store_true", help="the same with every field of every message")
    look.add_argument("--trace", metavar="FILE", type=Path, help="leave a pcapng that Wireshark opens decrypted")
    look.add_argument("--json", action="store_true", help="one line of JSON when it is done")
    look.add_argument("-s", "--silent", action="store_true", help="no progress and no notes")
    look.add_argument("--lang", metavar="LANG", help="en or ko (default: by the locale)")
    add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Download."""
    text = words(choose_language(options.lang, os.environ))
    lookers = Lookers.by_environment(options.trace)
    try:
        if options.explain or options.tree:
            # Imported here: looking on takes as long to import as all the rest.
            from transom.cli.get_explained import download_explained

            return download_explained(options, lookers, text)
        return _plainly(options, lookers, text)
    finally:
        lookers.close()
        if options.trace is not None and not options.silent:
            Terminal.on(sys.stderr, os.environ).line(text.say("trace.left", file=escape(str(options.trace))))


def _plainly(options: argparse.Namespace, lookers: Lookers, text: Words) -> int:
    road = Road(
        channel_factory(options, lookers.keylog(wanted=False), roots_of(options)),
        tap_factory=lambda: lookers.tap(None),
        timeouts=timeouts_of(options),
        rate=rate_of(options),
        addresses=addresses_of(options),
        proxy=proxy_of(options),
    )
    terminal = Terminal.on(sys.stderr, os.environ)
    with Bar(sys.stderr, wanted=not options.silent) as bar:

        def note(notice: Notice) -> None:
            bar.end()
            if not options.silent:
                write_notice(terminal, text, notice)

        result = run_get(request_of(options), road, bar.advance if bar.shown else None, note)
    if options.json:
        print_json(options, result)
    elif not options.silent:
        write_saved(terminal, text, saved_of(result))
    return 0


def request_of(options: argparse.Namespace) -> GetRequest:
    """What the options ask for."""
    return GetRequest(
        options.url,
        output=options.output,
        overwrite=options.output is not None,
        sha256=options.sha256,
        headers=_headers(options),
        resume=wants_resume(options),
        checksum=checksum_of(options),
        verify=options.verify,
        follow=options.location,
        max_time=max_time_of(options),
        retries=retries_of(options),
        part=None if options.range is None else parse_part(options.range),
        remote_name=options.remote_header_name,
    )


def _headers(options: argparse.Namespace) -> Headers:
    """Those that were typed; an Authorization among them is the user's last word on who they are, as in curl."""
    typed = Headers(map(_header, options.header))
    return typed if "Authorization" in typed else Headers([*login_fields(options, options.url), *typed.raw])


def _header(line: str) -> tuple[bytes, bytes]:
    """A field line as it was typed, byte for byte: in what encoding a value is, is between user and server."""
    name, colon, value = os.fsencode(line).partition(b":")
    if not colon or not name.strip():
        raise UsageError(f"-H {line!r}: expected 'Name: value'")
    return name.strip(), value.strip()


def beside_data(options: argparse.Namespace) -> TextIO:
    """Standard output, unless the file itself goes there."""
    return sys.stderr if options.output == STDOUT else sys.stdout


def saved_of(result: TransferResult) -> Saved:
    """What a person is told of it."""
    return Saved(result.path, result.bytes, int(result.times.total * SECOND), result.sha256, result.verified)


def print_json(options: argparse.Namespace, result: TransferResult) -> None:
    """The `transfer` line."""
    print(json.dumps(result.as_json()), file=beside_data(options))
