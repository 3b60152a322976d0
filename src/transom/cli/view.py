"""The page: a capture or a trace to look through, with the keys and without them.

Served to this machine alone until ^C, and opened in the browser; -o writes it as one file instead, to mail around.
What a browser shows of it is what `transom read` reads.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from transom.cli.options.looking import add_key_options, looking_from_outside, named_as_typed
from transom.errors import UsageError

if TYPE_CHECKING:
    from transom.web.model.opened import Kind, OpenedCapture


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("capture", metavar="CAPTURE", type=Path, help="a pcap or pcapng file, - for standard input")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="write the page as one file, serve nothing")
    add_key_options(parser)
    parser.add_argument(
        "--include-secrets", action="store_true", help="do not mask passwords, cookies and keys, in page or file"
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address and open no browser")
    parser.add_argument("--lang", metavar="LANG", help="en or ko; by the locale otherwise")


def run(options: argparse.Namespace) -> int:
    """Serve the page until SIGINT or SIGTERM, or write it."""
    from transom.capture.source import spooled

    if options.without_keys and options.include_secrets:
        raise UsageError("--include-secrets shows what --without-keys leaves out: one of them")
    with spooled(options.capture) as path, named_as_typed(path, options.capture):
        opened = _open(options, path)
        if options.output is not None:
            _write(opened, options)
        else:
            _serve(opened, options)
    return 0


def _open(options: argparse.Namespace, path: Path) -> OpenedCapture:
    from transom.cli.pages import Shown, open_page
    from transom.cli.words import choose_language

    kind: Kind = "without-keys" if options.without_keys else "with-secrets" if options.include_secrets else "masked"
    name = "-" if str(options.capture) == "-" else options.capture.name
    shown = Shown(name, choose_language(options.lang, os.environ), kind)
    looking = looking_from_outside(options, hash_bodies=True)
    return open_page(path, looking, shown, secrets_inside=not options.without_keys)


def _write(opened: OpenedCapture, options: argparse.Namespace) -> None:
    from transom.cli.pages import report_of, write_report

    if str(options.output) == "-":
        sys.stdout.write(report_of(opened))
        return
    write_report(opened, options.output)
    _say(options, f"report.{opened.kind}", file=str(options.output))


def _serve(opened: OpenedCapture, options: argparse.Namespace) -> None:
    from transom.web.server import serve_page

    def say(address: str) -> None:
        print(address, flush=True)
        if not options.no_browser and has_browser(os.environ):
            import webbrowser

            webbrowser.open(address)
        else:
            _say(options, "view.elsewhere")
        _say(options, "serve.stop")

    serve_page(opened, say)


def has_browser(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a browser that is opened here would be seen by whoever typed the command."""
    if environ.get("SSH_CONNECTION"):
        return False
    return platform in ("darwin", "win32") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _say(options: argparse.Namespace, key: str, **values: str) -> None:
    from transom.cli.words import choose_language, words
    from transom.wire.escape import escape

    shown = {name: escape(text) for name, text in values.items()}
    print(words(choose_language(options.lang, os.environ)).say(key, **shown), file=sys.stderr)
