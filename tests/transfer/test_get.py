from __future__ import annotations

import hashlib
import os
import socket
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.real.raw_server import answering, drain, raw_server, read_request, saying
from tests.transfer.background import Served, served
from tests.transfer.conftest import pattern
from transom.errors import CaptureError, TransferError, UsageError
from transom.http.messages import Headers
from transom.net.session import Timeouts
from transom.transfer.client import Road
from transom.transfer.get import run_get
from transom.transfer.request import GetRequest
from transom.transfer.result import TransferResult

QUICK = Road(timeouts=Timeouts(connect=5, handshake=5, idle=0.3, linger=0.1))
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def server(root: Path) -> Generator[Served]:
    with served(root) as running:
        yield running


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def fetch(port: int, output: str = "got", **options: Any) -> TransferResult:
    return run_get(GetRequest(f"http://127.0.0.1:{port}/f.bin", output=output, **options), QUICK)


def refused(port: int, folder: Path) -> TransferError:
    """The error of a download that leaves nothing behind."""
    with pytest.raises(TransferError) as caught:
        fetch(port)
    assert list(folder.iterdir()) == []
    return caught.value


def test_a_file_comes_whole_under_the_urls_last_name(server: Served, root: Path, here: Path) -> None:
    result = run_get(GetRequest(server.url("/sub/%ED%95%9C%EA%B8%80%20%EC%9D%B4%EB%A6%84.txt")))
    assert [path.name for path in here.iterdir()] == ["한글 이름.txt"]
    assert result.path == "한글 이름.txt"
    assert (result.bytes, result.sha256) == (7, None)


def test_a_hash_is_kept_when_asked_for(server: Served, root: Path, here: Path) -> None:
    result = run_get(GetRequest(server.url("/f.bin"), sha256=True))
    assert result.sha256 == hashlib.sha256((root / "f.bin").read_bytes()).hexdigest()
    assert (here / "f.bin").read_bytes() == (root / "f.bin").read_bytes()


def test_progress_is_told_up_to_the_last_byte(server: Served, here: Path) -> None:
    told: list[tuple[int, int | None]] = []
    run_get(GetRequest(server.url("/f.bin")), progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (1_000_003, 1_000_003)


def test_another_file_is_not_written_over_unless_asked(server: Served, here: Path) -> None:
    (here / "hello.txt").write_text("mine")
    with pytest.raises(TransferError, match=r"hello\.txt exists") as caught:
        run_get(GetRequest(server.url("/hello.txt")))
    assert caught.value.exit_code == 23
    assert (here / "hello.txt").read_text() == "mine"
    run_get(GetRequest(server.url("/hello.txt"), output="hello.txt", overwrite=True))
    assert (here / "hello.txt").read_text() == "hello, world\n"


def test_a_failed_download_leaves_the_file_it_should_have_replaced(server: Served, here: Path) -> None:
    (here / "mine").write_text("mine")
    with pytest.raises(TransferError) as caught:
        run_get(GetRequest(server.url("/nothing"), output="mine", overwrite=True))
    assert caught.value.exit_code == 22
    assert [(path.name, path.read_text()) for path in here.iterdir()] == [("mine", "mine")]


@pytest.mark.parametrize(
    ("answer", "code", "what"),
    [
        (b"", 52, "before any response"),
        (OK, 52, "inside the response head"),
        (OK + b"Content-Length: 10\r\n\r\n12345", 18, "5 of 10"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n", 18, "the last chunk never came"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n123", 18, "the last chunk never came"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 8, "not valid HTTP"),
        (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n12", 8, "not valid HTTP"),
        (b"\x16\x03\x03\x00\x02\x02\x28", 8, "not valid HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", 52, "inside the response head"),
        (b"x" * 300_000, 8, "not valid HTTP"),
        (OK + b"X: " + b"x" * 300_000, 8, "not valid HTTP"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", 22, "404 Not Found"),
        (b"HTTP/1.1 500 \x1b[31mred\r\nContent-Length: 0\r\n\r\n", 22, r"500 \x1b[31mred"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\x1b[2J\r\nContent-Length: 0\r\n\r\n", 22, r"302 Found, it is at /\x1b[2J"),
        (b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-0/5\r\nContent-Length: 1\r\n\r\nx", 22, "206"),
    ],
)
def test_a_response_that_is_not_the_whole_file_leaves_none(here: Path, answer: bytes, code: int, what: str) -> None:
    with raw_server(answering(answer)) as port:
        error = refused(port, here)
    assert error.exit_code == code, error
    assert what in str(error)
    assert "\x1b" not in str(error)


def test_a_body_without_a_length_ends_with_the_connection(here: Path) -> None:
    with raw_server(answering(OK + b"\r\n", b"12345")) as port:
        assert fetch(port).bytes == 5
    assert (here / "got").read_bytes() == b"12345"


def test_a_chunked_body_is_put_together(here: Path) -> None:
    body = b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX-Trailer: 1\r\n\r\n"
    with raw_server(answering(OK + b"Transfer-Encoding: chunked\r\n\r\n", body)) as port:
        assert fetch(port).bytes == 7
    assert (here / "got").read_bytes() == b"abcdefg"


def test_interim_responses_are_passed_over(here: Path) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    with raw_server(answering(hints, hints, OK + b"Content-Length: 2\r\n\r\nok")) as port:
        assert fetch(port).bytes == 2


def test_what_a_server_sends_after_the_end_is_not_in_the_file(here: Path) -> None:
    with raw_server(answering(OK + b"Content-Length: 2\r\n\r\nok and more")) as port:
        assert fetch(port).bytes == 2
    assert (here / "got").read_bytes() == b"ok"


def test_an_answer_to_a_question_that_was_not_asked_is_taken_for_what_it_says(here: Path) -> None:
    with raw_server(saying(OK + b"Content-Length: 2\r\n\r\nok")) as port:
        assert fetch(port).bytes == 2


def test_a_server_that_resets_is_exit_code_56(here: Path) -> None:
    def reset(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK + b"Content-Length: 10\r\n\r\n12")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with raw_server(reset) as port:
        assert refused(port, here).exit_code == 56


def test_a_server_that_goes_silent_is_exit_code_28(here: Path) -> None:
    def stall(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK + b"Content-Length: 10\r\n\r\n12")
        drain(connection)

    with raw_server(stall) as port:
        error = refused(port, here)
    assert (error.exit_code, str(error)) == (28, "not a byte crossed in 0.3 s")


def test_a_server_that_does_not_close_after_us_is_not_waited_for(here: Path) -> None:
    released = threading.Event()

    def linger(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK + b"Content-Length: 2\r\n\r\nok")
        drain(connection)
        released.wait(20)

    with raw_server(linger) as port:
        assert fetch(port).bytes == 2
        released.set()


def test_a_full_disk_is_exit_code_23_and_named(server: Served, here: Path) -> None:
    with pytest.raises(TransferError, match=r"/dev/full cannot be written: No space left on device") as caught:
        run_get(GetRequest(server.url("/f.bin"), output="/dev/full"))
    assert caught.value.exit_code == 23


def test_a_pipe_is_written_in_place(server: Served, root: Path, here: Path) -> None:
    os.mkfifo("pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_bytes()))
    reader.start()
    run_get(GetRequest(server.url("/f.bin"), output="pipe"))
    reader.join(10)
    assert read == [(root / "f.bin").read_bytes()]


def test_a_header_of_the_callers_takes_the_place_of_ours(here: Path) -> None:
    asked: list[bytes] = []

    def note(connection: socket.socket) -> None:
        asked.append(read_request(connection))
        connection.sendall(OK + b"Content-Length: 0\r\n\r\n")

    with raw_server(note) as port:
        fetch(port, headers=Headers([("user-agent", "mine"), ("Host", "other"), ("X-One", "1"), ("X-One", "2")]))
    lines = asked[0].split(b"\r\n")
    assert lines[0] == b"GET /f.bin HTTP/1.1"
    assert sorted(lines[1:-2]) == [b"Accept: */*", b"Host: other", b"X-One: 1", b"X-One: 2", b"user-agent: mine"]


@pytest.mark.parametrize("header", [("X", "a\r\nInjected: b"), ("X Y", "1"), ("X:", "1"), ("Content-Length", "x")])
def test_a_header_that_would_break_the_request_is_a_usage_error(here: Path, header: tuple[str, str]) -> None:
    with raw_server(answering(b"")) as port, pytest.raises(UsageError):
        fetch(port, headers=Headers([header]))


def test_a_trace_that_cannot_be_written_ends_the_transfer_and_says_so(server: Served, here: Path) -> None:
    class Full:
        def opened(self, *_: object) -> None: ...

        def data(self, *_: object) -> None:
            raise CaptureError("the trace cannot be written")

        lost = closed = data

    with pytest.raises(CaptureError, match="the trace cannot be written"):
        run_get(GetRequest(server.url("/f.bin")), Road(tap_factory=Full))
    assert list(here.iterdir()) == []


def test_a_big_file_comes_unharmed(root: Path, here: Path) -> None:
    big = pattern(40 * 2**20 + 17)
    (root / "big.bin").write_bytes(big)
    with served(root) as server:
        result = run_get(GetRequest(server.url("/big.bin"), sha256=True))
    assert result.sha256 == hashlib.sha256(big).hexdigest()
