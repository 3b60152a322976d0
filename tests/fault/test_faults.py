"""Whatever the network and this machine do to a download, the file is right or it is not there."""

from __future__ import annotations

import subprocess
import sys

import pytest

RUNS = 10


@pytest.mark.parametrize("first", range(0, 4 * RUNS, RUNS))
def test_a_download_through_faults_is_right_or_absent(first: int) -> None:
    # In a process of its own: it forks, which one with threads had better not.
    command = [sys.executable, "-m", "tests.fault.runs", "--runs", str(RUNS), "--first", str(first)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{RUNS} runs: every file right or absent; ")
