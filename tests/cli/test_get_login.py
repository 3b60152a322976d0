"""`transom get` with redirects and logins, as a user types them; no password is ever shown."""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.real.caller import Caller
from tests.real.raw_server import raw_server, read_request

PASSWORD = "hunter2"
TOKEN = base64.b64encode(f"me:{PASSWORD}".encode())


@pytest.fixture
def port() -> Generator[int]:
    """A server that sends who is logged in to the file, and everybody else away."""

    def script(connection: socket.socket) -> None:
        request = read_request(connection)
        if b"Basic " + TOKEN not in request:
            connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        elif b" /f.bin " in request:
            connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /g.bin\r\nContent-Length: 0\r\n\r\n")
        else:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfile")

    with raw_server(script) as port:
        yield port


@pytest.mark.parametrize("looking", [(), ("--explain",), ("--tree",), ("--json",), ("--trace", "t.pcapng")])
def test_u_logs_in_and_l_goes_on_and_the_password_is_nowhere(
    caller: Caller, port: int, looking: tuple[str, ...]
) -> None:
    ran = caller.run("get", "-L", "-u", f"me:{PASSWORD}", *looking, f"http://127.0.0.1:{port}/f.bin")
    assert ran.exit_code == 0, ran.stderr
    assert (caller.folder / "f.bin").read_bytes() == b"file"
    for shown in (ran.text, ran.stderr):
        assert PASSWORD not in shown
        assert TOKEN.decode() not in shown


def test_explain_tells_both_conversations(caller: Caller, port: int) -> None:
    ran = caller.run("get", "--explain", "-L", "-u", f"me:{PASSWORD}", f"http://127.0.0.1:{port}/f.bin")
    for line in ("GET /f.bin", "302", "GET /g.bin", "200"):
        assert line in ran.text
    assert "✗" not in ran.text


def test_netrc_logs_in(caller: Caller, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(caller.home))
    (caller.home / ".netrc").write_text(f"machine 127.0.0.1 login me password {PASSWORD}\n")
    (caller.folder / "mine").write_text("machine localhost login me password other\n")
    assert caller.run("get", "-Ln", f"http://127.0.0.1:{port}/f.bin").exit_code == 0
    assert caller.run("get", "-L", "--netrc-file", "mine", f"http://127.0.0.1:{port}/g.bin").exit_code == 22


def test_an_authorization_that_was_typed_is_the_last_word(caller: Caller, port: int) -> None:
    typed = f"Authorization: Basic {TOKEN.decode()}"
    ran = caller.run("get", "-L", "-u", "another:one", "-H", typed, f"http://127.0.0.1:{port}/f.bin")
    assert ran.exit_code == 0


def test_the_password_comes_from_the_environment_or_a_person_or_not_at_all(
    caller: Caller, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path(os.devnull).open() as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        ran = caller.run("get", "-L", "-u", "me", f"http://127.0.0.1:{port}/f.bin")
        assert (ran.exit_code, "set TRANSOM_PASSWORD" in ran.stderr) == (2, True)
        monkeypatch.setenv("TRANSOM_PASSWORD", PASSWORD)
        assert caller.run("get", "-L", "-u", "me", f"http://127.0.0.1:{port}/f.bin").exit_code == 0
