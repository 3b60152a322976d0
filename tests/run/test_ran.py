"""The programs that a command's processes were, by looking at them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.real.programs import program
from transom.run import ran
from transom.run.ran import Ran

WRITES_KEYS = """
import sys
with open(sys.argv[1], "a") as log:
    for line in sys.stdin:
        log.write("keys")
        log.flush()
        print("written", flush=True)
"""


@contextmanager
def running(*words: str) -> Generator[subprocess.Popen[str]]:
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.communicate()


def say(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    assert process.stdout
    process.stdin.write("now\n")
    process.stdin.flush()
    process.stdout.readline()


@pytest.fixture
def key_log(tmp_path: Path) -> Path:
    path = tmp_path / "keys.log"
    path.touch()
    return path


def test_who_is_behind_a_shell_is_seen_and_who_has_the_key_log_open_when_it_grows_is_known(key_log: Path) -> None:
    with running(program("bash"), "-c", '"$@"; true', "sh", sys.executable, "-c", WRITES_KEYS, str(key_log)) as process:
        seen = Ran(process.pid, key_log)
        say(process)
        seen.look()
        shell, python = seen.programs
        assert shell.file == str(Path(program("bash")).resolve())
        assert python.file == str(Path(sys.executable).resolve())
        assert seen.with_keys == [python]
    key_log.unlink()
    seen.look()
    assert len(seen.programs) == 2


def test_without_new_keys_nobody_is_said_to_have_logged_any(key_log: Path) -> None:
    key_log.write_text("of before")
    with running(sys.executable, "-c", WRITES_KEYS, str(key_log)) as process:
        say(process)
        seen = Ran(process.pid, key_log)
        seen.look()
        assert len(seen.with_keys) == 1
        again = Ran(process.pid, key_log)
        again._size = key_log.stat().st_size  # pyright: ignore[reportPrivateUsage]
        again.look()
        assert (len(again.programs), again.with_keys) == (1, [])


def test_more_programs_than_there_is_room_for_are_not_kept(key_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ran, "MOST_PROGRAMS", 1)
    with running(program("bash"), "-c", '"$@"; true', "sh", sys.executable, "-c", WRITES_KEYS, str(key_log)) as process:
        say(process)
        seen = Ran(process.pid, key_log)
        seen.look()
        assert len(seen.programs) == 1
