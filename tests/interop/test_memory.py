"""Memory does not grow with the file: under 100 MiB a process, whatever crosses; nor much with who waits."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.real.programs import curl
from tests.real.transom import Serving, User

LIMIT = 100 * 1024  # KiB
SIZE = 256 * 2**20
FETCHED = 2**20
WAITING = 100
LIMIT_EACH = 48  # KiB


def peak(pid: int) -> int:
    """The most that the process held so far, in KiB; 0 when it has ended.

    Not what `wait4` tells: that counts this process too, which the other one was before it became a program.
    """
    return _status(pid, "VmHWM")


def held(pid: int) -> int:
    """What the process holds now, in KiB."""
    return _status(pid, "VmRSS")


def _status(pid: int, name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) if found else 0


def peak_until_the_end(process: subprocess.Popen[bytes]) -> int:
    """The most that it held, looked at twenty times a second."""
    highest = 0
    while process.returncode is None:
        highest = max(highest, peak(process.pid))
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    return highest


def test_a_big_file_costs_neither_serve_nor_get_more_memory(user: User) -> None:
    with (user.folder / "big.bin").open("wb") as big:
        big.truncate(SIZE)
    with user.serving("big.bin") as server:
        ran = curl("-k", "-o", "/dev/null", "-w", "%{size_download}", server.url("/big.bin"))
        assert ran.text == str(SIZE)
        with user.start("get", "-o", "/dev/null", server.url("/big.bin")) as process:
            assert 0 < peak_until_the_end(process) < LIMIT
        assert process.returncode == 0
        assert 0 < peak(server.process.pid) < LIMIT


@pytest.mark.parametrize("engine", ["openssl", "transom"])
def test_a_connection_that_waits_holds_nothing_of_the_file_it_fetched(user: User, engine: str) -> None:
    (user.folder / "f.bin").write_bytes(bytes(FETCHED))
    with user.serving("f.bin", "--tls", engine) as server, ExitStack() as waiting:
        for _ in range(10):
            waiting.enter_context(fetched(server))
        before = held(server.process.pid)
        for _ in range(WAITING):
            waiting.enter_context(fetched(server))
        assert (held(server.process.pid) - before) / WAITING < LIMIT_EACH


def fetched(server: Serving) -> ssl.SSLSocket:
    """A connection over which the file came, and which now waits."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    client = context.wrap_socket(socket.create_connection(("127.0.0.1", server.port), 10))
    client.sendall(b"GET /f.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
    with client.makefile("rb") as answer:
        while answer.readline() != b"\r\n":
            pass
        assert len(answer.read(FETCHED)) == FETCHED
    return client
