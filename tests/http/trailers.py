"""Trailers that somebody else may read as the end of another message, and some that nobody can."""

from __future__ import annotations

REFUSED = {
    "a bare LF behind a field": b"A: b\n\r\n",
    "a bare LF for the empty line": b"A: b\r\n\n",
    "nothing but a bare LF": b"\n",
    "a bare LF in the first of two": b"A: b\nC: d\r\n\r\n",
    "a bare LF before a folded line": b"A: b\n c\r\n\r\n",
    "a bare LF behind a folded line": b"A: b\r\n c\n\r\n",
    "a length": b"Content-Length: 2\r\n\r\n",
    "a length in other letters, behind another": b"A: b\r\ncontent-length: 2\r\n\r\n",
    "another framing": b"Transfer-Encoding: chunked\r\n\r\n",
}

TAKEN = {
    "none": (b"\r\n", []),
    "two fields": (b"A: b\r\nC: d\r\n\r\n", [("A", "b"), ("C", "d")]),
    "folded lines": (b"A: b\r\n\tc\r\n d\r\nE: f\r\n\r\n", [("A", "b c d"), ("E", "f")]),
    "a long one": (b"A: " + b"b" * 20_000 + b"\r\n\r\n", [("A", "b" * 20_000)]),
}
