"""`transom get --retry` and its kin, as a user types them."""

from __future__ import annotations

import socket
import struct

import pytest

import transom.transfer.retry
from tests.real.caller import Caller
from tests.real.raw_server import answering, raw_server, read_request
from tests.transfer.changing_server import changing


@pytest.mark.parametrize(
    ("options", "note"),
    [
        ((), "the server answered 503 Busy; next attempt in 0.0 s (1 of 2)\n"),
        (("--lang", "ko"), "서버의 응답: 503 Busy. 0.0초 뒤 다시 시도합니다(2번 중 1번째).\n"),
        (("--explain",), ""),
        (("-s",), ""),
    ],
)
def test_retry_says_why_and_when_and_has_the_file(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], note: str
) -> None:
    monkeypatch.setattr(transom.transfer.retry, "FIRST_WAIT", 0.02)
    with changing(b"file") as server:

        def busy_once(request: bytes) -> bytes:
            server.answer = None
            return b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"

        server.answer = busy_once
        ran = caller.run("get", "--retry", "2", *options, server.url())
    assert ran.exit_code == 0
    assert (caller.folder / "f.bin").read_bytes() == b"file"
    assert ran.stderr.startswith(note) if note else "503 Busy; next" not in ran.stderr


LATER = b"Retry-After: "


@pytest.mark.parametrize(
    ("status", "field", "options", "hint"),
    [
        ("503", LATER + b"7", (), "it asks to come back in 7 s (Retry-After): --retry N waits so long and tries again"),
        ("429", LATER + b"7", ("--explain",), "it asks to come back in 7 s (Retry-After): --retry N waits so long"),
        ("503", LATER + b"7", ("--lang", "ko"), "서버가 7초 뒤에 다시 요청하라고 합니다(Retry-After). --retry N"),
        ("503", LATER + b"7200", (), "in 7,200 s (Retry-After), and --retry waits 600 s at most: try again then"),
        ("503", LATER + b"7200", ("--retry", "1"), "in 7,200 s (Retry-After), and --retry waits 600 s at most"),
        ("503", LATER + b"soon", (), "that may pass: --retry N tries again"),
        ("502", b"X: y", (), "that may pass: --retry N tries again"),
        ("503", b"X: y", ("--retry", "1"), None),
        ("404", LATER + b"7", (), None),
        ("503", LATER + b"7", ("-s",), None),
    ],
)
def test_what_may_pass_is_told_with_the_option_that_waits_for_it(
    caller: Caller,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    field: bytes,
    options: tuple[str, ...],
    hint: str | None,
) -> None:
    monkeypatch.setattr(transom.transfer.retry, "FIRST_WAIT", 0.02)
    answer = f"HTTP/1.1 {status} Busy\r\n".encode() + field + b"\r\nContent-Length: 0\r\n\r\n"
    with raw_server(answering(answer)) as port:
        ran = caller.run("get", *options, f"http://127.0.0.1:{port}/f.bin")
    told = " ".join(f"{ran.text} {ran.stderr}".split())
    assert (ran.exit_code, f"{status} Busy" in told) == (22, True)
    assert (hint in told) if hint else ("Retry" not in told and "--retry" not in told)


def test_an_end_that_came_too_early_is_told_with_the_option_that_tries_again(caller: Caller) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx"
    with raw_server(answering(answer)) as port:
        url = f"http://127.0.0.1:{port}/f.bin"
        once = caller.run("get", url)
    assert "try again, or have --retry N do it" in " ".join(once.stderr.split())


def test_a_reset_too(caller: Caller) -> None:
    def broken(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with raw_server(broken) as port:
        ran = caller.run("get", f"http://127.0.0.1:{port}/f.bin")
    assert ran.exit_code == 56
    assert "try again, or have --retry N do it" in " ".join(ran.stderr.split())


def test_max_time_is_exit_code_28(caller: Caller) -> None:
    def silent(connection: socket.socket) -> None:
        read_request(connection)
        connection.recv(1)

    with raw_server(silent) as port:
        ran = caller.run("get", "-m", "0.2", f"http://127.0.0.1:{port}/f.bin")
    assert (ran.exit_code, ran.stderr) == (28, "transom: the transfer was not finished after 0.2 s\n")


@pytest.mark.parametrize(
    "option",
    ["--max-time=0", "--max-time=nan", "--max-time=-1", "--retry=-1", "--retry=x", "--limit-rate=9", "--limit-rate=x"],
)
def test_what_is_no_time_and_no_number_is_a_usage_error(caller: Caller, option: str) -> None:
    ran = caller.run("get", option, "http://127.0.0.1:1/f.bin")
    assert (ran.exit_code, list(caller.folder.iterdir())) == (2, [])
