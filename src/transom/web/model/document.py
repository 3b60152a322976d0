"""The document of a report: the answers of an opened capture, by the addresses the live page asks for."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from transom.dissect.json_lines import Json, Line, encode
from transom.web.model.looked import Looked
from transom.web.model.opened import OpenedCapture
from transom.web.model.parts import PARTS, part

MOST_CHOSEN = 50
"""Conversations whose parts are in the file; the table has all."""

MOST_STEPS = 500
"""Of each of them, in each view, with all their fields and bytes; the story has more."""

MOST_COMPARED = 6
"""Conversations of which each is compared with every other one."""


def document(opened: OpenedCapture) -> Line:
    """Of a capture that is read: `answers` by address, `tables` by view; `chosen` are the conversations that are here.

    Of each the first steps are: `steps` says how many at most.
    """
    tables = {view: opened.reader.table(view) for view in opened.views}
    # By the order of the table: problems first, then the largest.
    first = tables[opened.views[-1]].first(MOST_CHOSEN)
    chosen = list(dict.fromkeys([*_begins_with(opened), *first]))[:MOST_CHOSEN]
    return {
        "about": opened.about() | {"chosen": chosen, "steps": MOST_STEPS},
        "tables": {view: table.packed() for view, table in tables.items()},
        "answers": dict(_all_answers(opened, chosen)),
    }


def packed(document: Line) -> str:
    """As it stands in the file: JSON, zlib (RFC 1950), base64."""
    # The level above the default takes five times as long for two hundredths less.
    return base64.b64encode(zlib.compress(encode(document).encode("ascii"))).decode("ascii")


def _begins_with(opened: OpenedCapture) -> Sequence[int]:
    return () if opened.compared is None else (opened.compared.a, opened.compared.b)


def _all_answers(opened: OpenedCapture, chosen: Sequence[int]) -> Iterator[tuple[str, Json]]:
    looked = opened.look_at(chosen)
    for number in chosen:
        yield from _answers(opened, number, looked[number], chosen)
        yield from _compared(opened, number, looked, chosen)


def _compared(
    opened: OpenedCapture, number: int, looked: Mapping[int, Looked], chosen: Collection[int]
) -> Iterator[tuple[str, Json]]:
    """With each other one of a few; of many with the one that is best put beside it, or that the page begins with."""
    begins = set(_begins_with(opened))
    for view in opened.views:
        best = opened.beside(number, view, chosen)["best"]
        for other in chosen:
            is_one = len(chosen) <= MOST_COMPARED or other == best or begins == {number, other}
            if other != number and is_one:
                wanted = opened.ways(number, other, chosen)
                contexts = {one: opened.context_of(looked[one], view) for one in wanted}
                yield f"conversations/{number}/{view}/compare/{other}", opened.compare_of(contexts, number, other)


def _answers(opened: OpenedCapture, number: int, looked: Looked, chosen: Collection[int]) -> Iterator[tuple[str, Json]]:
    for view in opened.views:
        base, context = f"conversations/{number}/{view}", opened.context_of(looked, view)
        yield f"{base}/beside", opened.beside(number, view, chosen)
        for name in PARTS:
            yield f"{base}/{name}", part(context, [name])
        with_step = (entry for entry in context.entries if entry.has_step)
        for entry in islice(with_step, MOST_STEPS):
            for name in ("step", "place"):
                yield f"{base}/{name}/{entry.id}", part(context, [name, entry.id])
