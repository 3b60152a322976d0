from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.real.caller import Caller
from tests.real.transom import COMMAND, User
from transom.cli.main import COMMANDS
from transom.version import VERSION

HEAVY = {"asyncio", "cryptography", "numpy", "rich", "h11", "ssl", "socket", "transom.tls", "transom.http"}


def test_help_names_every_command_and_where_to_begin(caller: Caller) -> None:
    ran = caller.run("--help")
    assert ran.exit_code == 0
    for name in COMMANDS:
        assert f"  {name} " in ran.text
    assert "Start with: transom demo" in ran.text
    assert caller.run().stdout == caller.run("-h").stdout == ran.stdout


def test_help_imports_nothing_heavy(user: User) -> None:
    ran = user.run("--help", env={"PYTHONPROFILEIMPORTTIME": "1"})
    imported = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
    assert "transom.cli.main" in imported
    assert HEAVY & imported == set()


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_told(caller: Caller, option: str) -> None:
    assert caller.run(option).text == f"transom {VERSION}\n"


@pytest.mark.parametrize("word", ["gte", "--json", "-x", "", "\x1b[31m"])
def test_what_is_no_command_is_a_usage_error_that_names_those_there_are(caller: Caller, word: str) -> None:
    ran = caller.run(word)
    assert (ran.exit_code, ran.stdout) == (2, b"")
    assert ", ".join(COMMANDS) in ran.stderr
    assert ran.stderr.endswith("; options come after it\n") == word.startswith("-")
    assert "\x1b" not in ran.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_refuses_what_it_does_not_know(caller: Caller, name: str) -> None:
    helped = caller.run(name, "--help")
    assert helped.exit_code == 0
    assert helped.text.startswith(f"usage: transom {name}")
    refused = caller.run(name, "--no-such-option")
    assert (refused.exit_code, refused.stdout) == (2, b"")


@pytest.mark.parametrize("encoding", ["ascii", "euc_kr"])
def test_an_output_without_some_sign_of_the_help_has_a_question_mark_there(user: User, encoding: str) -> None:
    ran = user.run("get", "--help", env={"PYTHONIOENCODING": encoding})
    assert ran.exit_code == 0, ran.stderr
    assert b"sha-256=" in ran.stdout


@pytest.mark.parametrize(
    ("encoding", "told"), [("ascii", "No such file or directory"), ("utf-8", "파일이나 폴더가 없음")]
)
def test_a_korean_locale_counts_where_hangul_can_be_shown(user: User, encoding: str, told: str) -> None:
    ran = user.run("serve", "no-such", env={"LC_ALL": "ko_KR.UTF-8", "PYTHONIOENCODING": encoding})
    assert (ran.exit_code, told in ran.stderr) == (2, True), ran.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("get", "--explian", "http://x/y"), "unrecognized arguments: --explian\n  did you mean --explain?\n"),
        (("get", "--cacrt=f", "http://x/y"), "unrecognized arguments: --cacrt=f\n  did you mean --cacert?\n"),
        (("get", "-v", "http://x/y"), "unrecognized arguments: -v\n  did you mean --explain?\n"),
        (("get", "-w", "%{http_code}", "http://x/y"), "unrecognized arguments: -w\n  did you mean --json?\n"),
        (("get", "-c", "http://x/y"), "unrecognized arguments: -c\n  did you mean --continue-at?\n"),
        (
            ("get", "--retry-delay", "1", "http://x/y"),
            "unrecognized arguments: --retry-delay\n  did you mean --retry?\n",
        ),
        (("serve", "-v", "."), "unrecognized arguments: -v\n"),
        (("get", "--zzz", "http://x/y"), "unrecognized arguments: --zzz\n"),
        (("get", "--\x1b[31mexplain", "http://x/y"), "unrecognized arguments: --\\x1b[31mexplain\n"),
        (("get",), "the following arguments are required: URL\n"),
        (
            ("get", "-m", "soon", "http://x/y"),
            "argument -m/--max-time: 'soon' is no number: expected one such as 30 or 2.5\n",
        ),
        (
            ("get", "--retry", "1.5", "http://x/y"),
            "argument --retry: '1.5' is no whole number: expected one such as 3\n",
        ),
        (("serve", "-p", "http", "."), "argument -p/--port: 'http' is not a port: expected 0 to 65535\n"),
        (("serve", "--workers", "x", "."), "argument --workers: 'x' is no whole number: expected one such as 3\n"),
    ],
)
def test_what_is_wrong_comes_first_and_where_to_read_on_after_it(
    caller: Caller, arguments: tuple[str, ...], told: str
) -> None:
    refused = caller.run(*arguments)
    assert refused.stderr.startswith(f"transom {arguments[0]}: error: {told}")
    assert refused.stderr.endswith(f"\n  transom {arguments[0]} --help tells how it is used\n")
    assert len(refused.stderr.splitlines()) <= 3


@pytest.mark.parametrize(
    "arguments",
    [("get", "--insec", "https://x/y"), ("serve", "--quie", "."), ("demo", "--lan", "ko"), ("get", "--tlsv1")],
)
def test_a_long_option_cannot_be_cut_short(caller: Caller, arguments: tuple[str, ...]) -> None:
    assert caller.run(*arguments).exit_code == 2


def test_no_line_of_help_is_wider_than_a_terminal(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for name in COMMANDS:
        assert [line for line in caller.run(name, "--help").text.splitlines() if len(line) > 80] == []


def test_a_reader_that_has_had_enough_is_no_error(user: User) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ran = subprocess.run(
            [*COMMAND, "--help"], env=user.environment, stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False
        )
    finally:
        os.close(writing)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_an_output_on_a_full_disk_is_exit_code_23(user: User) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [*COMMAND, "--help"], env=user.environment, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert ran.returncode == 23
    assert ran.stderr == b"transom: the output cannot be written: No space left on device\n"


def test_an_error_that_nobody_reads_is_told_by_its_exit_code(user: User) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [*COMMAND, "read", "nowhere"], env=user.environment, stdout=full, stderr=full, timeout=60, check=False
        )
    assert ran.returncode == 26


@pytest.mark.parametrize(
    "command", [("get", "http://127.0.0.1:1/f.bin", "--trace"), ("demo", "--trace"), ("compare", "f.bin", "--trace")]
)
def test_a_trace_that_would_be_a_folder_is_said_to_be_one(caller: Caller, command: tuple[str, ...]) -> None:
    (caller.folder / "f.bin").write_bytes(b"f")
    ran = caller.run(*command, str(caller.folder))
    assert ran.exit_code == 23
    assert f"transom: {caller.folder}: the trace cannot be written: Is a directory\n" in ran.stderr
