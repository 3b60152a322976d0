"""`transom run --capture`: packets that the kernel had no room for are counted, and told wherever the capture is.

They are really dropped: who captures is stopped (SIGSTOP) while the command moves more than the buffer holds of a user
who may not have a large one. As in `test_run_capture_unprivileged`, root plays that user.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.nobody import as_nobody
from tests.cli.test_run_capture import NEEDED, may_capture, of_type
from tests.real.transom import COMMAND, MINUTE, Serving, User

MIB = 2**20
FILES = {"f.bin": os.urandom(16 * MIB)}

LARGEST_BUFFER = int(Path("/proc/sys/net/core/rmem_max").read_text())
TIMES = 1 + 4 * LARGEST_BUFFER // (16 * MIB)
"""So often the file is more than there is room for, whatever the kernel counts for a packet besides its bytes."""

MOVES_MUCH = """
echo ready; read line
i=0; while [ $i -lt "$1" ]; do i=$((i + 1)); curl -q -sS --noproxy "*" -o f "$2" || exit 1; done
echo moved; read line
"""


def with_nobody_to_take_them(user: User, server: Serving, *options: str) -> tuple[int, str]:
    """The exit code of a run whose packets nobody took, and what it said."""
    url = f"http://127.0.0.1:{server.http_port}/f.bin"
    words = ["--capture", *options, "--", "sh", "-c", MOVES_MUCH, "sh", str(TIMES), url]
    pipe = subprocess.PIPE
    started = [*as_nobody("net_raw"), *COMMAND, "run", *words]
    with subprocess.Popen(
        started, cwd=user.folder, env=user.environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline() == "ready\n":
            process.send_signal(signal.SIGSTOP)
            try:
                process.stdin.write("go\n")
                process.stdin.flush()
                assert process.stdout.readline() == "moved\n"
            finally:
                process.send_signal(signal.SIGCONT)
        _, said = process.communicate("over\n", timeout=MINUTE)
    return process.returncode, said


def test_they_are_counted_in_json_and_in_the_trace_and_the_command_has_lost_nothing(
    nobody: User, server: Serving
) -> None:
    options = ("--json", "--trace", "t.pcapng", "--summary", "lines")
    code, said = with_nobody_to_take_them(nobody, server, *options)
    if not may_capture():
        assert (code, said.startswith(NEEDED)) == (2, True)
        return
    assert code == 0, said
    assert (nobody.folder / "f").read_bytes() == FILES["f.bin"]
    lines = [json.loads(line) for line in (nobody.folder / "lines").read_text().splitlines()]
    (told,) = (line for line in of_type(lines, "problem") if line["code"] == "packets-dropped")
    count = int(told["what"].split()[0])
    assert count > 0
    assert told["what"] == f"{count} packets were not seen: they came faster than they were taken"
    read = [json.loads(line) for line in nobody.run("read", "--json", "t.pcapng").text.splitlines()]
    (in_trace,) = (line for line in of_type(read, "problem") if line["code"] == "packets-dropped")
    assert f"dropped {count} packets" in in_trace["what"]
    whole = [line for line in of_type(lines, "http") if line["complete"]]
    assert len(whole) < TIMES


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", r"packets were not seen: packets came faster than they were taken."),
        ("ko", "패킷이 가져가는 속도보다 빨리 왔습니다."),
    ],
)
def test_they_are_told_in_words(nobody: User, server: Serving, lang: str, told: str) -> None:
    code, said = with_nobody_to_take_them(nobody, server, "--lang", lang)
    if not may_capture():
        assert (code, said.startswith(NEEDED)) == (2, True)
        return
    assert code == 0, said
    assert told in " ".join(said.split())
