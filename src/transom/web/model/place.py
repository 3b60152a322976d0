"""Where a step's bytes lie: its records in the stream, the stream in TCP, TCP in the packets of the capture."""

from __future__ import annotations

from bisect import bisect_right

from transom.dissect.json_lines import Json, Line
from transom.dissect.timeline import ApplicationData, HttpRequest, HttpResponse, Message
from transom.errors import UsageError
from transom.tls.record.header import HEADER_LENGTH
from transom.value import value
from transom.web.model.context import Context
from transom.web.model.entries import Entry
from transom.web.model.packet_lists import Carried
from transom.wire.tap import Side

MOST_NAMED = 8
"""Packets and records that are named one by one."""

MOST_CUTS = 64
"""Places at which an arrow is cut: more could not be told apart."""


WHOLE = 10_000
"""The length of an arrow, in which its cuts are counted."""


@value
class Span:
    """`[start, end)` of a side's stream."""

    side: Side
    start: int
    end: int


def place(context: Context, name: str) -> Line:
    """Of the step with that id. `sequence` counts as Wireshark does: 1 is the first byte. Raises UsageError."""
    entry = context.entry.get(name)
    span = _span(entry, context) if entry else None
    if entry is None or span is None:
        raise UsageError(f"no step {name} in this conversation")
    return {
        "from": span.side.value,
        "offset": span.start,
        "length": span.end - span.start,
        "records": _records(entry),
        "with": _sharing(entry, context),
        "sequence": [span.start + 1, span.end],
        "packets": _packets(span, context),
    }


def carried(context: Context) -> Line:
    """Of every step: its packets, and where on its arrow one ends and the next begins (of `WHOLE`)."""
    spans = ((entry.id, _span(entry, context)) for entry in context.entries)
    return {"steps": {name: _packets(span, context) for name, span in spans if span is not None}}


def _span(entry: Entry, context: Context) -> Span | None:
    """The bytes that crossed for one line of the story; None for a line that no bytes of its own stand behind."""
    match entry.item:
        case Message(side=side, records=records):
            last = records[-1]
            return Span(side, records[0].offset, last.offset + HEADER_LENGTH + last.length)
        case ApplicationData(side=side, offset=start, end=end):
            return Span(side, start, end)
        case HttpRequest() | HttpResponse() as head:
            return _http_span(head, context)
        case _:
            return None


def _http_span(head: HttpRequest | HttpResponse, context: Context) -> Span:
    """With its body, which ends where the next head of its side begins; in HTTP/2 by itself, for bodies take turns."""
    side = head.side if isinstance(head, HttpRequest) else Side.SERVER
    if head.version == "2":
        return Span(side, head.offset, head.offset + head.head)
    later = context.heads[side]
    place = bisect_right(later, head.offset)
    end = later[place] if place < len(later) else context.ways[side].end
    return Span(side, head.offset, max(end, head.offset + head.head))


def _packets(span: Span, context: Context) -> Line:
    """`numbers` are the first of `count`, `last` is the last of all."""
    found = context.ways[span.side].carrying(span.start, span.end)
    return {
        "count": len(found),
        "numbers": [packet.number for packet in found[:MOST_NAMED]],
        "last": found[-1].number if found else None,
        "cuts": _cuts(span, found),
    }


def _cuts(span: Span, found: list[Carried]) -> list[Json]:
    length = span.end - span.start
    starts = sorted({packet.start for packet in found if span.start < packet.start < span.end})
    step = max(len(starts) // MOST_CUTS, 1)
    return [(start - span.start) * WHOLE // length for start in starts[::step]]


def _records(entry: Entry) -> Json:
    """Their number, and header and place of the first; None for what crosses without TLS."""
    match entry.item:
        case Message(records=records):
            rows = [{"offset": record.offset, "length": record.length} for record in records[:MOST_NAMED]]
            return {"count": len(records), "rows": rows}
        case ApplicationData(records=count):
            return {"count": count, "rows": []}
        case _:
            return None


def _sharing(entry: Entry, context: Context) -> list[Json]:
    """The other messages in its records."""
    if not isinstance(entry.item, Message):
        return []
    return [
        {"id": other.id, "name": other.item.name}
        for other in context.entries
        if isinstance(other.item, Message) and other is not entry and share_a_record(entry.item, other.item)
    ]


def share_a_record(one: Message, other: Message) -> bool:
    """Whether any record carries parts of both."""
    places = {record.offset for record in one.records}
    return one.side is other.side and any(record.offset in places for record in other.records)
