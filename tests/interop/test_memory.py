"""Memory does not grow with the file: under 100 MiB a process, whatever crosses."""

from __future__ import annotations

import re
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.real.programs import curl
from tests.real.transom import User

LIMIT = 100 * 1024  # KiB
SIZE = 256 * 2**20


def peak(pid: int) -> int:
    """The most that the process held so far, in KiB; 0 when it has ended.

    Not what `wait4` tells: that counts this process too, which the other one was before it became a program.
    """
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
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
