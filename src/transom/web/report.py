"""A report: the same page in one file, with its document inside. It asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import re

from transom.version import VERSION
from transom.web.assets import assets
from transom.web.bundle import bundle
from transom.web.model.document import document, packed
from transom.web.model.opened import OpenedCapture

ENTRY = "main.js"
DOCUMENT_ID = "document"

GENERATOR = '<meta name="generator" content="transom '
"""By this a report is known to be one, within its first KiB."""

_SHEETS = re.compile(r'<link rel="stylesheet" href="([\w.-]+)">')
_HEAD_LINKS = re.compile(r'^ *<(?:link|script)[^\n]*(?:href|src)="[^\n]*\n', re.MULTILINE)


def report(opened: OpenedCapture) -> str:
    """The file's text."""
    files = assets()
    # In the order of the page: a later sheet goes before an earlier one.
    style = "\n".join(files[name].text for name in _SHEETS.findall(files["index.html"].text))
    script = bundle({name: asset.text for name, asset in files.items() if name.endswith(".js")}, ENTRY)
    icon = base64.b64encode(files["icon.svg"].data).decode("ascii")
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    head = (
        f'{GENERATOR}{VERSION}">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<link rel="icon" href="data:image/svg+xml;base64,{icon}">\n'
        f"<style>{style}</style>\n"
    )
    # A type that no browser runs: its text is data.
    data = f'<script type="application/zlib" id="{DOCUMENT_ID}">{packed(document(opened))}</script>\n'
    page = _HEAD_LINKS.sub("", files["index.html"].text)
    page = page.replace("</head>", f"{head}</head>", 1)
    return page.replace("</body>", f'{data}<script type="module">{script}</script>\n</body>', 1)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
