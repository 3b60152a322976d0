"""Write the generated pages: `tools/docs`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.pages import glossary_page, led_page, note_page

for lang, page in glossary_page.PAGES.items():
    page.write_text(glossary_page.write_page(lang), "utf-8")
led_page.write_table()
with tempfile.TemporaryDirectory(prefix="transom-docs-") as folder:
    note_page.PAGE.write_text(note_page.write_page(Path(folder)), "utf-8")
