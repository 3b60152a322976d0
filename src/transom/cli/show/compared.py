"""What the page tells of two conversations: the rows of `compare`, in every language at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transom.cli.show.comparison import told_rows
from transom.cli.show.differences import told_fields, where_they_part
from transom.cli.show.terminal import Inked, Part
from transom.cli.words import LANGS, Words, words
from transom.dissect.json_lines import Json, Line

if TYPE_CHECKING:
    from transom.web.model.told import Compared


def tell_compared(compared: Compared) -> dict[str, Line]:
    """By language."""
    return {lang: _told(compared, words(lang)) for lang in LANGS}


def _told(compared: Compared, catalogue: Words) -> Line:
    comparison, carried = compared.comparison, compared.carried
    rows = told_rows(catalogue, carried, compared.columns) if carried is not None else ()
    return {
        "first": where_they_part(comparison, compared.meanings, catalogue),
        "fields": [
            {"group": field.group, "label": field.label, "mark": field.mark, "pairs": field.pairs}
            for field in told_fields(comparison, catalogue)
        ],
        "figures": [
            {"heading": row.heading, "label": row.label, "cells": [_cell(part) for part in row.cells]} for row in rows
        ],
    }


def _cell(part: Part) -> Json:
    return part.text if isinstance(part, Inked) else part
