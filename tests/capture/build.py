"""Builds captures by hand, with nothing of the product in it: what a test reads was written by other code."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from transom.capture.conversation import CaptureSummary, Conversation
from transom.capture.tcp import read_conversations
from transom.wire.tap import Buffer, Ending, Endpoints, Side

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT, SERVER = ("192.0.2.1", 40000), ("192.0.2.2", 80)
START = 1_700_000_000_000_000_000

MAGICS = {
    ("<", "micro"): 0xA1B2C3D4,
    (">", "micro"): 0xA1B2C3D4,
    ("<", "nano"): 0xA1B23C4D,
    (">", "nano"): 0xA1B23C4D,
}


def tcp(
    source: tuple[str, int],
    destination: tuple[str, int],
    seq: int,
    ack: int = 0,
    flags: int = ACK,
    payload: bytes = b"",
) -> bytes:
    """An IP packet with a TCP segment; checksums are left 0, as offloading leaves them."""
    header = struct.pack(">HHIIHHHH", source[1], destination[1], seq % 2**32, ack % 2**32, 5 << 12 | flags, 65535, 0, 0)
    return ip(source[0], destination[0], 6, header + payload)


def udp(source: tuple[str, int], destination: tuple[str, int], payload: bytes) -> bytes:
    header = struct.pack(">HHHH", source[1], destination[1], 8 + len(payload), 0)
    return ip(source[0], destination[0], 17, header + payload)


def ip(source: str, destination: str, protocol: int, body: bytes) -> bytes:
    addresses = ip_address(source).packed + ip_address(destination).packed
    if len(addresses) == 8:
        return struct.pack(">BxHHHBBH", 0x45, 20 + len(body), 1, 0, 64, protocol, 0) + addresses + body
    return struct.pack(">IHBB", 6 << 28, len(body), protocol, 64) + addresses + body


def ethernet(packet: bytes) -> bytes:
    ethertype = b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd"
    return bytes(12) + ethertype + packet


def pcap(
    frames: Sequence[bytes],
    *,
    order: Literal["<", ">"] = "<",
    unit: Literal["micro", "nano"] = "micro",
    link_type: int = 1,
    originals: Sequence[int] | None = None,
) -> bytes:
    """Frame `i` has the time START + i µs, or ns."""
    out = struct.pack(f"{order}IHHIIII", MAGICS[order, unit], 2, 4, 0, 0, 262144, link_type)
    for i, frame in enumerate(frames):
        original = originals[i] if originals else len(frame)
        out += struct.pack(f"{order}IIII", START // 10**9, i, len(frame), original) + frame
    return out


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    length = 12 + len(body)
    return struct.pack(f"{order}II", kind, length) + body + struct.pack(f"{order}I", length)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(f"{order}HH", code, len(value)) + value + bytes(-len(value) % 4)


def section(order: str = "<", version: int = 1) -> bytes:
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, version, 0, -1), order)


def interface(link_type: int = 1, options: bytes = b"", order: str = "<", snaplen: int = 0) -> bytes:
    return block(1, struct.pack(f"{order}HHI", link_type, 0, snaplen) + options, order)


def enhanced(frame: bytes, ticks: int = 0, number: int = 0, order: str = "<") -> bytes:
    header = struct.pack(f"{order}IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
    return block(6, header + frame, order)


def key_log(text: bytes, order: str = "<", kind: int = 0x544C534B) -> bytes:
    return block(0x0A, struct.pack(f"{order}II", kind, len(text)) + text, order)


@dataclass
class Recorder:
    """A tap that keeps everything."""

    conversation: Conversation | None = None
    endpoints: Endpoints | None = None
    events: list[tuple[object, ...]] = field(default_factory=list)
    streams: dict[Side, bytearray] = field(default_factory=lambda: {side: bytearray() for side in Side})
    packets: list[int] = field(default_factory=list)
    times: dict[Side, list[int]] = field(default_factory=lambda: {side: [] for side in Side})

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        assert self.endpoints is None
        self.endpoints = endpoints
        self.events.append(("opened", time, packet))

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        assert len(data) > 0
        self.streams[side] += data
        self.events.append(("data", side, bytes(data)))
        self.packets.append(packet)
        self.times[side].append(time)

    def lost(self, side: Side, count: int, time: int) -> None:
        assert count > 0
        self.events.append(("lost", side, count))
        self.times[side].append(time)

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        self.events.append(("closed", side, how))
        self.times[side].append(time)

    def losses(self, side: Side) -> list[int]:
        return [event[2] for event in self.events if event[:2] == ("lost", side) and isinstance(event[2], int)]


@dataclass
class Reading:
    """One capture as `read_conversations` tells it."""

    summary: CaptureSummary
    taps: list[Recorder]


def read(path: Path) -> Reading:
    taps: list[Recorder] = []

    def tap_for(conversation: Conversation) -> Recorder:
        tap = Recorder(conversation)
        taps.append(tap)
        return tap

    return Reading(read_conversations(path, tap_for), taps)


def read_bytes(folder: Path, data: bytes) -> Reading:
    path = folder / "capture"
    path.write_bytes(data)
    return read(path)


@dataclass
class Talk:
    """Scripts the packets of one connection, with the sequence numbers a real one would have."""

    client: tuple[str, int] = CLIENT
    server: tuple[str, int] = SERVER
    client_seq: int = 1000
    server_seq: int = 5000
    frames: list[bytes] = field(default_factory=list)

    def open(self) -> Talk:
        self._send(self.client, self.server, self.client_seq, 0, SYN)
        self.client_seq += 1
        self._send(self.server, self.client, self.server_seq, self.client_seq, SYN | ACK)
        self.server_seq += 1
        return self.ack_from_client()

    def ask(self, payload: bytes) -> Talk:
        self._send(self.client, self.server, self.client_seq, self.server_seq, PSH | ACK, payload)
        self.client_seq += len(payload)
        return self

    def answer(self, payload: bytes) -> Talk:
        self._send(self.server, self.client, self.server_seq, self.client_seq, PSH | ACK, payload)
        self.server_seq += len(payload)
        return self

    def ack_from_client(self) -> Talk:
        self._send(self.client, self.server, self.client_seq, self.server_seq, ACK)
        return self

    def ack_from_server(self) -> Talk:
        self._send(self.server, self.client, self.server_seq, self.client_seq, ACK)
        return self

    def close(self) -> Talk:
        self._send(self.server, self.client, self.server_seq, self.client_seq, FIN | ACK)
        self.server_seq += 1
        self._send(self.client, self.server, self.client_seq, self.server_seq, FIN | ACK)
        self.client_seq += 1
        return self.ack_from_server()

    def reset_by_server(self) -> Talk:
        self._send(self.server, self.client, self.server_seq, self.client_seq, RST | ACK)
        return self

    def _send(
        self,
        source: tuple[str, int],
        destination: tuple[str, int],
        seq: int,
        ack: int,
        flags: int,
        payload: bytes = b"",
    ) -> None:
        self.frames.append(ethernet(tcp(source, destination, seq, ack, flags, payload)))
