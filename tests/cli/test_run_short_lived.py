"""`transom run --capture`: connections that are over before anybody could look whose they are are told all the same.

As in `test_run_capture`, who runs the tests without CAP_NET_RAW sees that it is refused.
"""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_run_capture import CURL, captured, may_capture, of_type
from tests.real.programs import program
from tests.real.transom import COMMAND, MINUTE, Serving, User
from tests.real.tshark import Wireshark

SIZES = {"k.bin": 1_000, "m.bin": 1_000_000}
FILES = {name: os.urandom(size) for name, size in SIZES.items()}

TIMES = 'i=0; while [ $i -lt "$1" ]; do i=$((i + 1)); (curl -q -sS --noproxy "*" -o f "$2"); done'
"""In a process each, one after the other."""

NET_RAW_ALONE = ("--inh-caps=-all,+net_raw", "--bounding-set=-all,+net_raw")


@pytest.fixture
def here(tmp_path: Path, owner: User, server: Serving) -> User:
    assert server.port
    return User(owner.home, tmp_path)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_each_of_ten_downloads_is_seen_whole(here: User, server: Serving, name: str, scheme: str) -> None:
    url = server.url(f"/{name}") if scheme == "https" else f"http://localhost:{server.http_port}/{name}"
    with_ca = TIMES.replace("curl", 'curl --cacert "$3"')
    lines = captured(here, "sh", "-c", with_ca, "sh", "10", url, str(here.ca))
    if lines:
        assert (here.folder / "f").read_bytes() == FILES[name]
        whole = {"path": f"/{name}", "status": 200, "response_body_bytes": SIZES[name], "complete": True}
        assert [{key: line[key] for key in whole} for line in of_type(lines, "http")] == [whole] * 10
        assert len(of_type(lines, "conversation")) == 10
        assert of_type(lines, "problem") == []


def test_one_that_is_made_at_once_is_seen(here: User, server: Serving) -> None:
    """The command itself connects, and ends."""
    lines = captured(here, *CURL, "-o", "f", f"http://127.0.0.1:{server.http_port}/m.bin")
    if lines:
        assert [line["complete"] for line in of_type(lines, "http")] == [True]
        assert Wireshark(here.folder / "t.pcapng", {server.http_port: "http"}).field("http.response.code") == ["200"]


def test_where_another_watches_already_it_says_what_may_be_missing(here: User, server: Serving) -> None:
    """As within a container whose engine watches system calls by itself."""
    inner = [*COMMAND, "run", "--capture", "--json", "--summary", "inner", "--", "true"]
    lines = captured(here, *inner)
    if lines:
        said = (here.folder / "inner").read_text()
        assert '"code":"connections-unnoticed"' in said
        assert "Device or resource busy (seccomp)" in said
        assert of_type(lines, "problem") == []
        spoken = here.run("run", "--capture", "--", *COMMAND, "run", "--capture", "--summary", "words", "--", "true")
        assert spoken.exit_code == 0
        words = " ".join((here.folder / "words").read_text().split())
        assert "Connections of milliseconds may be missing" in words


def test_who_may_capture_and_no_more_sees_them_and_is_told_what_it_costs(here: User, server: Serving) -> None:
    """Without CAP_SYS_ADMIN the kernel asks for no_new_privs."""
    url = f"http://127.0.0.1:{server.http_port}/k.bin"
    command = [*COMMAND, "run", "--capture", "--", "sh", "-c", TIMES, "sh", "10", url]
    words = [program("setpriv"), *NET_RAW_ALONE, *command] if may_capture() else command
    ran = subprocess.run(
        words, cwd=here.folder, env=here.environment, capture_output=True, text=True, timeout=MINUTE, check=False
    )
    assert ran.returncode == (0 if may_capture() else 2), ran.stderr
    if may_capture():
        assert ran.stderr.count("GET /k.bin 200") == 10
        assert "no_new_privs" in ran.stderr


def test_a_command_whose_watcher_is_killed_goes_on(here: User, server: Serving) -> None:
    script = 'echo $PPID; read line; curl -q -sS --noproxy "*" -o f "$1"; echo "$? done"'
    url = f"http://127.0.0.1:{server.http_port}/k.bin"
    started = [*COMMAND, "run", "--capture", "--", "sh", "-c", script, "sh", url]
    pipe = subprocess.PIPE
    with subprocess.Popen(started, cwd=here.folder, env=here.environment, stdin=pipe, stdout=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline() == f"{process.pid}\n".encode():
            process.send_signal(signal.SIGKILL)
            process.wait(MINUTE)
            process.stdin.write(b"go\n")
            process.stdin.flush()
            assert process.stdout.readline() == b"0 done\n"
            assert (here.folder / "f").read_bytes() == FILES["k.bin"]
        else:
            assert not may_capture()
