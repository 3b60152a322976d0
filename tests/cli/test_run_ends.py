"""`transom run`, by its tunnel and by packets: a command that dies, hangs, forks to the background, closes its input.

As in `test_run_capture`, who runs the tests without CAP_NET_RAW sees that --capture is refused.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_run_capture import NEEDED, may_capture, of_type
from tests.cli.viewed import in_two_halves
from tests.real.raw_server import raw_server
from tests.real.transom import COMMAND, MINUTE, User
from transom.cli.run import run
from transom.run.child import Ended

WAYS = [[], ["--capture"]]
by_either_way = pytest.mark.parametrize("way", WAYS, ids=["tunnel", "capture"])

DIES_IN_THE_MIDDLE = """
curl -q -sS -N --noproxy "$2" -o f "$1" & until [ "$(wc -c <f)" -ge 20000 ] 2>/dev/null; do :; done
kill -KILL $!; wait $!; kill -KILL $$
"""
LEAVES_IT_TO_THE_BACKGROUND = """
(curl -q -sS -N --noproxy "$2" -o f "$1" >/dev/null 2>&1; touch fetched) &
until [ "$(wc -c <f)" -ge 20000 ] 2>/dev/null; do :; done
echo leaves; exit 3
"""

HANGS = """
import os, signal, socket, sys, urllib.parse
signal.signal(signal.SIGINT, signal.SIG_DFL)
port = urllib.parse.urlsplit(os.environ.get("http_proxy", "")).port or int(sys.argv[1])
with socket.create_connection(("127.0.0.1", port)) as there:
    there.sendall(f"GET http://127.0.0.1:{sys.argv[1]}/ HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n".encode())
    print("hangs", flush=True)
    there.recv(1)
"""


def excepted(way: list[str]) -> str:
    return "*" if way else ""


def is_refused(way: list[str], code: int, said: str) -> bool:
    """Whether it was, as it has to be for who may not capture."""
    if not way or may_capture():
        return False
    assert (code, said.startswith(NEEDED)) == (2, True)
    return True


def told(here: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (here / "lines").read_text().splitlines()]


def start(user: User, way: list[str], *command: str, options: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    words = [*COMMAND, "run", *way, "--json", "--summary", "lines", *options, "--", *command]
    return subprocess.Popen(
        words, cwd=user.folder, env=user.environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )


@by_either_way
def test_what_a_command_had_when_it_was_killed_in_the_middle_is_told_and_its_trace_opens(
    user: User, way: list[str]
) -> None:
    rest = threading.Event()
    with raw_server(in_two_halves(rest)) as port:
        try:
            url = f"http://127.0.0.1:{port}/f.bin"
            options = ("--grace", "1", "--json", "--trace", "t.pcapng", "--summary", "lines")
            ran = user.run("run", *way, *options, "--", "sh", "-c", DIES_IN_THE_MIDDLE, "sh", url, excepted(way))
        finally:
            rest.set()
    if is_refused(way, ran.exit_code, ran.stderr):
        return
    assert ran.exit_code == -signal.SIGKILL
    lines = told(user.folder)
    (command,) = of_type(lines, "command")
    assert (command["exit_code"], command["signal"]) == (None, signal.SIGKILL)
    read = [json.loads(line) for line in user.run("read", "--json", "t.pcapng").text.splitlines()]
    for source in (lines, read):
        (exchange,) = of_type(source, "http")
        assert (exchange["path"], exchange["complete"]) == ("/f.bin", False)
        assert exchange["response_body_bytes"] >= 20_000


@by_either_way
def test_one_that_hangs_is_ended_by_what_ends_us_and_what_it_had_said_is_told(user: User, way: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(MINUTE)
        port = str(server.getsockname()[1])
        with start(user, way, sys.executable, "-c", HANGS, port, options=("--grace", "0")) as process:
            assert process.stdout is not None
            if process.stdout.readline() == "hangs\n":
                with server.accept()[0] as there:
                    assert there.recv(1000).startswith(b"GET ")
                    process.send_signal(signal.SIGINT)
                    _, said = process.communicate(timeout=MINUTE)
            else:
                _, said = process.communicate(timeout=MINUTE)
    if is_refused(way, process.returncode, said):
        return
    assert process.returncode == -signal.SIGINT
    lines = told(user.folder)
    assert of_type(lines, "command")[0]["signal"] == signal.SIGINT
    assert [line["method"] for line in of_type(lines, "http")] == ["GET"]


@by_either_way
def test_what_runs_on_in_the_background_is_told_to_its_end(user: User, way: list[str]) -> None:
    rest = threading.Event()
    with raw_server(in_two_halves(rest)) as port:
        url = f"http://127.0.0.1:{port}/f.bin"
        words = ("sh", "-c", LEAVES_IT_TO_THE_BACKGROUND, "sh", url, excepted(way))
        with start(user, way, *words, options=("--grace", "3600")) as process:
            assert process.stdout is not None
            process.stdout.readline()
            rest.set()
            _, said = process.communicate(timeout=MINUTE)
    if is_refused(way, process.returncode, said):
        return
    assert process.returncode == 3
    while not (user.folder / "fetched").exists():
        os.sched_yield()
    assert (user.folder / "f").read_bytes() == bytes(40_000)
    (exchange,) = of_type(told(user.folder), "http")
    assert (exchange["response_body_bytes"], exchange["complete"]) == (40_000, True)


@by_either_way
def test_one_that_closes_what_it_was_given_goes_on_to_its_end(user: User, way: list[str]) -> None:
    with start(user, way, "sh", "-c", "exec <&- >&- 2>&-; exit 4") as process:
        said, error = process.communicate("never read", timeout=MINUTE)
    if is_refused(way, process.returncode, error):
        return
    assert (process.returncode, said, error) == (4, "", "")
    assert of_type(told(user.folder), "command")[0]["exit_code"] == 4


GIVEN = """
import json, os, stat
log = os.environ["SSLKEYLOGFILE"]
file, folder = os.lstat(log), os.lstat(os.path.dirname(log))
print(json.dumps([file.st_mode, folder.st_mode, file.st_uid, log]))
"""


@by_either_way
def test_the_key_log_is_a_private_regular_file_which_is_gone_with_the_command(user: User, way: list[str]) -> None:
    ran = user.run("run", *way, "--silent", "--", sys.executable, "-c", GIVEN)
    if is_refused(way, ran.exit_code, ran.stderr):
        return
    mode, folder_mode, owner, log = json.loads(ran.text)
    assert stat.S_ISREG(mode)
    assert (stat.S_IMODE(mode), stat.S_IMODE(folder_mode), owner) == (0o600, 0o700, os.geteuid())
    assert not Path(log).parent.exists()


KNOCKS = """
import json, os, socket, urllib.parse
url = urllib.parse.urlsplit(os.environ["https_proxy"])
reached = [address for address in ("127.0.0.1", "127.0.0.2") if not socket.socket().connect_ex((address, url.port))]
print(json.dumps([reached, url.port, url.password]))
"""


def test_the_tunnel_is_at_one_loopback_address_with_a_secret_of_each_run_and_gone_with_the_command(user: User) -> None:
    first, second = (json.loads(user.run("run", "--silent", "--", sys.executable, "-c", KNOCKS).text) for _ in range(2))
    for reached, port, secret in (first, second):
        assert reached == ["127.0.0.1"]
        assert len(secret) >= 32
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            pass
    assert first[2] != second[2]


@pytest.mark.parametrize("view", [True, False])
def test_an_interrupt_that_comes_when_the_command_has_just_ended_leaves_its_exit_code(
    view: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether there is a page, which it then ends, or none."""

    def ends_with_an_interrupt(*_: object) -> Ended:
        signal.raise_signal(signal.SIGINT)
        return Ended(code=7)

    monkeypatch.setattr("transom.cli.run._run", ends_with_an_interrupt)
    options = Namespace(
        command=["true"], grace=0.0, capture=False, python=False, java=False, keep_no_proxy=False, view=view
    )
    options.lang, options.cacert, options.trace = "en", None, None
    try:
        assert run(options) == 7
    except KeyboardInterrupt:
        pytest.fail("it was for the command")
