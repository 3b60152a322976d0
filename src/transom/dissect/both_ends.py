"""One connection that was captured at two places: what differs between them, and what came to pass on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from transom.capture.traffic import Traffic, traffic
from transom.dissect.bytes_apart import Apart, bytes_apart
from transom.dissect.portrait import Key, Portrait, Told
from transom.dissect.portrait import Value as FieldValue
from transom.dissect.timeline import ApplicationData, Item, Message
from transom.tls.record.header import HEADER_LENGTH
from transom.value import value
from transom.wire.tap import Endpoints, Side

Which = Literal["a", "b"]

_MOST_MESSAGES = 1_000

_SAME_PLACE = 50_000
"""Nanoseconds between an answer's way to two places, below which nothing tells which of them is nearer."""


@value
class Place:
    """A capture, the number of the conversation in it, and its two ends as they were seen there."""

    path: Path
    number: int
    endpoints: Endpoints


@value
class Changed:
    """The first byte of a side that is another one at the other place. `where` is the message it is in.

    `a` and `b` are None where the bytes are no part of TLS: what was said in the clear is nobody else's.
    """

    side: Side
    offset: int
    a: int | None
    b: int | None
    where: str


@value
class BothEnds:
    """`nearer` is the one that is nearer the client, None where that cannot be told; spans are nanoseconds.

    `between` is the way from one place to the other and back, `clock` what the clock of B is ahead of that of A if
    both ways take equally long. `lost` are bytes, repeated ones too, that were captured where they were sent and not
    where they were to come. `same_hello` is False where somebody in between speaks for both.
    """

    a: Traffic
    b: Traffic
    nearer: Which | None
    between: int | None
    clock: int | None
    lost: Mapping[Side, int]
    changed: Mapping[Side, Changed]
    same_hello: bool


class Messages:
    """A listener of a conversation: which message each byte of its sides is in."""

    def __init__(self) -> None:
        self._spans: list[tuple[Side, int, int, str]] = []

    def take(self, item: Item) -> None:
        """The next item."""
        if len(self._spans) >= _MOST_MESSAGES:
            return
        match item:
            case Message(side=side, records=records):
                last = records[-1]
                self._spans.append((side, records[0].offset, last.offset + HEADER_LENGTH + last.length, item.name))
            case ApplicationData(side=side, offset=offset, end=end):
                self._spans.append((side, offset, end, "ApplicationData"))
            case _:
                pass

    def at(self, side: Side, offset: int) -> str | None:
        """The first message that has it; several may share a record."""
        return next((name for of, start, end, name in self._spans if of is side and start <= offset < end), None)


def both_ends(a: Place, b: Place, messages: Messages, *, same_hello: bool) -> BothEnds:
    """Both read again for it. `messages` have heard A's. Raises CaptureError."""
    seen = {place: traffic(place.path, place.number, place.endpoints) for place in (a, b)}
    nearer, between = _nearer(seen[a], seen[b])
    apart = bytes_apart((a.path, a.number), (b.path, b.number))
    return BothEnds(
        seen[a],
        seen[b],
        nearer,
        between,
        _clock(seen[a], seen[b], nearer, between),
        dict(_lost(seen[a], seen[b], nearer)),
        {side: _changed(found, messages) for side, found in apart.items()},
        same_hello,
    )


def with_ends(portrait: Portrait, place: Place, ends: BothEnds, which: Which) -> Portrait:
    """The portrait with what only a connection at two places can be asked."""
    seen = ends.a if which == "a" else ends.b
    took = seen.answer_took
    fields = dict(portrait.fields)
    fields[Key("timing", "answer_took")] = Told("absent") if took is None else Told("seen", took)
    for name, found in _fields(place, seen, ends, which):
        fields[Key("ends", name)] = Told("absent") if found is None else Told("seen", found)
    return Portrait(fields, portrait.verdict)


def _fields(place: Place, seen: Traffic, ends: BothEnds, which: Which) -> Iterator[tuple[str, FieldValue]]:
    addresses = {Side.CLIENT: place.endpoints.client, Side.SERVER: place.endpoints.server}
    for side in Side:
        sent = seen.sent[side]
        yield f"{side.value}_address", str(addresses[side])
        yield f"{side.value}_segments", sent.packets
        yield f"{side.value}_sent", sent.bytes_in_all
        yield f"{side.value}_again", sent.again
        yield f"{side.value}_missing", sent.missing
        changed = ends.changed.get(side)
        byte = None if changed is None else changed.a if which == "a" else changed.b
        at = None if changed is None or byte is None else f"{changed.offset:,}: {byte:02x}"
        yield f"{side.value}_changed", at


def _nearer(a: Traffic, b: Traffic) -> tuple[Which | None, int | None]:
    """Who waits longer for the server's answer is farther from it, and that much."""
    if a.answer_took is None or b.answer_took is None:
        return None, None
    between = a.answer_took - b.answer_took
    if abs(between) < _SAME_PLACE:
        return None, abs(between)
    return ("a", between) if between > 0 else ("b", -between)


def _clock(a: Traffic, b: Traffic, nearer: Which | None, between: int | None) -> int | None:
    if a.opened is None or b.opened is None or between is None:
        return None
    way = between // 2 if nearer == "a" else -(between // 2) if nearer == "b" else 0
    return b.opened - a.opened - way


def _lost(a: Traffic, b: Traffic, nearer: Which | None) -> Iterator[tuple[Side, int]]:
    if nearer is None:
        return
    client_end, server_end = (a, b) if nearer == "a" else (b, a)
    for side, (sender, receiver) in zip(Side, ((client_end, server_end), (server_end, client_end)), strict=True):
        count = sender.sent[side].bytes_in_all - receiver.sent[side].bytes_in_all
        if count > 0:
            yield side, count


def _changed(apart: Apart, messages: Messages) -> Changed:
    where = messages.at(apart.side, apart.offset)
    if where is None:
        return Changed(apart.side, apart.offset, None, None, "TCP")
    return Changed(apart.side, apart.offset, apart.a, apart.b, where)
