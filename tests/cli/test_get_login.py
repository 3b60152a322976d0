"""`transom get` with redirects and logins, as a user types them; no password is ever shown."""

from __future__ import annotations

import base64
import io
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
    second = ran.text.index(" → 127.0.0.1", ran.text.index("302"))
    assert ran.text[:second].splitlines()[-2] == ""  # each conversation begins after an empty line


def test_netrc_logs_in(caller: Caller, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(caller.home))
    (caller.home / ".netrc").write_text(f"machine 127.0.0.1 login me password {PASSWORD}\n")
    (caller.folder / "mine").write_text("machine localhost login me password other\n")
    assert caller.run("get", "-Ln", f"http://127.0.0.1:{port}/f.bin").exit_code == 0
    assert caller.run("get", "-L", "--netrc-file", "mine", f"http://127.0.0.1:{port}/g.bin").exit_code == 22


@pytest.mark.parametrize("looking", [(), ("--explain",)])
@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "has no entry for 127.0.0.1: a line there, machine 127.0.0.1 login"), ("ko", "127.0.0.1 항목이 없습니다")],
)
def test_a_netrc_without_an_entry_for_the_host_is_said_to_be_why(
    caller: Caller, port: int, monkeypatch: pytest.MonkeyPatch, looking: tuple[str, ...], lang: str, said: str
) -> None:
    monkeypatch.setenv("HOME", str(caller.home))
    (caller.home / ".netrc").write_text("machine localhost login me password other\n")
    (caller.folder / "mine").write_text(f"machine localhost login me password {PASSWORD}\n")
    (caller.folder / "wrong").write_text("machine 127.0.0.1 login me password other\n")
    url = f"http://127.0.0.1:{port}/f.bin"

    def told(*options: str) -> str:
        ran = caller.run("get", "--lang", lang, *looking, *options, url)
        assert ran.exit_code == 22
        assert PASSWORD not in ran.text + ran.stderr
        return " ".join((ran.text + ran.stderr).split())

    assert said in told("-n")
    assert "~/.netrc" in told("-n")
    assert said in (by_name := told("--netrc-file", "mine"))
    assert "mine" in by_name
    for options in ((), ("--netrc-file", "wrong"), ("-n", "-u", "me:other"), ("-n", "-H", "Authorization: Basic bWU=")):
        assert said not in told(*options)


def test_a_netrc_without_an_entry_is_no_matter_to_a_server_that_does_not_ask(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(caller.home))
    (caller.home / ".netrc").write_text("machine localhost login me password other\n")

    def script(connection: socket.socket) -> None:
        known = b" /f.bin " in read_request(connection)
        connection.sendall(b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n" % (b"200 OK" if known else b"404 Not Found"))

    with raw_server(script) as port:
        for name, code in (("f.bin", 0), ("none", 22)):
            ran = caller.run("get", "-n", f"http://127.0.0.1:{port}/{name}")
            assert (ran.exit_code, "netrc" in ran.stderr) == (code, False)


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


@pytest.mark.parametrize(("lang", "asked"), [("en", "Password of me: "), ("ko", "me의 비밀번호: ")])
def test_a_person_is_asked_for_the_password_by_that_word(
    caller: Caller, port: int, monkeypatch: pytest.MonkeyPatch, lang: str, asked: str
) -> None:
    prompts: list[str] = []

    def typed(prompt: str) -> str:
        prompts.append(prompt)
        return PASSWORD

    monkeypatch.setattr("sys.stdin", Person())
    monkeypatch.setattr("getpass.getpass", typed)
    ran = caller.run("get", "--lang", lang, "-L", "-u", "me", f"http://127.0.0.1:{port}/f.bin")
    assert (ran.exit_code, prompts) == (0, [asked])


def test_a_person_who_types_no_password_is_told_so(caller: Caller, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin", Person())
    monkeypatch.setattr("getpass.getpass", ended)
    ran = caller.run("get", "-u", "me", f"http://127.0.0.1:{port}/f.bin")
    assert (ran.exit_code, ran.stderr) == (2, "transom: no password was typed for me\n")


class Person(io.StringIO):
    """Standard input with somebody at it."""

    def isatty(self) -> bool:
        return True


def test_f_and_s_of_curl_are_done_anyway(caller: Caller, port: int) -> None:
    ran = caller.run("get", "-fsSL", "-o", "x", "-u", f"me:{PASSWORD}", f"http://127.0.0.1:{port}/f.bin")
    assert (ran.exit_code, ran.stderr, (caller.folder / "x").read_bytes()) == (0, "", b"file")
    ran = caller.run("get", "-fsS", "-o", "y", f"http://127.0.0.1:{port}/f.bin")
    assert (ran.exit_code, (caller.folder / "y").exists()) == (22, False)
    assert ran.stderr == "transom: the server answered 401 Unauthorized\n"
