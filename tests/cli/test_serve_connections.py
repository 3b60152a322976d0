"""`serve --max-connections`: how many are held at a time, and what the system allows."""

from __future__ import annotations

import resource
import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.real.transom import COMMAND, User

GET = b"GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def shared(user: User) -> Path:
    folder = user.folder / "shared"
    folder.mkdir()
    with (folder / "big.bin").open("wb") as big:  # more than is on its way before it is taken
        big.truncate(64 * 2**20)
    return folder


def test_more_than_are_usual_are_held_when_asked_for_and_half_of_them_from_one_address(
    user: User, shared: Path
) -> None:
    with user.serving("shared", "-q", "--max-connections", "1000", http=True) as server, ExitStack() as held:

        def come(source: str) -> socket.socket:
            client = socket.socket()
            held.enter_context(client)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(20)
            client.bind((source, 0))
            client.connect(("127.0.0.1", server.http_port))
            client.sendall(GET)
            return client

        for _ in range(500):
            assert come("127.0.0.2").recv(100)
        with pytest.raises(ConnectionResetError):  # closed with its request unread
            come("127.0.0.2").recv(100)
        assert come("127.0.0.3").recv(100)


def limited(descriptors: int, user: User, *options: str) -> subprocess.CompletedProcess[str]:
    """`serve` where the system gives a process so many descriptors."""
    return subprocess.run(
        [*COMMAND, "serve", "--port", "0", *options, "shared"],
        cwd=user.folder,
        env=user.environment,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_more_than_the_system_lets_a_process_have_is_a_usage_error(user: User, shared: Path) -> None:
    ran = limited(200, user, "--max-connections", "150")
    assert ran.returncode == 2
    assert ran.stderr == "transom: --max-connections 150: the system lets a process hold 136 (ulimit -Hn)\n"


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_a_number_that_is_none_is_a_usage_error(user: User, shared: Path, number: str) -> None:
    ran = user.run("serve", "shared", f"--max-connections={number}")
    assert ran.exit_code == 2
    assert "--max-connections" in ran.stderr


def test_signals_that_come_while_it_stops_leave_no_trace_in_the_log(user: User) -> None:
    (user.folder / "hello.txt").write_text("hello\n")
    for _ in range(8):
        with user.serving(".") as server:
            while server.process.poll() is None:
                server.process.send_signal(signal.SIGTERM)
                time.sleep(0.0005)
        assert "Exception ignored" not in server.log
