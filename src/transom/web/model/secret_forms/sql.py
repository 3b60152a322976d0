"""Forms of SQL: the rows of an INSERT or a COPY that says its columns, and the password of a user who is made."""

from __future__ import annotations

import re
from collections.abc import Iterator

from transom.web.model.secret_forms.lines import rows_behind
from transom.web.model.secret_forms.spans import Span, matched
from transom.web.model.secret_forms.text import Text
from transom.web.model.sensitive import names_secret

_COLUMNS = rb"[^\s()]{1,256}\s{0,64}\(([^()]{1,8192})\)\s{0,64}"
_INSERT = re.compile(
    rb"\bINTO\s{1,64}" + _COLUMNS + rb"(?:OVERRIDING\s{1,64}\w{1,16}\s{1,64}VALUE\s{1,64})?VALUES?\s{0,64}(?=\()",
    re.IGNORECASE,
)
_TOKEN = re.compile(rb"'(?:[^'\\]|''|\\.)*\\?(?:'|\Z)|\"(?:[^\"\\]|\\.)*\\?(?:\"|\Z)|[(),]", re.DOTALL)
_NEXT_ROW = re.compile(rb"\s{0,64},\s{0,64}(?=\()")


def inserted(text: Text) -> Iterator[Span]:
    """`INSERT INTO users (name, password) VALUES ('me', 'secret'), …`: the cells of such columns.

    Of a row that has other columns, all is taken.
    """
    data, at = text.data, 0
    for place in text.places(b"into"):
        found = _INSERT.match(data, place) if place >= at else None
        if not found:
            continue
        at = found.end()
        secret, count = _of_columns(found[1])
        has_row = bool(secret)
        while has_row:
            cells, at = _cells(data, at)
            yield from (_bare(data, cells[column]) for column in secret) if len(cells) == count else [(cells[0][0], at)]
            following = _NEXT_ROW.match(data, at)
            has_row = following is not None
            at = following.end() if following else at


def _of_columns(text: bytes) -> tuple[set[int], int]:
    """Which of them have the name of a secret, of how many."""
    names = [name.strip(b"`\"'[] \t\r\n") for name in text.split(b",")]
    return {at for at, name in enumerate(names) if names_secret(name)}, len(names)


def _cells(data: bytes, at: int) -> tuple[list[Span], int]:
    """Of the row whose bracket opens there, and where it ends: with the data, where that ends first."""
    cells: list[Span] = []
    depth, start = 0, at + 1
    for token in _TOKEN.finditer(data, at):
        if token[0] == b"(":
            depth += 1
        elif token[0] == b"," and depth == 1:
            cells.append((start, token.start()))
            start = token.end()
        elif token[0] == b")":
            depth -= 1
            if not depth:
                return [*cells, (start, token.start())], token.end()
    return [*cells, (min(start, len(data)), len(data))], len(data)


def _bare(data: bytes, cell: Span) -> Span:
    start, end = cell
    return end - len(data[start:end].lstrip()), end


_COPY = re.compile(rb"\bCOPY\s{1,64}" + _COLUMNS + rb"FROM\s{1,64}stdin\b[^\r\n]{0,256}\r?\n", re.IGNORECASE)


def copied(text: Text) -> Iterator[Span]:
    """`COPY users (name, password) FROM stdin;` and the lines behind it, as PostgreSQL's pg_dump writes them."""
    data, at = text.data, 0
    for place in text.places(b"copy"):
        found = _COPY.match(data, place) if place >= at else None
        if not found:
            continue
        at = found.end()
        secret, count = _of_columns(found[1])
        if secret:
            at = yield from rows_behind(data, at, b"\t", secret, count)


_GIVEN = re.compile(
    rb"\b(?:IDENTIFIED\s{1,64}(?:WITH\s{1,64}[^\s]{1,64}\s{1,64})?(?:BY|AS)|PASSWORD)\s{1,64}(?=['\"])", re.IGNORECASE
)
_TEXT = re.compile(rb"'(?:[^'\\]|''|\\.)*\\?(?:'|\Z)|\"(?:[^\"\\]|\\.)*\\?(?:\"|\Z)", re.DOTALL)


def given(text: Text) -> Iterator[Span]:
    """`IDENTIFIED BY 'secret'`, `PASSWORD 'secret'`."""
    data, at = text.data, 0
    for place in text.places(b"identified", b"password"):
        found = _GIVEN.match(data, place) if place >= at else None
        if not found:
            continue
        start, at = matched(_TEXT, data, found.end())
        yield start, at
