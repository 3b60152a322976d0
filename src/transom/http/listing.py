"""A folder as a page or as JSON. Names come from the disk and are anybody's: none reaches the page unescaped."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import quote, unquote

from transom.http.dates import utc
from transom.http.messages import Headers
from transom.wire.escape import escape

_STYLE = (
    ":root{color-scheme:light dark;font-family:system-ui,sans-serif;overflow-wrap:anywhere}"
    "td,th{padding:.15em 1em .15em 0;text-align:left}"
    ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
)
_HEAD = '<thead><tr><th>Name</th><th class="n">Bytes</th><th class="n">Modified (UTC)</th></tr></thead>'
_ICON = (  # a door with the light of its transom; a page that names none is asked for /favicon.ico besides
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><path fill='#777' d='M2 0h12v16H2z'/>"
    "<path fill='#fc4' d='M4 2h8v3H4z'/><path fill='#333' d='M4 7h8v9H4z'/></svg>"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

PAGE_HEADERS = Headers(
    [
        ("Content-Type", "text/html; charset=utf-8"),
        (
            "Content-Security-Policy",
            f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; frame-ancestors 'none'",
        ),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Vary", "Accept"),
    ]
)
"""The page runs no script and loads nothing, whatever a file is called: its icon is inside it."""

JSON_HEADERS = Headers(
    [("Content-Type", "application/json"), ("X-Content-Type-Options", "nosniff"), ("Vary", "Accept")]
)


class Entry(Protocol):
    """One line: `size` in bytes, `modified` in nanoseconds since the epoch."""

    @property
    def name(self) -> str: ...
    @property
    def is_folder(self) -> bool: ...
    @property
    def size(self) -> int: ...
    @property
    def modified(self) -> int: ...


def wants_json(accept: str | None) -> bool:
    """Whether an `Accept` value asks for JSON and not for a page."""
    types = [part.partition(";")[0].strip().lower() for part in (accept or "").split(",")]
    return "application/json" in types and "text/html" not in types


def listing_page(path: str, entries: Iterable[Entry], *, more: bool) -> bytes:
    """The folder at `path` (percent-encoded, ending in "/") as a page; `more`: the entries are not all there are."""
    folder = unquote(path, errors="surrogateescape")
    rows: list[str] = [] if path == "/" else ['<tr><td><a href="../">../</a></td><td></td><td></td></tr>']
    rows += map(_row, entries)
    note = "<p>There are more, not listed here.</p>\n" if more else ""
    page = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(escape(folder))}</title>\n'
        '<meta name="viewport" content="width=device-width">'
        f'<link rel="icon" href="data:image/svg+xml,{quote(_ICON)}">'
        f"<style>{_STYLE}</style></head>\n<body><h1>Index of {_shown(folder)}</h1>\n"
        f"<table>\n{_HEAD}\n<tbody>\n{chr(10).join(rows)}\n</tbody></table>\n{note}</body></html>\n"
    )
    return page.encode()


def listing_json(path: str, entries: Iterable[Entry], *, more: bool) -> bytes:
    """The same as JSON: names as they are, times in seconds since the epoch, `size` null for a folder."""
    lines = [
        {
            "name": entry.name,
            "type": "folder" if entry.is_folder else "file",
            "size": None if entry.is_folder else entry.size,
            "modified": entry.modified // 10**9,
        }
        for entry in entries
    ]
    return json.dumps({"path": path, "entries": lines, "more": more}).encode() + b"\n"


def _row(entry: Entry) -> str:
    slash = "/" if entry.is_folder else ""
    # "./" and the encoded colon: a file called "javascript:…" must not become a scheme.
    link = "./" + quote(entry.name, safe="", errors="surrogateescape") + slash
    size = "" if entry.is_folder else f"{entry.size:,}"
    modified = f"{utc(entry.modified // 10**9):%Y-%m-%d %H:%M}"
    return (
        f'<tr><td><a href="{link}">{_shown(entry.name)}{slash}</a></td>'
        f'<td class="n">{size}</td><td class="n">{modified}</td></tr>'
    )


def _shown(name: str) -> str:
    """`name` for the eye: no character that turns the line around, and what it does hold kept to itself."""
    return f"<bdi>{html.escape(escape(name))}</bdi>"
