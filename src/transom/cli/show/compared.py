"""What the page tells of two conversations: the rows of `compare`, in every language at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transom.cli.show.comparison import told_ends, told_rows
from transom.cli.show.differences import told_fields, where_they_part
from transom.cli.show.narration import page_words
from transom.cli.show.terminal import Inked, Part
from transom.cli.words import LANGS, Words
from transom.dissect.json_lines import Json, Line

if TYPE_CHECKING:
    from transom.dissect.journey import Carried
    from transom.web.model.told import Compared


def tell_compared(compared: Compared, *, without_keys: bool = False) -> dict[str, Line]:
    """By language."""
    return {lang: _told(compared, page_words(lang, without_keys=without_keys)) for lang in LANGS}


def _told(compared: Compared, catalogue: Words) -> Line:
    comparison = compared.comparison
    return {
        "first": where_they_part(comparison, compared.meanings, catalogue),
        "fields": [
            {"group": field.group, "label": field.label, "mark": field.mark, "pairs": field.pairs}
            for field in told_fields(comparison, catalogue)
        ],
        "figures": None if compared.carried is None else _figures(compared.carried, compared, catalogue),
    }


def _figures(carried: Carried, compared: Compared, catalogue: Words) -> Line:
    """`ends` is not there where what they have was not read of all."""
    columns = compared.columns
    ends = told_ends(catalogue, carried, columns) if all(column.arrived_sha256 for column in columns) else ()
    return {
        "columns": [catalogue.say(f"column.{column.kind}") for column in columns],
        "heading": catalogue.say("table.ends"),
        "ends": [{"label": label, "text": _cell(text)} for label, text in ends],
        "rows": [
            {"heading": row.heading, "label": row.label, "cells": [_cell(part) for part in row.cells]}
            for row in told_rows(catalogue, carried, columns)
        ],
    }


def _cell(part: Part) -> Json:
    """`ink` is who can read it, as on the terminal; `problem` that something is wrong."""
    if isinstance(part, Inked):
        return {"text": part.text, "ink": part.ink.name.lower()}
    return {"text": part, "ink": None}
