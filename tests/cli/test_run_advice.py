"""What `transom run` advises for a program that was not seen or not opened: by its name, and by what its file is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import pytest

from tests.cli.test_run_capture import may_capture
from tests.real.programs import ENVIRONMENT, program
from tests.real.transom import Serving, User
from transom.cli.run_advice import Advice
from transom.cli.words import LANGS, Lang, words
from transom.run.kinds import kind_of
from transom.run.programs import Program, program_of
from transom.run.ran import REST, Ran


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("curl", "other"),
        ("/opt/jdk/bin/java", "java"),
        ("keytool", "java"),
        ("node", "node"),
        ("npm", "node"),
        ("python3.11", "python"),
        ("pip3", "pip"),
        ("google-chrome-stable", "chromium"),
        ("firefox-esr", "firefox"),
        ("openssl", "openssl"),
        ("caddy", "go"),
        ("no-such-program", "other"),
    ],
)
def test_a_program_is_known_by_its_name_or_else_by_its_file(command: str, kind: str) -> None:
    assert kind_of(command, ENVIRONMENT) == kind


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("#!/usr/bin/env python3\n", "python"),
        ("#!/usr/bin/env -S node --no-warnings\n", "node"),
        ("#! /usr/bin/python3.11 -I\n", "python"),
        ("#!/bin/sh\n", "other"),
        ("#!", "other"),
        ("", "other"),
        ("\x7fELF…/registry/src/rustls-0.23.5/src/lib.rs", "rustls"),
    ],
)
def test_a_script_is_what_its_interpreter_is_and_another_file_what_is_in_it(
    tmp_path: Path, content: str, kind: str
) -> None:
    file = tmp_path / "tool"
    file.write_text(content)
    file.chmod(0o755)
    assert kind_of(str(file), {}) == kind


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("command", "on_keys", "on_the_way"),
    [
        ("java", "--java-agent FILE.jar", "transom run --java"),
        ("caddy", "KeyLogWriter", "localhost"),
        ("node", "--tls-keylog=FILE", "22.21"),
        ("python3", "--python", "--python"),
        ("pip", "--use-deprecated=legacy-certs", "--capture"),
        ("openssl", '-keylogfile "$SSLKEYLOGFILE"', "-proxy ${https_proxy##*@}"),
        ("chromium", "SSLKEYLOGFILE", '--proxy-bypass-list="<-loopback>"'),
        ("firefox-esr", "SSLKEYLOGFILE", "--no-remote --profile DIR"),
        ("true", "SSLKEYLOGFILE", "--java"),
    ],
)
def test_each_kind_has_advice_of_its_own(lang: Lang, command: str, on_keys: str, on_the_way: str) -> None:
    advice = Advice(words(lang), program(command) if command in ("caddy", "true") else command)
    assert on_keys in advice.on_keys()
    assert advice.program == command
    assert on_the_way in " ".join(advice.on_the_way())


@pytest.mark.parametrize("lang", LANGS)
def test_whoever_is_seen_from_within_already_is_not_told_to_be(lang: Lang) -> None:
    (said,) = Advice(words(lang), "python3", opted=["python"]).on_the_way()
    assert "--python" not in said
    assert "gRPC" in said


@pytest.mark.parametrize("lang", LANGS)
def test_an_agent_that_wrote_no_keys_is_spoken_of(lang: Lang) -> None:
    said = Advice(words(lang), "java", opted=["java"], has_agent=True).on_keys()
    assert "--java-agent" in said
    assert "FILE.jar" not in said


@pytest.mark.parametrize("lang", LANGS)
def test_whoever_is_led_by_an_option_already_is_told_whom_it_leads(lang: Lang) -> None:
    (said,) = Advice(words(lang), "gradlew", opted=["java"]).on_the_way()
    assert "transom run --java" not in said
    assert "java.nio" in said


def test_of_a_program_that_asked_nobody_it_is_told_how_it_would_be_led(user: User) -> None:
    ran = user.run("run", "--lang", "en", "caddy", "version")
    said = " ".join(ran.stderr.split())
    assert "caddy made no connection that could be seen" in said
    (helps,) = Advice(words("en"), program("caddy")).on_the_way()
    assert said.endswith(helps)


GOES_PAST = """
import http.client, ssl, sys, time
until = time.monotonic() + float(sys.argv[3])
while time.monotonic() < until:
    there = http.client.HTTPSConnection(sys.argv[1], context=ssl.create_default_context(cafile=sys.argv[2]))
    there.request("GET", "/")
    there.getresponse().read()
    time.sleep(0.02)
"""
S_CLIENT_PAST = "{ sleep $LONG; echo Q; } | openssl s_client -connect $ADDRESS >/dev/null 2>&1; true"
PAST = [sys.executable, "-c", GOES_PAST, "$ADDRESS", "$CA", "$LONG"]


def long_enough() -> float:
    """Seconds in which a program is looked at some times, however slow this machine is just now (`Ran`)."""
    ran = Ran(os.getpid(), Path("/no/such/file"))
    began = time.monotonic()
    for _ in range(3):
        ran.look()
    return 2 + 2 * (REST + 1) * (time.monotonic() - began)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["sh", "-c", '"$@"; true', "sh", *PAST], "python3"),
        (["env", "X=1", "timeout", "60", *PAST], "python3"),
        (["sh", "-c", S_CLIENT_PAST], "openssl"),
        (["timeout", "60", "sh", "-c", S_CLIENT_PAST], "openssl"),
    ],
    ids=["sh-keys", "env-timeout-keys", "sh-no-keys", "timeout-sh-no-keys"],
)
def test_what_would_lead_it_through_is_of_the_program_that_went_past_whatever_started_it(
    user: User, lang: Lang, command: list[str], name: str
) -> None:
    with user.serving(".") as server:
        said = told(user, server, lang, *command)
    (helps,) = Advice(words(lang), name).on_the_way()
    assert said.endswith(helps)
    (of_any,) = Advice(words(lang), command[0]).on_the_way()
    assert of_any not in said


@pytest.mark.parametrize("lang", LANGS)
def test_whoever_came_through_is_not_told_how_to(user: User, lang: Lang) -> None:
    """openssl came, and Python went past; neither is the command."""
    both = f'{S_CLIENT.format(program="openssl")}; "$@"; true'
    with user.serving(".") as server:
        said = told(user, server, lang, "sh", "-c", both, "sh", *PAST)
    (helps,) = Advice(words(lang), "python3").on_the_way()
    assert said.endswith(helps)
    assert Advice(words(lang), "openssl").on_the_way()[0] not in said


def test_of_several_kinds_each_is_told_once_and_the_command_only_if_there_is_none() -> None:
    programs = [Program(name, "/no/such/file") for name in ("sh", "node", "java", "nodejs")]
    advice = Advice(words("en"), "python3")
    assert advice.on_the_way(programs) == [Advice(words("en"), name).on_the_way()[0] for name in ("node", "java")]
    assert advice.on_the_way(programs[:1]) == advice.on_the_way() != []


def test_of_a_java_program_it_is_told_that_java_logs_no_keys(user: User) -> None:
    """Java is spoken for by OpenSSL, under its name: there too the keys stay with the program."""
    (user.folder / "java").symlink_to(program("openssl"))
    with user.serving(".") as server:
        said = told(user, server, "en", "sh", "-c", S_CLIENT.format(program="./java"))
    assert "the path could see: " in said
    assert Advice(words("en"), "java").on_keys() in said


S_CLIENT = "echo Q | {program} s_client -proxy ${{https_proxy##*@}} -connect $ADDRESS >/dev/null 2>&1"
WGET = ["env", "-u", "SSLKEYLOGFILE", "wget", "-q", "-O", "/dev/null", "--no-check-certificate", "https://$ADDRESS/"]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["sh", "-c", S_CLIENT.format(program="openssl") + "; true"], "openssl"),
        (["timeout", "60", "sh", "-c", S_CLIENT.format(program="nice openssl")], "openssl"),
        (WGET, "wget"),
        (["sh", "-c", "echo https://$ADDRESS/ | xargs " + " ".join(WGET[:-1])], "wget"),
    ],
    ids=["sh", "timeout-sh-nice", "env", "sh-xargs-env"],
)
def test_behind_what_only_starts_others_the_program_that_connected_is_named(
    user: User, lang: Lang, command: list[str], name: str
) -> None:
    with user.serving(".") as server:
        said = told(user, server, lang, *command)
    assert Advice(words(lang), program(name)).on_keys() in said
    assert Advice(words(lang), command[0]).on_keys() not in said


S_CLIENT_BY_ITSELF = "echo Q | {program} s_client -connect $ADDRESS >/dev/null 2>&1"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["sh", "-c", S_CLIENT_BY_ITSELF.format(program="openssl") + "; true"], "openssl"),
        (["timeout", "60", "sh", "-c", S_CLIENT_BY_ITSELF.format(program="nice openssl")], "openssl"),
        (["sh", "-c", " ".join((*WGET[:-1], "--no-proxy", WGET[-1]))], "wget"),
    ],
    ids=["sh", "timeout-sh-nice", "sh-env"],
)
def test_by_the_packets_too_it_is_the_program_that_connected(
    user: User, lang: Lang, command: list[str], name: str
) -> None:
    with user.serving(".") as server:
        said = told(user, server, lang, *command, options=("--capture",))
    if not may_capture():
        return
    assert Advice(words(lang), program(name)).on_keys() in said
    assert Advice(words(lang), command[0]).on_keys() not in said


def test_a_program_that_is_not_known_any_more_leaves_the_advice_on_the_command() -> None:
    assert Advice(words("en"), "sh").on_keys(None).startswith("sh logged no keys")


def test_a_process_names_itself_and_its_name_is_escaped() -> None:
    said = Advice(words("en"), "sh").on_keys(Program("\x1b[31mx", "/no/such/file"))
    assert said.startswith("\\x1b[31mx logged no keys")


def test_a_long_name_is_the_files_and_who_is_gone_is_nobody(tmp_path: Path) -> None:
    long = tmp_path / "a-name-of-more-than-fifteen-bytes"
    shutil.copy(program("bash"), long)
    with subprocess.Popen([long], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"echo begun; read\n")
        process.stdout.read(1)  # so that it has begun
        found = program_of(process.pid)
        process.communicate()
    assert found == Program(long.name, str(long))
    assert program_of(process.pid) is None


def told(user: User, server: Serving, lang: Lang, *command: str, options: Sequence[str] = ()) -> str:
    address = f"localhost:{server.port}"
    values = {"$ADDRESS": address, "$CA": str(user.ca), "$LONG": f"{long_enough():.1f}"}
    words_of = [reduce(lambda text, value: text.replace(*value), values.items(), word) for word in command]
    ran = user.run("run", "--lang", lang, *options, "--", *words_of)
    assert ran.exit_code == (0 if "--capture" not in options or may_capture() else 2), ran.stderr
    return " ".join(ran.stderr.split())


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User.new(tmp_path)
