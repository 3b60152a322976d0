"""The page as the commands make it: with the words of both languages, and in a file that only its owner reads."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from transom.errors import UsageError
from transom.value import value
from transom.wire.escape import escape

if TYPE_CHECKING:
    from transom.capture.growth import Growth
    from transom.cli.words import Lang, Words
    from transom.dissect.telling import Looking
    from transom.web.model.opened import Kind, OpenedCapture, Pair, Telling
    from transom.web.server import PageAddress


@value
class Shown:
    """What a page is to be called, the language it begins in, what it may show, and what it begins with."""

    name: str
    lang: Lang
    kind: Kind = "masked"
    compared: Pair | None = None


def open_page(
    path: Path, looking: Looking, shown: Shown, *, secrets_inside: bool = False, growth: Growth | None = None
) -> OpenedCapture:
    """The capture at `path` for a page, of which nothing is read yet; see `CaptureReader`."""
    from transom.web.model.opened import OpenedCapture

    telling = telling_of(shown.kind, shown.lang)
    return OpenedCapture(path, looking, telling, shown.name, shown.kind, secrets_inside, growth, shown.compared)


def telling_of(kind: Kind, lang: Lang) -> Telling:
    """How a page of that kind speaks."""
    from transom.cli.show.compared import tell_compared
    from transom.cli.show.narration import InEveryLanguage, page_texts
    from transom.web.model.opened import Telling

    without_keys = kind == "without-keys"
    comparer = partial(tell_compared, without_keys=without_keys)
    return Telling(InEveryLanguage, page_texts(without_keys=without_keys), lang, comparer)


def report_of(opened: OpenedCapture) -> str:
    """The page as one file, once it is read to its end. Raises CaptureError."""
    from transom.web.report import report

    opened.reader.read_all()
    return report(opened)


def write_report(opened: OpenedCapture, file: Path) -> None:
    """The same in a file that only its owner reads. Raises CaptureError."""
    text = report_of(opened)
    # Even masked it holds what was said: nobody else reads it unless its owner says so.
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)


def kind_of(options: argparse.Namespace) -> Kind:
    """What the page may show. Raises UsageError."""
    if options.without_keys and options.include_secrets:
        raise UsageError("--include-secrets shows what --without-keys leaves out: one of them")
    return "without-keys" if options.without_keys else "with-secrets" if options.include_secrets else "masked"


def leave_report(opened: OpenedCapture, file: Path, text: Words) -> None:
    """Write the report and say what it is; `-` is standard output."""
    if str(file) == "-":
        sys.stdout.write(report_of(opened))
        return
    write_report(opened, file)
    tell(text, f"report.{opened.kind}", file=str(file))


def serve_until_stopped(opened: OpenedCapture, text: Words, say: Callable[[str], None], *, no_browser: bool) -> None:
    """Serve the page until SIGINT or SIGTERM, and open it in a browser if one would be seen; `say` says where it is."""
    from transom.web.server import serve_page

    def served(address: PageAddress) -> None:
        say(address.lasting)
        if not no_browser and has_browser(os.environ):
            open_browser(address.once())
        else:
            tell(text, "view.elsewhere")
        tell(text, "serve.stop")

    serve_page(opened, served)


def has_browser(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a browser that is opened here would be seen by whoever typed the command."""
    if environ.get("SSH_CONNECTION"):
        return False
    return platform in ("darwin", "win32") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def open_browser(address: str) -> None:
    """Start the browser there. Everybody on this machine may read the address: it is to be of use once."""
    import webbrowser

    # Some are waited for until they end, or for seconds: meanwhile they are answered.
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def tell(text: Words, key: str, **values: str) -> None:
    """A line beside the output."""
    shown = {name: escape(value) for name, value in values.items()}
    print(text.say(key, **shown), file=sys.stderr)
