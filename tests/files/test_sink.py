"""A download appears whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from transom.errors import TransferError
from transom.files.opened import OpenFolder
from transom.files.sidecar import Origin
from transom.files.sink import Sink, open_sink, open_sink_in
from transom.files.source import share

PARTIAL = ".file.transom-part"


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_nothing_has_the_targets_name_until_it_is_whole(tmp_path: Path) -> None:
    sink = open_sink(tmp_path / "file")
    sink.write(b"hello ")
    sink.write(memoryview(b"world"))
    assert files(tmp_path) == [PARTIAL]
    assert sink.written == 11
    sink.finish()
    assert files(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"hello world"


def test_an_abandoned_download_leaves_no_trace(tmp_path: Path) -> None:
    sink = open_sink(tmp_path / "file")
    sink.write(b"half")
    sink.abandon()
    sink.abandon()
    assert files(tmp_path) == []


def test_abandoning_a_finished_download_does_nothing(tmp_path: Path) -> None:
    sink = open_sink(tmp_path / "file")
    sink.finish()
    sink.abandon()
    assert files(tmp_path) == ["file"]


def test_the_digest_is_of_what_was_written(tmp_path: Path) -> None:
    sink = open_sink(tmp_path / "file")
    sink.keep_hash("sha-256")
    sink.write(b"hel")
    sink.keep_hash("sha-512")
    sink.write(b"lo")
    assert sink.digest("sha-256") == hashlib.sha256(b"hello").digest()
    assert sink.digest("sha-512") == hashlib.sha512(b"hello").digest()
    sink.finish()
    with_none = open_sink(tmp_path / "other")
    assert with_none.digest("sha-256") is None
    with_none.abandon()


def test_an_existing_file_is_never_written_over_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(TransferError, match="exists") as refusal:
        open_sink(tmp_path / "file")
    assert refusal.value.exit_code == 23
    assert files(tmp_path) == ["file"]
    sink = open_sink(tmp_path / "file", overwrite=True)
    sink.write(b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    sink.finish()
    assert (tmp_path / "file").read_bytes() == b"new"


@pytest.mark.parametrize("has_links", [True, False])
def test_a_file_that_came_to_be_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    if not has_links:
        without_hard_links(monkeypatch)
    sink = open_sink(tmp_path / "file")
    sink.write(b"new")
    (tmp_path / "file").write_bytes(b"theirs")
    with pytest.raises(TransferError, match="exists"):
        sink.finish()
    sink.abandon()
    assert (tmp_path / "file").read_bytes() == b"theirs"
    assert files(tmp_path) == ["file"]


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_hard_links(monkeypatch)
    sink = open_sink(tmp_path / "file")
    sink.write(b"new")
    sink.finish()
    assert files(tmp_path) == ["file"]


def without_hard_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)


def test_two_downloads_to_one_target_do_not_mix(tmp_path: Path) -> None:
    first = open_sink(tmp_path / "file")
    first.write(b"first")
    with pytest.raises(TransferError, match="being written by another transfer"):
        open_sink(tmp_path / "file")
    first.finish()
    assert (tmp_path / "file").read_bytes() == b"first"


def test_a_download_that_begins_as_another_ends_does_not_empty_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_sink(tmp_path / "file")
    first.write(b"first")
    true_flock = fcntl.flock

    def finish_then_lock(fd: int, how: int) -> None:
        monkeypatch.undo()
        first.finish()
        true_flock(fd, how)

    monkeypatch.setattr(fcntl, "flock", finish_then_lock)
    second = open_sink(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"first"
    second.abandon()
    assert files(tmp_path) == ["file"]


def test_many_downloads_to_one_target_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    outcomes: list[str] = []

    def download(number: int) -> None:
        try:
            sink = open_sink(tmp_path / "file", overwrite=True)
        except TransferError:
            outcomes.append("refused")
            return
        for _ in range(50):
            sink.write(bytes([number]) * 1000)
        sink.finish()
        outcomes.append("whole")

    for _ in range(10):
        threads = [threading.Thread(target=download, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        content = (tmp_path / "file").read_bytes()
        assert content == content[:1] * 50_000
        assert files(tmp_path) == ["file"]
    assert len(outcomes) == 40
    assert "whole" in outcomes


def test_what_a_killed_download_left_is_taken_over(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from transom.files.sink import open_sink\n"
        "sink = open_sink(sys.argv[1]); sink.write(b'x' * 100); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, tmp_path / "file"], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert files(tmp_path) == [PARTIAL]
    sink = open_sink(tmp_path / "file")
    sink.write(b"whole")
    sink.finish()
    assert (tmp_path / "file").read_bytes() == b"whole"
    assert files(tmp_path) == ["file"]


def test_a_partial_that_has_a_second_name_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    os.link(tmp_path / "precious", tmp_path / PARTIAL)
    sink = open_sink(tmp_path / "file")
    sink.write(b"new")
    sink.finish()
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert (tmp_path / "file").read_bytes() == b"new"


ORIGIN = Origin("https://h/", '"one"', None, None)


def removed_and_begun_anew(tmp_path: Path) -> tuple[Sink, Sink]:
    """One download, whose partial somebody removed, and another, which began then and is not through."""
    first = open_sink(tmp_path / "f.bin")
    first.begin(ORIGIN)
    first.write(b"whole")
    (tmp_path / ".f.bin.transom-part").unlink()
    second = open_sink(tmp_path / "f.bin")
    second.begin(ORIGIN)
    second.write(b"ha")
    return first, second


def test_a_download_whose_partial_was_removed_gives_no_other_the_targets_name(tmp_path: Path) -> None:
    first, second = removed_and_begun_anew(tmp_path)
    with pytest.raises(TransferError, match="transom-part, in which it was, has been removed"):
        first.finish()
    assert first.leave() is None
    assert not (tmp_path / "f.bin").exists()
    second.write(b"lf")
    second.finish()
    assert [path.name for path in tmp_path.iterdir()] == ["f.bin"]
    assert (tmp_path / "f.bin").read_bytes() == b"half"


def test_a_download_whose_partial_was_removed_says_nothing_of_another(tmp_path: Path) -> None:
    first, second = removed_and_begun_anew(tmp_path)
    with pytest.raises(TransferError):
        first.checkpoint()
    assert [path.name for path in tmp_path.iterdir()] == [".f.bin.transom-part"]
    assert second.leave() == 2
    assert first.leave() is None
    held = open_sink(tmp_path / "f.bin", resume=True)
    assert held.held is not None
    assert held.held.durable == 2
    held.abandon()


def test_a_download_whose_partial_was_removed_takes_nothing_of_another_with_it(tmp_path: Path) -> None:
    first, second = removed_and_begun_anew(tmp_path)
    second.checkpoint()
    first.abandon()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".f.bin.transom-from", ".f.bin.transom-part"]
    second.finish()
    assert (tmp_path / "f.bin").read_bytes() == b"ha"


def test_a_partial_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / PARTIAL).symlink_to("precious")
    with pytest.raises(TransferError, match="file cannot be written"):
        open_sink(tmp_path / "file")
    assert (tmp_path / "precious").read_bytes() == b"precious"


def test_a_link_in_the_targets_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "file").symlink_to("precious")
    with pytest.raises(TransferError, match="exists"):
        open_sink(tmp_path / "file")
    sink = open_sink(tmp_path / "file", overwrite=True)
    sink.write(b"new")
    sink.finish()
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_file_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        open_sink(tmp_path / "file").finish()
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


def test_the_bytes_are_durable_before_the_name_and_the_name_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    true_fsync, true_link = os.fsync, os.link

    def fsync(fd: int) -> None:
        order.append("fsync folder" if Path(f"/dev/fd/{fd}").resolve() == tmp_path.resolve() else "fsync file")
        true_fsync(fd)

    def link(*names: str, **where: int) -> None:
        order.append("name")
        true_link(*names, **where)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "link", link)
    open_sink(tmp_path / "file").finish()
    assert order == ["fsync file", "name", "fsync folder"]


def test_a_sidecar_is_gone_durably_before_the_part_that_it_tells_of_is_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = open_sink(tmp_path / "file")
    left.begin(ORIGIN)
    left.write(b"12345")
    assert left.leave() == 5
    order: list[str] = []
    fsync, truncate = os.fsync, os.ftruncate

    def synced(fd: int) -> None:
        order.append("folder synced" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file synced")
        assert files(tmp_path) == [PARTIAL]
        fsync(fd)

    def emptied(fd: int, length: int) -> None:
        order.append(f"cut to {length}")
        truncate(fd, length)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "ftruncate", emptied)
    anew = open_sink(tmp_path / "file")
    assert order == ["folder synced", "cut to 0"]
    anew.abandon()


def test_what_a_sidecar_counts_is_durable_before_it_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    monkeypatch.setattr("transom.files.partial._sync_data", lambda fd: order.append(f"{os.fstat(fd).st_size} durable"))
    monkeypatch.setattr("transom.files.partial.write_sidecar", lambda *of: order.append(f"{of[-1].durable} counted"))
    sink = open_sink(tmp_path / "file")
    sink.begin(Origin("https://h/", '"one"', None, None))
    sink.write(b"12345")
    sink.checkpoint()
    assert order == ["5 durable", "5 counted"]
    sink.abandon()


@pytest.mark.parametrize(
    ("target", "cause"),
    [
        ("nowhere/file", "there is no folder .*nowhere; "),
        ("blocker/file", "Not a directory"),
        ("n" * 250, "File name too long"),
        (".", "is a folder"),
    ],
)
def test_a_target_that_cannot_be_made_says_which_and_why(tmp_path: Path, target: str, cause: str) -> None:
    (tmp_path / "blocker").write_bytes(b"")
    with pytest.raises(TransferError, match=cause) as refusal:
        open_sink(tmp_path / target)
    assert refusal.value.exit_code == 23
    assert str(tmp_path / target) in str(refusal.value)


def test_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = open_sink(tmp_path / "file")

    def full(fd: int, data: memoryview) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(TransferError, match="file cannot be written: No space left") as refusal:
            sink.write(b"x")
    assert refusal.value.exit_code == 23
    sink.abandon()
    assert files(tmp_path) == []


def test_a_short_write_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true_write = os.write
    sink = open_sink(tmp_path / "file")
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda fd, data: true_write(fd, data[:3]))
        sink.write(b"0123456789")
    sink.finish()
    assert (tmp_path / "file").read_bytes() == b"0123456789"


def test_a_device_is_written_in_place() -> None:
    sink = open_sink("/dev/null")
    sink.write(b"gone")
    sink.finish()
    full = open_sink("/dev/full")
    with pytest.raises(TransferError, match="/dev/full cannot be written: No space left"):
        full.write(b"x")
    full.abandon()


def test_a_fifo_is_written_in_place(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "file")
    reader = os.open(tmp_path / "file", os.O_RDONLY | os.O_NONBLOCK)
    sink = open_sink(tmp_path / "file")
    sink.write(b"hello")
    assert os.read(reader, 10) == b"hello"
    os.close(reader)
    with pytest.raises(TransferError, match="Broken pipe"):
        sink.write(b"nobody")
    sink.abandon()
    assert files(tmp_path) == ["file"]


def test_standard_output_is_written_and_left_open(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    sink = open_sink("-")
    sink.write(b"hello\x00")
    sink.finish()
    os.write(1, b"after")
    assert capfdbinary.readouterr().out == b"hello\x00after"


def test_an_upload_goes_into_the_folder_that_was_opened_whatever_takes_its_name(tmp_path: Path) -> None:
    (tmp_path / "root" / "sub").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    shared = share(tmp_path / "root")
    with shared.open("/sub/") as folder:
        assert isinstance(folder, OpenFolder)
        (tmp_path / "root" / "sub").rename(tmp_path / "root" / "moved")
        (tmp_path / "root" / "sub").symlink_to("../elsewhere")
        sink = open_sink_in(folder, "file")
    sink.write(b"hello")
    sink.finish()
    shared.close()
    assert files(tmp_path / "elsewhere") == []
    assert (tmp_path / "root" / "moved" / "file").read_bytes() == b"hello"


def test_an_upload_replaces_nothing_unless_asked_and_never_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "folder").mkdir()
    shared = share(tmp_path)
    with shared.open("/") as folder:
        assert isinstance(folder, OpenFolder)
        with pytest.raises(TransferError, match=r"^file exists"):
            open_sink_in(folder, "file")
        replacing = open_sink_in(folder, "folder", overwrite=True)
    with pytest.raises(TransferError, match=r"^folder cannot be written: Is a directory"):
        replacing.finish()
    replacing.abandon()
    shared.close()
    assert files(tmp_path) == ["file", "folder"]


@pytest.mark.parametrize("how", ["leave", "abandon"])
@pytest.mark.parametrize("target", ["f.bin", "/dev/null"])
def test_a_download_that_is_given_up_is_not_hashed_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, how: str
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1})
    before = set(threading.enumerate())
    sink = open_sink(tmp_path / target)
    sink.begin(Origin("http://localhost/f.bin", '"one"', None, 1_000_000))  # so that leaving it leaves it
    sink.keep_hash("sha-512")
    sink.write(bytes(300_000))
    begun = set(threading.enumerate()) - before
    assert begun
    getattr(sink, how)()
    for thread in begun:
        thread.join(10)
        assert not thread.is_alive()
    assert sink.digest("sha-512") is None
