"""The UDP datagrams of the command: counted by the server they were for, and named QUIC if they are; none is read.

Of others nothing is kept but that they are not the command's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transom.capture.packets import FlowKey, Segment, flow_endpoints, reverse_flow
from transom.run.ownership import Ends, Ownership, ends_of_datagram
from transom.run.watch import Unread
from transom.wire.tap import Endpoint

MOST_FLOWS = 2**12
"""Pairs of ends of which it is remembered whose they are; of the command's, so many are told apart."""

PATIENCE = 10.0
"""Seconds for which it is asked again whose they are."""

_OFTEN = 0.05

_LONG_HEADER = 0xC0
"""Header form and fixed bit of the packet that a QUIC connection begins with (RFC 9000 §17.2, RFC 9369 §3)."""

_QUIC_VERSIONS = (b"\x00\x00\x00\x01", b"\x6b\x33\x43\xcf")
"""1 and 2, as they stand behind the first byte (RFC 8999 §5.1)."""


@dataclass(slots=True)
class _Flow:
    ends: Ends
    server: Endpoint
    since: float
    is_ours: bool | None = None
    is_quic: bool = False
    datagrams: int = 0
    length: int = 0


class Datagrams:
    """To be used by one thread."""

    def __init__(self, ownership: Ownership) -> None:
        self._ownership = ownership
        self._flows: dict[FlowKey, _Flow] = {}
        self._ours: dict[FlowKey, _Flow] = {}
        self._undecided: dict[FlowKey, _Flow] = {}
        self._looked = 0.0

    def take(self, datagrams: Sequence[Segment], data: memoryview, interface: Callable[[Segment], int]) -> None:
        """Count them. `interface` is the number of the one that each was seen on."""
        new = False
        for datagram in datagrams:
            flow = self._flows.get(datagram.flow) or self._ours.get(datagram.flow)
            if flow is None:
                flow = self._begin(datagram, interface(datagram))
                new = True
            if flow.is_ours is not False:
                flow.datagrams += 1
                flow.length += datagram.length
                flow.is_quic = flow.is_quic or _begins_quic(data[datagram.start : datagram.start + datagram.captured])
        if new or (self._undecided and time.monotonic() - self._looked >= _OFTEN):
            self.decide()

    def decide(self) -> None:
        """Look whose those are that are nobody's yet."""
        if not self._undecided:
            return
        self._looked = time.monotonic()
        undecided = list(self._undecided.items())
        judged = self._ownership.judge([flow.ends for _, flow in undecided])
        for (key, flow), each in zip(undecided, judged, strict=True):
            if each.ours is None and self._looked - flow.since <= PATIENCE:
                continue
            del self._undecided[key]
            flow.is_ours = each.ours is True
            if flow.is_ours and len(self._ours) < 2 * MOST_FLOWS:
                self._ours[key] = self._ours[reverse_flow(key)] = flow

    def unread(self) -> list[Unread]:
        """Of the command's, by server: those of the most datagrams first."""
        sums: dict[tuple[Endpoint, bool], list[int]] = {}
        for flow in {id(flow): flow for flow in self._ours.values()}.values():
            counted = sums.setdefault((flow.server, flow.is_quic), [0, 0])
            counted[0] += flow.datagrams
            counted[1] += flow.length
        unread = [Unread(server, is_quic, *counted) for (server, is_quic), counted in sums.items()]
        return sorted(unread, key=lambda each: -each.datagrams)

    def _begin(self, first: Segment, interface: int) -> _Flow:
        flow = _Flow(ends_of_datagram(first, interface), flow_endpoints(first.flow)[1], time.monotonic())
        for key in (first.flow, reverse_flow(first.flow)):
            self._flows[key] = flow
        while len(self._flows) > 2 * MOST_FLOWS:
            oldest = next(iter(self._flows))
            del self._flows[oldest]
            self._undecided.pop(oldest, None)
        if flow.ends.local:
            self._undecided[first.flow] = flow
        else:
            flow.is_ours = False
        return flow


def _begins_quic(payload: memoryview) -> bool:
    return len(payload) > 5 and payload[0] & _LONG_HEADER == _LONG_HEADER and bytes(payload[1:5]) in _QUIC_VERSIONS
