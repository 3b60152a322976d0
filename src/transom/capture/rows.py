"""The packet list: one row a packet, with the numbers that Wireshark shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from transom.capture.connections import SEQUENCE_MODULUS, Directory
from transom.capture.packets import ACK, TCP, UDP, Packets, Segment, flow_endpoints, parse_packets
from transom.capture.reader import read_windows
from transom.value import value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from transom.capture.problems import Findings
    from transom.wire.tap import Endpoint


@value
class PacketRow:
    """One packet. What is neither TCP nor UDP over IP is "other" and has only a number, a time and its size.

    `number` counts from 1; `time` is in nanoseconds since the epoch; `length` is payload for TCP and UDP, as sent,
    and the whole frame otherwise. `flags` are the TCP flag bits of RFC 9293 §3.1. Sequence and acknowledgement
    numbers are relative: a SYN has 0, the first byte 1.
    """

    number: int
    time: int
    protocol: Literal["TCP", "UDP", "other"]
    length: int
    source: Endpoint | None = None
    destination: Endpoint | None = None
    flags: int = 0
    sequence: int | None = None
    acknowledgement: int | None = None
    conversation: int | None = None


def packet_rows(path: Path, findings: Findings) -> Iterator[PacketRow]:
    """Every packet of the capture, in its order; raises CaptureError if the file is no capture."""
    directory = Directory()
    for window in read_windows(path, findings):
        yield from _rows(parse_packets(window, findings), directory)


def _rows(packets: Packets, directory: Directory) -> Iterator[PacketRow]:
    window = packets.window
    tcp, udp = packets.segments(TCP), packets.segments(UDP)
    protocols, times, lengths = packets.protocol.tolist(), window.time.tolist(), window.original.tolist()
    numbers = range(window.first_packet, window.first_packet + len(window))
    for number, protocol, time, length in zip(numbers, protocols, times, lengths, strict=True):
        if protocol == TCP:
            yield _tcp_row(next(tcp), directory)
        elif protocol == UDP:
            yield _udp_row(next(udp))
        else:
            yield PacketRow(number, time, "other", length)


def _tcp_row(segment: Segment, directory: Directory) -> PacketRow:
    connection, direction = directory.find(segment)
    source, destination = flow_endpoints(segment.flow)
    acknowledges = bool(segment.flags & ACK)
    return PacketRow(
        segment.number,
        segment.time,
        "TCP",
        segment.length,
        source,
        destination,
        segment.flags,
        relative(segment.sequence, connection.start[direction]),
        relative(segment.acknowledgement, connection.start[1 - direction]) if acknowledges else None,
        connection.number,
    )


def _udp_row(segment: Segment) -> PacketRow:
    source, destination = flow_endpoints(segment.flow)
    return PacketRow(segment.number, segment.time, "UDP", segment.length, source, destination)


def relative(number: int, start: int | None) -> int | None:
    """A sequence number where the first byte, whose own is `start`, has 1. It wraps when the number does."""
    return None if start is None else (number - start + 1) % SEQUENCE_MODULUS
