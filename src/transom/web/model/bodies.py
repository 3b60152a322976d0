"""What became of the body of an HTTP message, as the page is told it."""

from __future__ import annotations

from transom.dissect.json_lines import Line
from transom.dissect.timeline import HttpBody


def body_line(body: HttpBody) -> Line:
    """Its bytes with transfer coding undone; `missing` are its holes, `[start, end)`."""
    return {
        "length": body.length,
        "complete": body.complete,
        "expected": body.expected,
        "sha256": body.sha256,
        "missing": [list(hole) for hole in body.missing],
    }
