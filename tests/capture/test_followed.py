"""Which file is followed, until when, and what is heard meanwhile."""

from __future__ import annotations

import gzip
import os
import sys
from pathlib import Path

import pytest

from tests.capture.build import pcap
from tests.real.programs import run
from transom.capture.followed import QUIET, Followed, Stamp, followed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap([]))
    return path


def unsaid(_descriptor: int) -> None:
    """What a system says that does not know."""


def follow(path: Path) -> Followed | None:
    return followed(path, [], lambda _: None)


def test_a_file_is_followed_while_somebody_has_it_open_for_writing(path: Path) -> None:
    assert follow(path) is None
    with path.open("ab"):
        growth = follow(path)
        assert growth is not None
        assert not growth.is_over()
    assert growth.is_over()


def test_who_only_reads_it_is_no_writer_and_gzip_is_not_followed(path: Path, tmp_path: Path) -> None:
    with path.open("rb"):
        assert follow(path) is None
    packed = tmp_path / "x.gz"
    with packed.open("wb") as writer:
        writer.write(gzip.compress(pcap([])))
        writer.flush()
        assert follow(packed) is None
    assert follow(tmp_path / "none") is None


def test_where_the_system_does_not_say_it_is_followed_while_it_grows(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("transom.capture.followed.is_written", unsaid)
    monkeypatch.setattr("transom.capture.followed.time.monotonic", lambda: now)
    growth = follow(path)
    assert growth is not None
    now += QUIET - 1
    assert not growth.is_over()
    with path.open("ab") as writer:
        writer.write(b"more")
    assert not growth.is_over()
    now += QUIET - 1
    assert not growth.is_over()
    now += 2
    assert growth.is_over()
    os.utime(path, (0, 0))
    assert follow(path) is None


def test_of_somebody_elses_file_the_system_does_not_say() -> None:
    """Everybody reads it, and it is root's. To root the system says it of any file, so then somebody else looks."""
    look = "import os; from transom.capture.followed import is_written"
    look += "; file = os.open('/etc/passwd', os.O_RDONLY); os.getuid() or os.setuid(65534); print(is_written(file))"
    ran = run(sys.executable, "-c", look)
    assert ran.text == "None\n", ran.stderr


def test_what_becomes_of_a_file_is_told(path: Path, tmp_path: Path) -> None:
    stamp = Stamp.of(path)
    assert stamp.change(path) is None
    path.write_bytes(pcap([b"x"]))
    assert stamp.change(path) == "grown"
    path.write_bytes(b"")
    assert stamp.change(path) == "shorter"
    (tmp_path / "other").write_bytes(b"x" * 100)
    (tmp_path / "other").replace(path)
    assert stamp.change(path) == "replaced"
    path.unlink()
    assert stamp.change(path) == "gone"


def test_what_is_logged_meanwhile_is_heard_once(path: Path, tmp_path: Path) -> None:
    log, heard = tmp_path / "keys", bytearray()
    growth = Followed(path, [log, tmp_path / "none"], heard.extend)
    growth.before_packets()
    log.write_bytes(b"one\ntw")
    growth.before_packets()
    with log.open("ab") as more:
        more.write(b"o\n")
    growth.before_packets()
    growth.before_packets()
    assert bytes(heard) == b"one\ntwo\n"
