"""The Packets tab: a row a packet, as `read --packets` has them, with the step whose bytes it carries."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict

from transom.dissect.json_lines import Json, Line
from transom.dissect.packet_info import message_info, packet_info
from transom.dissect.timeline import ApplicationData, HttpRequest, HttpResponse, Message
from transom.errors import UsageError
from transom.web.model.context import Context
from transom.web.model.entries import Entry
from transom.web.model.packet_lists import ListedPacket
from transom.wire.tap import Side

SLICE = 100
"""Rows in one answer. A report has the first."""


def packets(context: Context) -> Line:
    """The first rows, and how many there are."""
    ends = context.seen.facts.endpoints
    return {
        "total": len(context.looked.packets),
        "left_out": context.looked.packets.left_out,
        "slice": SLICE,
        "client": str(ends.client) if ends else None,
        "server": str(ends.server) if ends else None,
        "rows": _Writer(context).rows(0),
    }


def packet_slice(context: Context, name: str) -> Line:
    """Slice `name`, counted from 0. Raises UsageError."""
    if not (name.isascii() and name.isdecimal() and len(name) < 12):
        raise UsageError(f"no packets {name}: slices are numbered from 0")
    return {"rows": _Writer(context).rows(int(name) * SLICE)}


class _Writer:
    """`[number, nanoseconds, side, protocol, length, info, step]` a row."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._listed = context.looked.packets
        self._ended_with: defaultdict[int, list[str]] = defaultdict(list)
        self._starts: dict[Side, list[tuple[int, str]]] = {side: [] for side in Side}
        for entry in context.entries:
            self._learn(entry)
        for starts in self._starts.values():
            starts.sort()

    def rows(self, start: int) -> list[Json]:
        listed = self._listed
        return [self._row(listed[at]) for at in range(start, min(start + SLICE, len(listed)))]

    def _learn(self, entry: Entry) -> None:
        for item in (entry.item, *entry.http):
            if isinstance(item, Message | HttpRequest | HttpResponse):
                self._ended_with[item.moment.packet].append(message_info(item, self._context.masking.text))
        match entry.item:
            case Message(side=side, records=records):
                self._starts[side].append((records[0].offset, entry.id))
            case ApplicationData(side=side, offset=offset):
                self._starts[side].append((offset, entry.id))
            case HttpRequest(offset=offset, side=side):
                self._starts[side].append((offset, entry.id))
            case HttpResponse(offset=offset):
                self._starts[Side.SERVER].append((offset, entry.id))
            case _:
                pass

    def _row(self, packet: ListedPacket) -> Json:
        side = self._side(packet)
        spoken = self._context.seen.facts.protocol.upper()
        named = self._ended_with.get(packet.number, [])
        return [
            packet.number,
            packet.time - self._context.start,
            side.value,
            spoken if packet.length and spoken in ("HTTP", "HTTP2", "TLS") else "TCP",
            packet.length,
            packet_info(named, packet.flags, packet.offset, packet.ack),
            self._step(side, packet),
        ]

    def _side(self, packet: ListedPacket) -> Side:
        forth = self._context.forth
        return forth if packet.is_forth else forth.peer

    def _step(self, side: Side, packet: ListedPacket) -> str | None:
        """The first step that begins in it, else the one that goes on in it."""
        if not packet.length or packet.offset is None:
            return None
        start = packet.offset - 1  # the first byte has the relative number 1
        starts = self._starts[side]
        within = bisect_left(starts, (start, ""))
        if within < len(starts) and starts[within][0] < start + packet.length:
            return starts[within][1]
        going_on = bisect_right(starts, (start, "")) - 1
        return starts[going_on][1] if going_on >= 0 else None
