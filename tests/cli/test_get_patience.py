"""`transom get --retry` and its kin, as a user types them."""

from __future__ import annotations

import socket

import pytest

import transom.transfer.retry
from tests.real.caller import Caller
from tests.real.raw_server import raw_server, read_request
from tests.transfer.changing_server import changing


@pytest.mark.parametrize(
    ("options", "note"),
    [
        ((), "the server answered 503 Busy; next attempt in 0.0 s (1 of 2)\n"),
        (("--lang", "ko"), "서버의 응답: 503 Busy; 0.0초 뒤 다시 시도 (2번 중 1번째)\n"),
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
