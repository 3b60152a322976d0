from __future__ import annotations

import gzip
import io
import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.capture.build import Talk, interface, key_log, pcap, read, read_bytes, section
from transom.capture.reader import secrets
from transom.capture.source import spooled
from transom.errors import CaptureError
from transom.wire.tap import Side

TALK = Talk().open().answer(os.urandom(20_000)).close()


def test_gzip_is_unwrapped(tmp_path: Path) -> None:
    data = pcap(TALK.frames)
    reading = read_bytes(tmp_path, gzip.compress(data[:100]) + gzip.compress(data[100:]))
    assert reading.summary.conversations[0].server_bytes == 20_000
    assert reading.summary.problems == ()


def test_a_cut_gzip_file_gives_what_can_be_unpacked(tmp_path: Path) -> None:
    wrapped = gzip.compress(pcap(TALK.frames) + bytes(2**20))
    summary = read_bytes(tmp_path, wrapped[:-20]).summary
    assert summary.conversations[0].server_bytes == 20_000
    assert "file-truncated" in [problem.code for problem in summary.problems]


@pytest.mark.parametrize("at", [5, 40, 15_000])
def test_damage_inside_gzip_is_no_traceback(tmp_path: Path, at: int) -> None:
    wrapped = bytearray(gzip.compress(pcap(TALK.frames)))
    wrapped[at : at + 8] = b"\xff" * 8
    try:
        summary = read_bytes(tmp_path, bytes(wrapped)).summary
    except CaptureError:
        return
    assert summary.problems


def test_a_pipe_is_read_through_a_temporary_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(pcap(TALK.frames),))
    writer.start()
    reading = read(pipe)
    writer.join()
    assert len(reading.taps[0].streams[Side.SERVER]) == 20_000


def test_standard_input_can_be_read_twice_when_it_is_spooled(monkeypatch: pytest.MonkeyPatch) -> None:
    data = section() + key_log(b"# keys\n") + interface()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    with spooled(Path("-")) as regular:
        assert secrets(regular) == b"# keys\n"
        assert read(regular).summary.packets == 0
        assert regular.stat().st_mode & 0o077 == 0
    assert not regular.exists()


def test_a_file_that_is_not_there_or_a_folder_is_a_capture_error(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="No such file"):
        read(tmp_path / "missing")
    with pytest.raises(CaptureError, match="Is a directory"):
        read(tmp_path)
