"""The table of programs in docs/run.md: each row is what the tests hold a program to, with the version that is here."""

from __future__ import annotations

import re

from tests.house.documents import ROOT, section, text_of
from tests.interop.led import LED

PAGE = "docs/run.md"
TITLE = "Programs, as measured"
_ROWS = re.compile(r"(?<=^\|---\|---\|---\|---\|---\|\n)(\|.*\n)+", re.MULTILINE)


def write_table() -> None:
    """The rows are new; what stands around them stays."""
    page = text_of(PAGE)
    before = section(page, TITLE)
    table = "".join("| " + " | ".join(led.row()).rstrip() + " |\n" for led in LED)
    after, count = _ROWS.subn(lambda _: table, before)
    assert count == 1, f"{PAGE} has no table under {TITLE!r}"
    (ROOT / PAGE).write_text(page.replace(before, after), "utf-8")
