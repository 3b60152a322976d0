"""The reason phrase of a status code, as RFC 9110 §15 has it."""

from __future__ import annotations

from http import HTTPStatus

_OLDER_IN_PYTHON = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
"""Before 3.13 `http.HTTPStatus` has those of RFC 7231 and RFC 4918, and what we say is not to depend on it."""


def reason_phrase(status: int) -> str:
    """Empty for a code that nobody registered."""
    if phrase := _OLDER_IN_PYTHON.get(status):
        return phrase
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
