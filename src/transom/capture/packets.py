"""A window of packets as columns, from the link layer up to TCP (RFC 9293 §3.1) and UDP."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from transom.capture.ip import Datagrams, Fate, ipv4, ipv6
from transom.capture.links import is_supported, link_type_name, network_layer
from transom.capture.window import Column, Fields, Mask, Octets, Window
from transom.errors import Sentence
from transom.value import value
from transom.wire.tap import Endpoint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from transom.capture.problems import Findings

TCP = 6
UDP = 17

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10

FlowKey = bytes
"""Who sends to whom: IP version, source and destination address (sixteen bytes each), source and destination port.

Above the version stands the number of the capture, in a file of several.
"""

_TCP_HEADER = 20
_UDP_HEADER = 8

_FINDINGS = {
    Fate.CUT: ("packet-cut", Sentence("captured only in part, headers missing (a snap length set when capturing)")),
    Fate.FRAGMENT: ("ip-fragment", Sentence("an IP fragment, which is not put together")),
    Fate.MALFORMED: ("packet-malformed", Sentence("IP, TCP or UDP header lengths that contradict each other")),
}


class Segment(NamedTuple):
    """One TCP segment or UDP datagram (whose sequence numbers and flags are 0).

    `length` bytes of payload were sent, of which the window's data holds `captured`, at `start`.
    """

    number: int
    time: int
    flow: FlowKey
    sequence: int
    acknowledgement: int
    flags: int
    start: int
    length: int
    captured: int


@value
class Packets:
    """What each packet of a window is; row `i` of every column is packet `window.first_packet + i`.

    `protocol` is TCP, UDP or 0; for 0 the columns after it mean nothing.
    """

    window: Window
    protocol: Column
    flow: Octets
    sequence: Column
    acknowledgement: Column
    flags: Column
    start: Column
    length: Column
    captured: Column

    def only(self, rows: Column, first_packet: int) -> Packets:
        """Those of these rows, numbered anew."""
        return Packets(
            self.window.only(rows, first_packet),
            self.protocol[rows],
            self.flow[rows],
            self.sequence[rows],
            self.acknowledgement[rows],
            self.flags[rows],
            self.start[rows],
            self.length[rows],
            self.captured[rows],
        )

    def segments(self, protocol: int, flows: Collection[FlowKey] | None = None) -> Iterator[Segment]:
        """The packets of one protocol, in the order of the capture; with `flows` those of these alone."""
        rows = np.flatnonzero(self.protocol == protocol)
        if flows is not None and len(rows):
            # Of the same width all of them: that the type drops zeros at the end makes no two the same.
            keys = np.ascontiguousarray(self.flow[rows]).view(f"S{self.flow.shape[1]}").ravel()
            rows = rows[np.isin(keys, np.array(list(flows), keys.dtype))]
        return map(
            Segment,
            (rows + self.window.first_packet).tolist(),
            self.window.time[rows].tolist(),
            _row_bytes(self.flow[rows]),
            self.sequence[rows].tolist(),
            self.acknowledgement[rows].tolist(),
            self.flags[rows].tolist(),
            self.start[rows].tolist(),
            self.length[rows].tolist(),
            self.captured[rows].tolist(),
        )


def parse_packets(window: Window, findings: Findings) -> Packets:
    """Takes every packet of the window apart; those that cannot be go to `findings`, by kind."""
    fields = Fields(window.data)
    version, datagrams = _datagrams(fields, window)
    captured_end = window.offset + window.captured
    fate, start = _transport(fields, datagrams, captured_end)
    _report(window, fate, findings)

    read = fate == Fate.READ
    protocol = np.where(read, datagrams.protocol, 0)
    length = np.where(read, datagrams.end - start, 0)
    captured = np.clip(captured_end - start, 0, length)
    _report_cut_payload(window, captured < length, findings)
    is_tcp, at = protocol == TCP, datagrams.transport
    return Packets(
        window,
        protocol,
        _flow_keys(fields, version + (window.capture % 16 << 4), datagrams),
        np.where(is_tcp, fields.u32(at + 4), 0),
        np.where(is_tcp, fields.u32(at + 8), 0),
        np.where(is_tcp, fields.u8(at + 13), 0),
        start,
        length,
        captured,
    )


def flow_endpoints(flow: FlowKey) -> tuple[Endpoint, Endpoint]:
    """The source and the destination of a flow key."""
    source, destination = flow[1:17], flow[17:33]
    ports = int.from_bytes(flow[33:35], "big"), int.from_bytes(flow[35:37], "big")
    return Endpoint(_address(flow[0], source), ports[0]), Endpoint(_address(flow[0], destination), ports[1])


def reverse_flow(flow: FlowKey) -> FlowKey:
    """The key of the packets that go the other way."""
    return flow[:1] + flow[17:33] + flow[1:17] + flow[35:37] + flow[33:35]


def _datagrams(fields: Fields, window: Window) -> tuple[Column, Datagrams]:
    """The IP version of every packet (0: none) and its IP header."""
    start, version = network_layer(fields, window)
    captured_end = window.offset + window.captured
    # A packet longer than what was sent would be a contradiction: what was captured is there.
    frame_end = window.offset + np.maximum(window.original, window.captured)
    count = len(window)
    fate, protocol, transport, end = np.zeros((4, count), np.int64)
    datagrams = Datagrams(fate, protocol, transport, end, np.zeros((count, 32), np.uint8))
    for number, parse in ((4, ipv4), (6, ipv6)):
        rows = np.flatnonzero(version == number)
        part = parse(fields, start[rows], captured_end[rows], frame_end[rows])
        datagrams.fate[rows] = part.fate
        datagrams.protocol[rows] = part.protocol
        datagrams.transport[rows] = part.transport
        datagrams.end[rows] = part.end
        datagrams.addresses[rows] = part.addresses
    return version, datagrams


def _transport(fields: Fields, datagrams: Datagrams, captured_end: Column) -> tuple[Column, Column]:
    """The fate of every packet after a look at its transport header, and where its payload begins."""
    at, protocol = datagrams.transport, datagrams.protocol
    shortest = np.where(protocol == TCP, _TCP_HEADER, _UDP_HEADER)
    header = np.where(protocol == TCP, (fields.u8(at + 12) >> 4) * 4, _UDP_HEADER)
    start = at + header
    readable = datagrams.fate == Fate.READ
    wanted = (protocol == TCP) | (protocol == UDP)
    cut = at + shortest > captured_end
    malformed = (header < shortest) | (start > datagrams.end)
    fate = np.select(
        [~readable, ~wanted, cut & (at + shortest <= datagrams.end), malformed],
        [datagrams.fate, Fate.OTHER, Fate.CUT, Fate.MALFORMED],
        Fate.READ,
    )
    return fate, start


def _flow_keys(fields: Fields, version: Column, datagrams: Datagrams) -> Octets:
    ports = fields.octets(datagrams.transport, 4)
    return np.hstack([version[:, np.newaxis].astype(np.uint8), datagrams.addresses, ports])


def _row_bytes(rows: Octets) -> list[bytes]:
    data, width = rows.tobytes(), rows.shape[1]
    return [data[at : at + width] for at in range(0, len(data), width)]


def _address(version: int, octets: bytes) -> str:
    return ".".join(map(str, octets[:4])) if version & 15 == 4 else str(IPv6Address(octets))


def _report(window: Window, fate: Column, findings: Findings) -> None:
    for kind, (code, what) in _FINDINGS.items():
        rows = np.flatnonzero(fate == kind)
        if len(rows):
            findings.add(code, _packet(window, rows), what, len(rows))
    for link_type in np.unique(window.link_type).tolist():
        if not is_supported(link_type):
            rows = np.flatnonzero(window.link_type == link_type)
            what = Sentence("link type {link_type} is not supported", link_type=link_type_name(link_type))
            findings.add("link-type-unsupported", _packet(window, rows), what, len(rows))


def _packet(window: Window, rows: Column) -> Sentence:
    return Sentence("packet {number}", number=int(window.first_packet + rows[0]))


def _report_cut_payload(window: Window, cut: Mask, findings: Findings) -> None:
    rows = np.flatnonzero(cut)
    if len(rows):
        what = Sentence("captured only in part, the end of the payload missing (a snap length set when capturing)")
        findings.add("packet-cut", _packet(window, rows), what, len(rows))
