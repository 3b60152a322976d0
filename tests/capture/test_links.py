from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.capture.build import ACK, CLIENT, SERVER, pcap, read_bytes, tcp
from transom.wire.tap import Side

IPV4 = tcp(CLIENT, SERVER, 1, 1, ACK, b"payload")
IPV6 = tcp(("2001:db8::1", 1), ("2001:db8::2", 2), 1, 1, ACK, b"payload")
MAC = bytes(12)

FRAMES = {
    "Ethernet": (1, MAC + b"\x08\x00" + IPV4),
    "Ethernet, IPv6": (1, MAC + b"\x86\xdd" + IPV6),
    "one VLAN tag": (1, MAC + bytes.fromhex("8100 0064 0800") + IPV4),
    "three VLAN tags": (1, MAC + bytes.fromhex("88a8 0001 9100 0002 8100 0003 86dd") + IPV6),
    "NULL, little-endian": (0, struct.pack("<I", 2) + IPV4),
    "NULL, big-endian": (0, struct.pack(">I", 2) + IPV4),
    "NULL, IPv6 of macOS": (0, struct.pack("<I", 30) + IPV6),
    "NULL, IPv6 of FreeBSD, big-endian": (0, struct.pack(">I", 28) + IPV6),
    "LOOP": (108, struct.pack(">I", 24) + IPV6),
    "RAW": (101, IPV4),
    "RAW, IPv6": (101, IPV6),
    "RAW of BSD": (12, IPV4),
    "RAW of OpenBSD": (14, IPV6),
    "IPV4": (228, IPV4),
    "IPV6": (229, IPV6),
    "LINUX_SLL": (113, bytes(14) + b"\x08\x00" + IPV4),
    "LINUX_SLL, VLAN": (113, bytes(14) + bytes.fromhex("8100 0064 86dd") + IPV6),
    "LINUX_SLL2": (276, b"\x86\xdd" + bytes(18) + IPV6),
}


@pytest.mark.parametrize(("link_type", "frame"), FRAMES.values(), ids=FRAMES.keys())
def test_the_ip_packet_is_found_behind_the_link_layer(tmp_path: Path, link_type: int, frame: bytes) -> None:
    reading = read_bytes(tmp_path, pcap([frame], link_type=link_type))
    assert bytes(reading.taps[0].streams[Side.CLIENT]) == b"payload"
    assert reading.summary.problems == ()


@pytest.mark.parametrize("frame", [MAC + b"\x08\x06" + bytes(28), MAC + b"\x00\x10" + IPV4, b"", b"\0" * 13])
def test_frames_without_ip_are_counted_and_left_alone(tmp_path: Path, frame: bytes) -> None:
    summary = read_bytes(tmp_path, pcap([frame, frame])).summary
    assert (summary.packets, summary.conversations, summary.problems) == (2, (), ())


def test_a_link_type_that_is_not_supported_is_said_once(tmp_path: Path) -> None:
    summary = read_bytes(tmp_path, pcap([IPV4] * 3, link_type=105)).summary
    assert summary.link_types == ("105",)
    (problem,) = summary.problems
    assert (problem.code, problem.where) == ("link-type-unsupported", "packet 1 and 2 more")
    assert "105" in problem.what
