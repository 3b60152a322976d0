"""Memory does not grow with the file: under 100 MiB a process, whatever crosses."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.real.programs import curl
from tests.real.transom import User

LIMIT = 100 * 1024  # KiB
SIZE = 256 * 2**20


def peak(pid: int) -> int:
    """The most that the process ever held, in KiB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1])


def test_a_big_file_costs_neither_serve_nor_get_more_memory(user: User) -> None:
    with (user.folder / "big.bin").open("wb") as big:
        big.truncate(SIZE)
    with user.serving("big.bin") as server:
        ran = curl("-k", "-o", "/dev/null", "-w", "%{size_download}", server.url("/big.bin"))
        assert ran.text == str(SIZE)
        with user.start("get", "-o", "/dev/null", server.url("/big.bin")) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        assert usage.ru_maxrss < LIMIT
        assert peak(server.process.pid) < LIMIT
