"""The page of a comparison: what it was made from as one capture, opened where the two stand side by side."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from transom.cli.pages import Shown, kind_of, leave_report, open_page, serve_until_stopped
from transom.cli.words import choose_language
from transom.value import value

if TYPE_CHECKING:
    from transom.capture.problems import Problem
    from transom.cli.words import Words
    from transom.dissect.telling import Looking
    from transom.web.model.opened import Pair


@value
class Compared:
    """A capture with the two in it, what opens it, and what to call it. `pair` is None where there is but one."""

    path: Path
    looking: Looking
    name: str
    pair: Pair | None
    problems: tuple[Problem, ...] = ()


Comparison = Callable[[], Compared]
"""Makes it, if a page is wanted."""


def show_compared(options: argparse.Namespace, compared: Compared, text: Words) -> None:
    """Write the page, serve it, or both, as the options say."""
    shown = Shown(compared.name, choose_language(options.lang, os.environ), kind_of(options), compared.pair)

    def say(address: str) -> None:
        print(address, file=sys.stderr if options.json else sys.stdout, flush=True)

    page = open_page(compared.path, compared.looking, shown)
    page.reader.problems.extend(compared.problems)
    if options.output is not None:
        leave_report(page, options.output, text)
    if options.view:
        serve_until_stopped(page, text, say, no_browser=options.no_browser)
