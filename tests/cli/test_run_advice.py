"""What `transom run` advises for a program that was not seen or not opened: by its name, and by what its file is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.programs import ENVIRONMENT, program
from tests.real.transom import Serving, User
from transom.cli.run_advice import Advice
from transom.cli.words import LANGS, Lang, words
from transom.run.kinds import kind_of


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
        ("java", "-javaagent", "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=${https_proxy##*:}"),
        ("caddy", "KeyLogWriter", "localhost"),
        ("node", "--tls-keylog=FILE", "22.21"),
        ("python3", "--python", "--python"),
        ("pip", "--use-deprecated=legacy-certs", None),
        ("openssl", '-keylogfile "$SSLKEYLOGFILE"', "-proxy ${https_proxy##*@}"),
        ("chromium", "SSLKEYLOGFILE", '--proxy-bypass-list="<-loopback>"'),
        ("firefox-esr", "SSLKEYLOGFILE", "--no-remote --profile DIR"),
        ("true", "SSLKEYLOGFILE", None),
    ],
)
def test_each_kind_has_advice_of_its_own(lang: Lang, command: str, on_keys: str, on_the_way: str | None) -> None:
    advice = Advice(words(lang), program(command) if command in ("caddy", "true") else command)
    assert on_keys in advice.on_keys()
    assert advice.program == command
    said = advice.on_the_way()
    assert said is None if on_the_way is None else on_the_way in (said or "")


@pytest.mark.parametrize("lang", LANGS)
def test_whoever_is_seen_from_within_already_is_not_told_to_be(lang: Lang) -> None:
    said = Advice(words(lang), "python3", tapped=True).on_the_way() or ""
    assert "--python" not in said
    assert "uvloop" in said


def test_of_a_program_that_asked_nobody_it_is_told_how_it_would_be_led(user: User) -> None:
    ran = user.run("run", "--lang", "en", "caddy", "version")
    said = " ".join(ran.stderr.split())
    assert "caddy made no connection that could be seen" in said
    assert said.endswith(Advice(words("en"), program("caddy")).on_the_way() or "nothing")


def test_of_a_java_program_it_is_told_that_java_logs_no_keys(user: User) -> None:
    """Java is spoken for by OpenSSL, under its name: there too the keys stay with the program."""
    java = user.folder / "java"
    client = "openssl s_client -quiet -proxy ${https_proxy##*@} -connect $1"
    java.write_text(f"#!/bin/sh\nprintf 'GET / HTTP/1.0\\r\\n\\r\\n' | {client} >/dev/null 2>&1\n")
    java.chmod(0o755)
    with user.serving(".") as server:
        said = told(user, server, "./java")
    assert "the path could see: " in said
    assert Advice(words("en"), "java").on_keys() in said


def told(user: User, server: Serving, command: str) -> str:
    ran = user.run("run", "--lang", "en", "--", command, f"localhost:{server.port}")
    assert ran.exit_code == 0, ran.stderr
    return " ".join(ran.stderr.split())


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User.new(tmp_path)
