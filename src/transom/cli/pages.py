"""The page as the commands make it: with the words of both languages, and in a file that only its owner reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from transom.value import value

if TYPE_CHECKING:
    from transom.capture.growth import Growth
    from transom.cli.words import Lang
    from transom.dissect.telling import Looking
    from transom.web.model.opened import Kind, OpenedCapture


@value
class Shown:
    """What a page is to be called, the language it begins in, and what it may show."""

    name: str
    lang: Lang
    kind: Kind = "masked"


def open_page(
    path: Path, looking: Looking, shown: Shown, *, secrets_inside: bool = False, growth: Growth | None = None
) -> OpenedCapture:
    """The capture at `path` for a page, of which nothing is read yet; see `CaptureReader`."""
    from transom.cli.show.compared import tell_compared
    from transom.cli.show.narration import InEveryLanguage, page_texts
    from transom.web.model.opened import OpenedCapture, Telling

    telling = Telling(InEveryLanguage, page_texts(), shown.lang, tell_compared)
    return OpenedCapture(path, looking, telling, shown.name, shown.kind, secrets_inside, growth)


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
