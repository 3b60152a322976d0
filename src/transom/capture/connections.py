"""Which TCP connection a segment belongs to: numbered from 0 in order of first packet, as Wireshark numbers streams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from transom.capture.packets import ACK, SYN, FlowKey, Segment, reverse_flow

Direction = Literal[0, 1]
"""0 for packets that go the way of the connection's first packet, 1 for those that go the other way."""

SEQUENCE_MODULUS = 2**32


@dataclass(slots=True)
class Connection:
    """The identity of one connection. `start` holds the sequence number of each direction's first byte, once known.

    `opening_seen` tells that a SYN was captured: then nothing came before the bytes at `start`.
    """

    number: int
    flow: FlowKey
    opening_seen: bool = False
    start: list[int | None] = field(default_factory=lambda: [None, None])


class Directory:
    """Finds the connection of a segment, and begins a new one where the segment does."""

    def __init__(self) -> None:
        self._ways: dict[FlowKey, tuple[Connection, Direction]] = {}
        self._count = 0

    def find(self, segment: Segment) -> tuple[Connection, Direction]:
        """The connection of a segment and which way it goes."""
        way = self._ways.get(segment.flow)
        if way is None or (segment.flags & SYN and _opens_another(way, segment)):
            way = self._begin(segment.flow)
        connection, direction = way
        if connection.start[direction] is None or connection.start[1 - direction] is None:
            _learn_start(connection, direction, segment)
        return way

    def _begin(self, flow: FlowKey) -> tuple[Connection, Direction]:
        connection = Connection(self._count, flow)
        self._count += 1
        self._ways[flow] = (connection, 0)
        self._ways[reverse_flow(flow)] = (connection, 1)
        return self._ways[flow]


def _opens_another(way: tuple[Connection, Direction], segment: Segment) -> bool:
    """A SYN sent again has the sequence number of the first; any other opens the addresses and ports anew."""
    connection, direction = way
    return connection.start[direction] not in (None, _after(segment.sequence))


def _learn_start(connection: Connection, direction: Direction, segment: Segment) -> None:
    """A SYN takes one sequence number (RFC 9293 §3.4). Without one, the first segment seen has to do."""
    opens = segment.flags & SYN
    if connection.start[direction] is None:
        connection.start[direction] = _after(segment.sequence) if opens else segment.sequence
    if opens:
        connection.opening_seen = True
    # What acknowledges a SYN that was not captured, or is captured later, tells the number after it.
    if connection.opening_seen and connection.start[1 - direction] is None and segment.flags & ACK:
        connection.start[1 - direction] = segment.acknowledgement


def _after(sequence: int) -> int:
    return (sequence + 1) % SEQUENCE_MODULUS
