"""Several downloads by one call: in their order, at once within bounds, and never two into one file."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.real.raw_server import raw_server, read_request
from tests.transfer.background import Served, served
from transom.errors import TransferError, TransomError, UsageError
from transom.net.session import Timeouts
from transom.transfer.client import Road
from transom.transfer.download import Progress
from transom.transfer.request import GetRequest
from transom.transfer.result import TransferResult, TransferTimes
from transom.transfer.resume import Kept, Notice
from transom.transfer.several import Bounds, Outcome, run_several

QUICK = Road(timeouts=Timeouts(connect=5, handshake=5, idle=20, linger=0.1))
OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def server(root: Path) -> Generator[Served]:
    with served(root) as running:
        yield running


class Log:
    """A watcher that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []
        self.notices: list[tuple[int, Notice]] = []
        self.bytes_came = threading.Event()

    def begins(self, number: int) -> Progress | None:
        self.told.append(("begins", number))
        return lambda _done, _total: self.bytes_came.set()

    def notice(self, number: int, notice: Notice) -> None:
        self.notices.append((number, notice))

    def saved(self, number: int, result: TransferResult) -> None:
        self.told.append(("saved", number))

    def failed(self, number: int, error: TransomError, times: TransferTimes | None) -> None:
        self.told.append(("failed", number))


def fetch(urls: list[str], log: Log | None = None, bounds: Bounds | None = None, **options: Any) -> list[Outcome]:
    requests = [GetRequest(url, **options) for url in urls]
    return run_several(requests, QUICK, log or Log(), bounds or Bounds())


def saved(outcomes: list[Outcome]) -> list[bool]:
    return [isinstance(outcome, TransferResult) for outcome in outcomes]


def test_one_after_the_other_in_their_order_and_one_that_fails_does_not_stop_the_others(
    server: Served, here: Path
) -> None:
    log = Log()
    urls = [server.url(path) for path in ("/f.bin", "/nothing", "/hello.txt")]
    outcomes = fetch(urls, log)
    assert log.told == [
        ("begins", 0), ("saved", 0), ("begins", 1), ("failed", 1), ("begins", 2), ("saved", 2),
    ]  # fmt: skip
    assert saved(outcomes) == [True, False, True]
    assert isinstance(outcomes[1], TransferError)
    assert outcomes[1].exit_code == 22
    assert sorted(path.name for path in here.iterdir()) == ["f.bin", "hello.txt"]


def test_to_fail_early_is_to_begin_no_other(server: Served, here: Path) -> None:
    log = Log()
    urls = [server.url(path) for path in ("/f.bin", "/nothing", "/hello.txt")]
    outcomes = fetch(urls, log, Bounds(fail_early=True))
    assert saved(outcomes) == [True, False, False]
    assert outcomes[2] is None
    assert ("begins", 2) not in log.told


class Crowd:
    """A server that answers only when `together` requests wait for an answer; `most` is how many ever did."""

    def __init__(self, together: int) -> None:
        self._barrier = threading.Barrier(together)
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    def script(self, connection: socket.socket) -> None:
        read_request(connection)
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self._barrier.wait(20)
        with self._lock:
            self._now -= 1
        connection.sendall(OK + b"Content-Length: 2\r\n\r\nok")


@pytest.mark.parametrize("bounds", [Bounds(50, 3), Bounds(3, 50), Bounds(50), Bounds(50, 12)])
def test_so_many_at_once_as_the_bounds_allow_and_no_more(here: Path, bounds: Bounds) -> None:
    together = min(bounds.at_once, bounds.at_one_host, 12)
    crowd = Crowd(together)
    with raw_server(crowd.script, at_once=True) as port:
        outcomes = fetch([f"http://127.0.0.1:{port}/{number}" for number in range(12)], bounds=bounds)
    assert saved(outcomes) == [True] * 12
    assert crowd.most == together
    assert len(list(here.iterdir())) == 12


def test_who_waits_for_a_busy_host_does_not_hold_up_another_host(here: Path) -> None:
    another_is_done = threading.Event()

    def busy(connection: socket.socket) -> None:
        read_request(connection)
        assert another_is_done.wait(20)
        connection.sendall(OK + b"Content-Length: 2\r\n\r\nok")

    def quick(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK + b"Content-Length: 2\r\n\r\nok")
        another_is_done.set()

    with raw_server(busy, at_once=True) as one, raw_server(quick) as other:
        urls = [f"http://127.0.0.1:{one}/{number}" for number in range(5)] + [f"http://127.0.0.1:{other}/quick"]
        assert saved(fetch(urls, bounds=Bounds(2, 1))) == [True] * 6


def test_to_fail_early_ends_those_under_way_and_keeps_what_came_of_them(here: Path) -> None:
    log = Log()

    def stalling(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK + b'ETag: "one"\r\nContent-Length: 100\r\n\r\n' + bytes(50))
        connection.recv(1)

    def refusing(connection: socket.socket) -> None:
        read_request(connection)
        assert log.bytes_came.wait(20)
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    with raw_server(stalling) as one, raw_server(refusing) as other:
        urls = [f"http://127.0.0.1:{one}/half", f"http://127.0.0.1:{other}/no", f"http://127.0.0.1:{other}/never"]
        outcomes = fetch(urls, log, Bounds(2, fail_early=True))
    assert outcomes[0] is None
    assert isinstance(outcomes[1], TransferError)
    assert outcomes[2] is None
    assert [told for told in log.told if told[0] != "begins"] == [("failed", 1)]
    assert ("begins", 2) not in log.told
    assert log.notices == [(0, Kept(50, 100))]
    assert sorted(path.name for path in here.iterdir()) == [".half.transom-from", ".half.transom-part"]


@pytest.mark.parametrize("at_once", [1, 2])
@pytest.mark.parametrize(
    ("outputs", "what"),
    [
        ((None, None), "would both be saved as f.bin"),
        (("f.bin", None), "would both be saved as f.bin"),
        (("./f.bin", "link/f.bin"), "would both be saved as link/f.bin"),
    ],
)
def test_two_that_would_be_one_file_are_refused_before_anything_crosses(
    server: Served, here: Path, at_once: int, outputs: tuple[str | None, ...], what: str
) -> None:
    (here / "link").symlink_to(".")
    requests = [
        GetRequest(server.url(path), output=output, overwrite=True)
        for path, output in zip(("/f.bin", "/f.bin?again"), outputs, strict=True)
    ]
    with pytest.raises(UsageError, match=what):
        run_several(requests, QUICK, Log(), Bounds(at_once))
    assert server.log == []
    assert [path.name for path in here.iterdir()] == ["link"]


def test_a_url_that_cannot_be_used_is_refused_before_anything_crosses(server: Served, here: Path) -> None:
    for wrong in ("ftp://127.0.0.1/f.bin", server.url("/")):
        with pytest.raises(UsageError):
            fetch([server.url("/f.bin"), wrong])
    assert server.log == []
    assert list(here.iterdir()) == []


def test_one_pipe_takes_several_files_one_after_the_other_and_not_at_once(server: Served, here: Path) -> None:
    os.mkfifo("pipe")
    urls = [server.url("/hello.txt"), server.url("/sub/%ED%95%9C%EA%B8%80%20%EC%9D%B4%EB%A6%84.txt")]
    with pytest.raises(UsageError, match="would both be saved as pipe"):
        fetch(urls, bounds=Bounds(2), output="pipe")
    read: list[bytes] = []
    held = os.open("pipe", os.O_RDWR)  # keeps it open between the two files
    try:
        assert saved(fetch(urls, output="pipe")) == [True, True]
        read.append(os.read(held, 100))
    finally:
        os.close(held)
    assert read == ["hello, world\n안녕\n".encode()]


@pytest.mark.parametrize("at_once", [1, 2])
def test_the_null_device_takes_anything(server: Served, here: Path, at_once: int) -> None:
    assert saved(fetch([server.url("/f.bin")] * 3, bounds=Bounds(at_once), output="/dev/null")) == [True] * 3


def test_a_name_that_the_server_gives_to_two_files_is_that_of_the_first(here: Path) -> None:
    def named(connection: socket.socket) -> None:
        head = read_request(connection)
        body = b"" if head.startswith(b"HEAD") else b"ok"
        connection.sendall(OK + b"Content-Disposition: attachment; filename=same\r\nContent-Length: 2\r\n\r\n" + body)

    with raw_server(named) as port:
        urls = [f"http://127.0.0.1:{port}/dl?id={number}" for number in range(2)]
        outcomes = fetch(urls, remote_name=True)
    assert saved(outcomes) == [True, False]
    assert isinstance(outcomes[1], TransferError)
    assert (outcomes[1].exit_code, str(outcomes[1])) == (23, "same exists, and is not written over unless -o names it")


def test_a_fault_of_ours_ends_all_and_is_not_lost(server: Served, here: Path) -> None:
    class Broken(Log):
        def saved(self, number: int, result: TransferResult) -> None:
            raise BrokenPipeError

    for bounds in (Bounds(), Bounds(2)):
        with pytest.raises(BrokenPipeError):
            fetch([server.url("/f.bin"), server.url("/hello.txt")], Broken(), bounds, overwrite=True)


@pytest.mark.parametrize(
    ("output", "name"),
    [(None, "f.bin"), ("other", "other"), ("deep/er", "deep/er"), ("/dev/null", None)],
)
def test_files_are_saved_in_the_folder_that_was_named(
    server: Served, here: Path, output: str | None, name: str | None
) -> None:
    result = fetch([server.url("/f.bin")], output=output, folder=Path("in"), create_folders=True)[0]
    assert isinstance(result, TransferResult)
    assert result.path == (f"in/{name}" if name else "/dev/null")
    assert [str(path.relative_to("in")) for path in Path("in").rglob("*") if path.is_file()] == ([name] if name else [])


def test_a_folder_that_is_not_there_is_made_only_when_asked_and_is_private_as_curls(server: Served, here: Path) -> None:
    url = server.url("/f.bin")
    missing = fetch([url], output="a/b/f.bin")[0]
    assert isinstance(missing, TransferError)
    assert missing.exit_code == 23
    assert list(here.iterdir()) == []
    before = os.umask(0o022)
    try:
        assert saved(fetch([url], output="a/b/f.bin", create_folders=True)) == [True]
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in (here / "a", here / "a" / "b")] == [0o750, 0o750]


def test_a_folder_that_cannot_be_made_is_exit_code_23(server: Served, here: Path) -> None:
    (here / "a").write_text("a file")
    outcome = fetch([server.url("/f.bin")], output="a/b/f.bin", create_folders=True)[0]
    assert isinstance(outcome, TransferError)
    assert (outcome.exit_code, str(outcome)) == (23, "the folder of a/b/f.bin cannot be made: File exists")
