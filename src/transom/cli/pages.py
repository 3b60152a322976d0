"""The page as the commands make it: with the words of both languages, and in a file that only its owner reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transom.cli.words import Lang
    from transom.dissect.telling import Looking
    from transom.web.model.opened import Kind, OpenedCapture


def open_page(path: Path, looking: Looking, name: str, lang: Lang, kind: Kind = "masked") -> OpenedCapture:
    """Read the capture at `path` for a page. Raises CaptureError."""
    from transom.cli.show.narration import InEveryLanguage, page_texts
    from transom.web.model.opened import OpenedCapture, Telling

    return OpenedCapture(path, looking, Telling(InEveryLanguage, page_texts(), lang), name, kind)


def write_report(opened: OpenedCapture, file: Path) -> None:
    """The page as one file."""
    from transom.web.report import report

    text = report(opened)
    # Even masked it holds what was said: nobody else reads it unless its owner says so.
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
