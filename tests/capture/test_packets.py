from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.capture.build import (
    ACK,
    CLIENT,
    SERVER,
    Reading,
    ethernet,
    ip,
    pcap,
    read_bytes,
    tcp,
)
from transom.wire.tap import Side

PACKET = tcp(CLIENT, SERVER, 1, 1, ACK, b"payload")
SIX = tcp(("2001:db8::1", 1), ("2001:db8::2", 2), 1, 1, ACK, b"payload")


def read_frames(folder: Path, *frames: bytes, originals: list[int] | None = None) -> Reading:
    return read_bytes(folder, pcap(frames, originals=originals))


def patched(packet: bytes, at: int, new: bytes) -> bytes:
    return packet[:at] + new + packet[at + len(new) :]


def with_extension_headers(packet: bytes, *headers: tuple[int, bytes]) -> bytes:
    """Puts IPv6 extension headers (type, bytes after the next-header byte) before the payload."""
    following, chain = packet[6], b""
    for kind, rest in reversed(headers):
        chain = bytes([following]) + rest + chain
        following = kind
    length = struct.pack(">H", len(packet) - 40 + len(chain))
    return packet[:4] + length + bytes([following]) + packet[7:40] + chain + packet[40:]


def test_ethernet_padding_is_not_payload(tmp_path: Path) -> None:
    short = ethernet(tcp(CLIENT, SERVER, 1, 1, ACK, b"hi"))
    reading = read_frames(tmp_path, short.ljust(60, b"\0"))
    assert bytes(reading.taps[0].streams[Side.CLIENT]) == b"hi"


@pytest.mark.parametrize(("packet", "at"), [(PACKET, 2), (SIX, 4)])
def test_a_total_length_of_zero_means_the_rest_of_the_frame(tmp_path: Path, packet: bytes, at: int) -> None:
    reading = read_frames(tmp_path, ethernet(patched(packet, at, b"\0\0")))
    assert bytes(reading.taps[0].streams[Side.CLIENT]) == b"payload"


def test_ip_and_tcp_options_are_stepped_over(tmp_path: Path) -> None:
    options = ip(CLIENT[0], SERVER[0], 6, b"")
    segment = patched(PACKET[20:40], 12, b"\x80") + bytes(12) + b"payload"
    packet = patched(options, 0, b"\x47" + b"\0" + struct.pack(">H", 28 + len(segment))) + bytes(8) + segment
    reading = read_frames(tmp_path, ethernet(packet))
    assert bytes(reading.taps[0].streams[Side.CLIENT]) == b"payload"
    assert reading.summary.problems == ()


def test_a_packet_cut_by_the_snap_length_leaves_a_hole_of_its_true_size(tmp_path: Path) -> None:
    frames = [ethernet(tcp(CLIENT, SERVER, 1 + 100 * i, 1, ACK, bytes(100))) for i in range(3)]
    reading = read_frames(tmp_path, frames[0], frames[1][:-60], frames[2], originals=[len(frames[0])] * 3)
    conversation = reading.summary.conversations[0]
    assert (conversation.client_bytes, conversation.client_missing) == (240, 60)
    (problem,) = reading.summary.problems
    assert (problem.code, problem.where) == ("packet-cut", "packet 2")


@pytest.mark.parametrize("size", [14 + 1, 14 + 19, 14 + 20, 14 + 33, 14 + 39])
def test_a_packet_cut_inside_its_headers_is_reported(tmp_path: Path, size: int) -> None:
    frame = ethernet(PACKET)
    reading = read_frames(tmp_path, frame[:size], originals=[len(frame)])
    assert reading.summary.conversations == ()
    (problem,) = reading.summary.problems
    assert problem.code == "packet-cut"


@pytest.mark.parametrize(
    "packet",
    [
        patched(PACKET, 6, b"\x20\x00"),
        patched(PACKET, 6, b"\x00\x07"),
        with_extension_headers(SIX, (44, b"\0\x00\x01" + bytes(4))),
        with_extension_headers(SIX, (0, b"\0" + bytes(6)), (44, b"\0\x00\x10" + bytes(4))),
    ],
)
def test_an_ip_fragment_is_a_problem_and_no_data(tmp_path: Path, packet: bytes) -> None:
    reading = read_frames(tmp_path, ethernet(packet))
    assert reading.summary.conversations == ()
    (problem,) = reading.summary.problems
    assert problem.code == "ip-fragment"


@pytest.mark.parametrize(
    "headers",
    [
        [(0, b"\0" + bytes(6))],
        [(0, b"\x01" + bytes(14)), (43, b"\0" + bytes(6)), (60, b"\0" + bytes(6))],
        [(44, b"\0" + bytes(6))],
        [(51, b"\x04" + bytes(22))],
    ],
)
def test_ipv6_extension_headers_are_stepped_over(tmp_path: Path, headers: list[tuple[int, bytes]]) -> None:
    reading = read_frames(tmp_path, ethernet(with_extension_headers(SIX, *headers)))
    assert bytes(reading.taps[0].streams[Side.CLIENT]) == b"payload"
    assert str(reading.summary.conversations[0].endpoints.client) == "[2001:db8::1]:1"


@pytest.mark.parametrize(
    "packet",
    [
        patched(PACKET, 0, b"\x44"),
        patched(PACKET, 2, b"\x00\x10"),
        patched(PACKET, 2, b"\x00\x1e"),
        patched(PACKET, 32, b"\x40"),
        patched(PACKET, 32, b"\xf0"),
        patched(SIX, 4, b"\x00\x05"),
    ],
)
def test_header_lengths_that_contradict_each_other_are_a_problem(tmp_path: Path, packet: bytes) -> None:
    reading = read_frames(tmp_path, ethernet(packet))
    assert reading.summary.conversations == ()
    (problem,) = reading.summary.problems
    assert problem.code == "packet-malformed"
