"""A long story folded: what one side says before the other does is one row, and where even those are many, several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from transom.dissect.json_lines import Json, Line
from transom.dissect.timeline import ApplicationData, HttpBody, HttpRequest, HttpResponse, Message
from transom.tls.record.header import HEADER_LENGTH
from transom.web.model.context import Context
from transom.web.model.entries import Entry
from transom.wire.tap import Side

MOST_ARROWS = 200
"""In a story that is shown as it is; and the most rows of a folded one."""


def folds(entries: Sequence[Entry], context: Context) -> Json:
    """The rows of a folded story, in order; None for one that needs no folding."""
    if sum(entry.has_step for entry in entries) <= MOST_ARROWS:
        return None
    flights = [list(flight) for _, flight in groupby(entries, key=lambda entry: entry.flight)]
    together = -(-len(flights) // MOST_ARROWS)
    return [_fold(flights[at : at + together], context) for at in range(0, len(flights), together)]


def _fold(flights: Sequence[Sequence[Entry]], context: Context) -> Line:
    """`first` to `last` are the flights, counted from 1; `who` counts its arrows by who can read them."""
    entries = [entry for flight in flights for entry in flight]
    arrows = [entry for entry in entries if entry.has_step]
    sides = {side.value for entry in arrows for side in _sides(entry)}
    return {
        "id": entries[0].id,
        "first": flights[0][0].flight + 1,
        "last": flights[-1][0].flight + 1,
        "from": sides.pop() if len(sides) == 1 else None,
        "arrows": len(arrows),
        "records": sum(_records(arrows)),
        "wire_bytes": sum(_bytes(arrows)),
        "who": dict(Counter(_who(entry) for entry in arrows)),
        "at": context.since_start(entries[0].item),
        "lasted": max(_end(entry) for entry in entries) - entries[0].item.moment.time,
    }


def _sides(entry: Entry) -> Iterator[Side]:
    match entry.item:
        case Message(side=side) | ApplicationData(side=side):
            yield side
        case HttpRequest(side=side):
            yield side
        case HttpResponse():
            yield Side.SERVER
        case _:
            pass


def _who(entry: Entry) -> str:
    match entry.item:
        case Message(sealed=True, opened=opened):
            return "opened" if opened else "sealed"
        case ApplicationData(sealed=True, length=length):
            return "sealed" if length is None else "opened"
        case _:
            return "open"


def _records(arrows: Sequence[Entry]) -> Iterator[int]:
    """Those of messages by their places: several may share one."""
    yield len(_places(arrows))
    yield from (entry.item.records for entry in arrows if isinstance(entry.item, ApplicationData))


def _bytes(arrows: Sequence[Entry]) -> Iterator[int]:
    yield from (HEADER_LENGTH + length for length in _places(arrows).values())
    for entry in arrows:
        match entry.item:
            case ApplicationData(wire_bytes=count):
                yield count
            case HttpRequest(head=head) | HttpResponse(head=head):
                yield head + sum(body.length for body in entry.http if isinstance(body, HttpBody))
            case _:
                pass


def _places(arrows: Sequence[Entry]) -> dict[tuple[Side, int], int]:
    messages = (entry.item for entry in arrows if isinstance(entry.item, Message))
    return {(item.side, record.offset): record.length for item in messages for record in item.records}


def _end(entry: Entry) -> int:
    return entry.item.last.time if isinstance(entry.item, ApplicationData) else entry.item.moment.time
