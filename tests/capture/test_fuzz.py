"""Invariant: whatever stands behind a magic number is a result or a CaptureError, and nothing is counted twice."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.capture.build import Talk, block, enhanced, ethernet, interface, pcap, read, section
from transom.capture.problems import Findings
from transom.capture.reader import secrets
from transom.capture.rows import packet_rows
from transom.errors import CaptureError
from transom.wire.tap import Side

TALK = Talk().open().ask(b"ask").answer(b"answer" * 20).close()
PCAP = pcap(TALK.frames)
PCAPNG = section() + interface() + b"".join(enhanced(frame) for frame in TALK.frames)
LINK_TYPES = st.sampled_from([0, 1, 12, 101, 105, 108, 113, 228, 229, 276])

a_slice = settings(max_examples=60, deadline=None)


def assert_read_or_refused(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "capture"
        path.write_bytes(data)
        try:
            reading = read(path)
        except CaptureError:
            return
        assert len(list(packet_rows(path, Findings()))) == reading.summary.packets
        for tap in reading.taps:
            assert tap.conversation is not None
            assert tap.conversation.client_bytes == len(tap.streams[Side.CLIENT])
        secrets(path)


@a_slice
@given(st.sampled_from(["d4c3b2a1", "a1b2c3d4", "4d3cb2a1", "a1b23c4d", "0a0d0d0a", "1f8b"]), st.binary(max_size=400))
def test_random_bytes_behind_a_magic_number(magic: str, rest: bytes) -> None:
    assert_read_or_refused(bytes.fromhex(magic) + rest)


@a_slice
@given(st.lists(st.tuples(st.integers(1, 12), st.binary(max_size=60)), max_size=12))
def test_random_blocks(blocks: list[tuple[int, bytes]]) -> None:
    assert_read_or_refused(section() + interface() + b"".join(block(kind, body) for kind, body in blocks))


@a_slice
@given(LINK_TYPES, st.lists(st.binary(max_size=120), max_size=8))
def test_random_packets(link_type: int, packets: list[bytes]) -> None:
    assert_read_or_refused(pcap(packets, link_type=link_type))


@a_slice
@given(st.lists(st.binary(min_size=40, max_size=80), min_size=1, max_size=8))
def test_random_ip_packets(bodies: list[bytes]) -> None:
    frames = [ethernet(bytes([0x45 if body[0] & 1 else 0x60]) + body[1:9] + b"\x06" + body[10:]) for body in bodies]
    assert_read_or_refused(pcap(frames))


@a_slice
@given(st.sampled_from([PCAP, PCAPNG]), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6))
def test_good_captures_with_bytes_changed(whole: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(whole)
    for at, value in changes:
        damaged[at % len(whole)] = value
    assert_read_or_refused(bytes(damaged))


@a_slice
@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 255), st.binary(max_size=20)), max_size=20))
def test_random_sequence_numbers_and_flags(segments: list[tuple[int, int, bytes]]) -> None:
    frames: list[bytes] = []
    for sequence, flags, payload in segments:
        header = struct.pack(">HHIIHHHH", 1, 2, sequence, sequence ^ 0xFF, 5 << 12 | flags, 0, 0, 0)
        total = 40 + len(payload)
        ip = struct.pack(">BxHHHBBH", 0x45, total, 0, 0, 64, 6, 0) + bytes([127, 0, 0, 1] * 2)
        frames.append(ethernet(ip + header + payload))
    assert_read_or_refused(pcap(frames))
