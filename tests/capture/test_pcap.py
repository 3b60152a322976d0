from __future__ import annotations

import struct
from pathlib import Path
from typing import Literal

import pytest

from tests.capture.build import START, Talk, pcap, read_bytes
from transom.capture.problems import Findings
from transom.capture.reader import read_windows
from transom.capture.source import MAX_RECORD
from transom.errors import CaptureError
from transom.wire.tap import Side

TALK = Talk().open().ask(b"GET / HTTP/1.0\r\n\r\n").answer(b"HTTP/1.0 200 OK\r\n\r\nfile").close()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("unit", "nanoseconds"), [("micro", 1000), ("nano", 1)])
def test_all_four_magic_numbers_are_read(
    tmp_path: Path, order: Literal["<", ">"], unit: Literal["micro", "nano"], nanoseconds: int
) -> None:
    reading = read_bytes(tmp_path, pcap(TALK.frames, order=order, unit=unit))
    assert bytes(reading.taps[0].streams[Side.SERVER]) == b"HTTP/1.0 200 OK\r\n\r\nfile"
    conversation = reading.summary.conversations[0]
    assert conversation.start == START
    assert conversation.end == START + (len(TALK.frames) - 1) * nanoseconds
    assert reading.summary.problems == ()


def test_bits_above_the_link_type_are_not_part_of_it(tmp_path: Path) -> None:
    reading = read_bytes(tmp_path, pcap(TALK.frames, link_type=0x5400_0001))
    assert reading.summary.link_types == ("ETHERNET",)
    assert reading.summary.conversations[0].client_bytes == 18


def test_a_cut_last_record_gives_everything_before_it_and_is_reported(tmp_path: Path) -> None:
    whole = pcap(TALK.frames)
    reading = read_bytes(tmp_path, whole[:-1])
    assert reading.summary.packets == len(TALK.frames) - 1
    (problem,) = reading.summary.problems
    last = len(whole) - 16 - len(TALK.frames[-1])
    assert (problem.code, problem.where) == ("file-truncated", f"byte {last}")


def test_every_prefix_gives_a_result_or_a_capture_error(tmp_path: Path) -> None:
    whole = pcap(TALK.frames)
    ends = {24}
    for frame in TALK.frames:
        ends.add(max(ends) + 16 + len(frame))
    for size in range(len(whole)):
        if size < 24:
            with pytest.raises(CaptureError):
                read_bytes(tmp_path, whole[:size])
            continue
        summary = read_bytes(tmp_path, whole[:size]).summary
        assert summary.packets == sum(end <= size for end in ends) - 1
        assert [problem.code for problem in summary.problems] == ([] if size in ends else ["file-truncated"])


def test_a_record_of_impossible_length_ends_the_reading_there(tmp_path: Path) -> None:
    damage = struct.pack("<IIII", 0, 0, MAX_RECORD + 1, MAX_RECORD + 1)
    whole = pcap(TALK.frames)
    summary = read_bytes(tmp_path, whole + damage + bytes(100)).summary
    assert summary.packets == len(TALK.frames)
    (problem,) = summary.problems
    assert (problem.code, problem.where) == ("file-damaged", f"byte {len(whole)}")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\x7fELF" + bytes(60), "begins with 7f 45 4c 46"),
        (b"GET / HTTP/1.1\r\n\r\n", "begins with 47 45 54"),
        (bytes.fromhex("d4c3b2a1"), "4 of 24 bytes"),
        (struct.pack("<IHH16x", 0xA1B2C3D4, 543, 0), "version 543.0"),
    ],
)
def test_a_file_that_is_no_capture_is_refused_by_what_it_begins_with(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(CaptureError, match=said):
        read_bytes(tmp_path, data)


def test_packets_that_straddle_the_reading_window_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transom.capture.source.WINDOW", 100)
    talk = Talk().open().answer(bytes(range(256)) * 3).ask(b"x" * 70).close()
    path = tmp_path / "capture"
    path.write_bytes(pcap(talk.frames))
    assert len(list(read_windows(path, Findings()))) > 3
    reading = read_bytes(tmp_path, pcap(talk.frames))
    assert bytes(reading.taps[0].streams[Side.SERVER]) == bytes(range(256)) * 3
    assert reading.summary.packets == len(talk.frames)
    assert reading.summary.problems == ()
