"""What became of the body of an HTTP message, as the page is told it."""

from __future__ import annotations

from transom.dissect.json_lines import Line
from transom.dissect.timeline import HttpBody, WhyWithheld


def body_line(body: HttpBody) -> Line:
    """Its bytes with transfer coding undone; `missing` are its holes, `[start, end)`.

    `withheld` is why there is no digest though there could be: the page has a sentence for it.
    """
    return {
        "length": body.length,
        "complete": body.complete,
        "expected": body.expected,
        "sha256": body.sha256,
        "withheld": why_withheld(body),
        "missing": [list(hole) for hole in body.missing],
    }


def why_withheld(body: HttpBody | None) -> WhyWithheld | None:
    """None: its digest is told, if it is known."""
    return body.withheld.why if body is not None and body.withheld is not None else None
