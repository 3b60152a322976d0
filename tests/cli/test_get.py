from __future__ import annotations

import hashlib
import json
import os
import pty
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.real.caller import Caller
from tests.real.raw_server import raw_server, read_request
from tests.real.transom import COMMAND, Serving, User, private_mode
from tests.transfer.conftest import pattern

CONTENT = pattern(300_000)
FILES = {"f.bin": CONTENT}
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "json-lines.schema.json").read_text())
OK = b"HTTP/1.1 200 OK\r\n"


def test_the_file_is_saved_under_its_own_name_and_that_is_said_on_stderr(here: Caller, server: Serving) -> None:
    ran = here.run("get", server.url("/f.bin"))
    assert (ran.exit_code, ran.stdout) == (0, b"")
    assert "f.bin" in ran.stderr
    assert "300,000 bytes" in ran.stderr
    assert (here.folder / "f.bin").read_bytes() == CONTENT


def test_silent_says_nothing(here: Caller, server: Serving) -> None:
    ran = here.run("get", "-s", server.url("/f.bin"))
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, b"", "")


def test_a_file_that_is_there_is_not_written_over_and_o_names_it_to_be(here: Caller, server: Serving) -> None:
    (here.folder / "f.bin").write_text("mine")
    ran = here.run("get", server.url("/f.bin"))
    assert ran.exit_code == 23
    assert "f.bin exists" in ran.stderr
    assert (here.folder / "f.bin").read_text() == "mine"
    assert here.run("get", "-o", "f.bin", server.url("/f.bin")).exit_code == 0
    assert (here.folder / "f.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("option", [(), ("--explain",), ("--tree",), ("--json",)])
def test_with_o_dash_standard_output_is_the_file_alone(here: Caller, server: Serving, option: tuple[str, ...]) -> None:
    ran = here.run("get", *option, "-o", "-", server.url("/f.bin"))
    assert ran.exit_code == 0
    assert ran.stdout == CONTENT
    assert list(here.folder.iterdir()) == []


@pytest.mark.parametrize(("options", "version"), [((), "TLSv1.3"), (("--tls-max", "1.2"), "TLSv1.2")])
def test_the_json_line_is_as_the_schema_says(
    here: Caller, server: Serving, options: tuple[str, ...], version: str
) -> None:
    ran = here.run("get", "--json", *options, server.url("/f.bin"))
    line: dict[str, Any] = json.loads(ran.stdout)
    assert ran.text.count("\n") == 1
    jsonschema.validate(line, SCHEMA)
    assert (line["type"], line["url"], line["path"]) == ("transfer", server.url("/f.bin"), "f.bin")
    assert (line["bytes"], line["version"], line["group"], line["alpn"]) == (300_000, version, "x25519", "http/1.1")
    times = line["times"]
    assert 0 < times["handshake"] < line["seconds"] == times["total"]


def test_the_json_line_of_plain_http_has_no_tls_in_it(here: Caller, server: Serving) -> None:
    line = json.loads(here.run("get", "--json", f"http://localhost:{server.http_port}/f.bin").stdout)
    jsonschema.validate(line, SCHEMA)
    assert [line[key] for key in ("version", "cipher_suite", "group", "alpn")] == [None] * 4
    assert line["times"]["handshake"] is None


def test_explain_tells_every_step_in_both_languages_and_the_same_facts(here: Caller, server: Serving) -> None:
    english = here.run("get", "--explain", "-o", "one", server.url("/f.bin"))
    korean = here.run("get", "--explain", "--lang", "ko", "-o", "two", server.url("/f.bin"))
    for ran in (english, korean):
        assert ran.exit_code == 0
        for name in (
            "ClientHello",
            "ServerHello",
            "EncryptedExtensions",
            "Certificate",
            "CertificateVerify",
            "Finished",
        ):
            assert name in ran.text
        assert "TLS_AES_128_GCM_SHA256" in ran.text
        assert "\x1b" not in ran.text
    assert any("가" <= character <= "힣" for character in korean.text)
    assert not any("가" <= character <= "힣" for character in english.text)


def test_tree_shows_every_field(here: Caller, server: Serving) -> None:
    ran = here.run("get", "--tree", "--tls-max", "1.2", server.url("/f.bin"))
    for text in ("Handshake Protocol: Client Hello", "Cipher Suites (", "Random", "Session ID", "Certificate"):
        assert text in ran.text


def test_a_trace_is_said_to_hold_the_keys_and_is_private(here: Caller, server: Serving) -> None:
    ran = here.run("get", "--trace", "t.pcapng", server.url("/f.bin"))
    assert ran.exit_code == 0
    assert "t.pcapng" in ran.stderr.splitlines()[-1]
    assert private_mode(here.folder / "t.pcapng")


def test_a_trace_that_cannot_be_made_is_an_error_before_anything_crosses(here: Caller, server: Serving) -> None:
    ran = here.run("get", "--trace", "no/such/t.pcapng", server.url("/f.bin"))
    assert ran.exit_code == 23
    assert "no/such/t.pcapng" in ran.stderr
    assert list(here.folder.iterdir()) == []


@pytest.mark.parametrize("command", ["get", "serve", "demo"])
def test_a_trace_is_not_written_over_a_file_that_is_none(here: Caller, server: Serving, command: str) -> None:
    diary = here.folder / "diary.txt"
    diary.write_text("transom is in it, and it is no trace")
    what = {"get": [server.url("/f.bin")], "serve": ["-p", "0", "."], "demo": []}[command]
    ran = here.run(command, "--trace", "diary.txt", *what)
    assert ran.exit_code == 2
    assert "diary.txt: a file is there that is no trace of ours" in ran.stderr
    assert diary.read_text() == "transom is in it, and it is no trace"
    assert list(here.folder.iterdir()) == [diary]


def test_a_trace_takes_the_place_of_an_earlier_one(here: Caller, server: Serving) -> None:
    for name in ("one", "two"):
        assert here.run("get", "--trace", "t.pcapng", "-o", name, server.url("/f.bin")).exit_code == 0


def test_sslkeylogfile_is_honoured_appended_to_and_private(
    here: Caller, server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = here.folder / "keys.txt"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    for version, name in (("1.3", "one"), ("1.2", "two")):
        assert here.run("get", "--tls-max", version, "-o", name, server.url("/f.bin")).exit_code == 0
    labels = [line.split()[0] for line in log.read_text().splitlines()]
    assert "SERVER_TRAFFIC_SECRET_0" in labels
    assert labels[-1] == "CLIENT_RANDOM"
    assert private_mode(log)


def test_a_key_log_on_a_full_disk_is_exit_code_23_and_named(
    here: Caller, server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", "/dev/full")
    ran = here.run("get", server.url("/f.bin"))
    assert ran.exit_code == 23
    assert "SSLKEYLOGFILE cannot be written: No space left on device" in ran.stderr
    assert list(here.folder.iterdir()) == []


@pytest.mark.parametrize("options", [("--explain",), ("-o", "-")])
def test_a_reader_that_goes_away_ends_it_without_a_traceback(
    owner: User, server: Serving, tmp_path: Path, options: tuple[str, ...]
) -> None:
    user = User(owner.home, tmp_path)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ran = subprocess.run(
            [*COMMAND, "get", *options, server.url("/f.bin")], cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE,
            env={**user.environment, "PYTHONUNBUFFERED": "1"}, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert ran.returncode in (0, 23)
    assert b"Traceback" not in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_is_exit_code_130_and_leaves_no_file_of_that_name(user: User) -> None:
    begun, over = threading.Event(), threading.Event()

    def stall(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK + b"Content-Length: 100\r\n\r\n" + bytes(50))
        begun.set()
        over.wait(30)

    with raw_server(stall) as port, user.start("get", f"http://127.0.0.1:{port}/f.bin") as process:
        assert begun.wait(30)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        over.set()
    assert process.returncode == 130
    assert b"Traceback" not in errors
    assert not (user.folder / "f.bin").exists()


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_a_terminal_that_may_have_it(
    owner: User, server: Serving, tmp_path: Path, environment: dict[str, str], coloured: bool
) -> None:
    user = User(owner.home, tmp_path)
    terminal, theirs = pty.openpty()
    with open(terminal, "rb", buffering=0) as screen:  # noqa: PTH123  (a descriptor)
        process = subprocess.Popen(
            [*COMMAND, "get", "--explain", server.url("/f.bin")], cwd=tmp_path,
            env={**user.environment, **environment, "TERM": "xterm"}, stdout=theirs, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs)
        shown = b""
        try:
            while piece := screen.read(65536):
                shown += piece
        except OSError:  # Linux tells the end of a terminal that way
            pass
        assert process.wait(30) == 0
    assert b"ClientHello" in shown
    assert (b"\x1b[38;5;214m" in shown) is coloured


def test_what_a_server_calls_itself_reaches_no_terminal_unescaped(here: Caller) -> None:
    def colourful(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(
            b'HTTP/1.1 200 \x1b[31mOK\r\nX: \x1b]0;title\x07\r\nETag: "\xe2\x80\xae"\r\nContent-Length: 0\r\n\r\n'
        )

    with raw_server(colourful) as port:
        for options in (("--explain",), ("--tree",), ("--json",), ()):
            ran = here.run("get", *options, "-o", "got", f"http://127.0.0.1:{port}/f.bin")
            shown = ran.stdout + ran.stderr.encode()
            assert b"\x1b" not in shown
            assert b"\x07" not in shown
            assert "\u202e".encode() not in shown


def test_a_name_from_a_url_cannot_leave_the_folder(here: Caller) -> None:
    def empty(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK + b"Content-Length: 2\r\n\r\nok")

    with raw_server(empty) as port:
        for path in (
            "/..%2f..%2fevil",
            "/%2e%2e",
            "/a%5c..%5cevil",
            "/%2fetc%2fpasswd",
            "/.bashrc",
            "/x%00y",
            "/a%0ab",
        ):
            here.run("get", f"http://127.0.0.1:{port}{path}")
    for found in here.folder.parent.rglob("*"):
        if found.is_file():
            assert found.parent == here.folder
            assert not found.name.startswith(".")


def test_the_hash_is_told_when_asked_for(here: Caller, server: Serving) -> None:
    ran = here.run("get", "--sha256", "--json", server.url("/f.bin"))
    assert json.loads(ran.stdout)["sha256"] == hashlib.sha256(CONTENT).hexdigest()


def test_a_key_log_that_is_a_fifo_nobody_reads_is_refused_and_does_not_hang(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    fifo = caller.home / "keys.fifo"
    os.mkfifo(fifo)
    monkeypatch.setenv("SSLKEYLOGFILE", str(fifo))
    ran = caller.run("get", "https://localhost:1/f.bin")
    assert ran.exit_code == 2
    assert "keys.fifo" in ran.stderr
