"""`transom view`: where the page is to be seen, and what is left of it."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.cli.viewed import browser_that_stays, command_lines, until_stopped
from tests.real.caller import Caller
from tests.real.transom import User, private_mode
from transom.cli.pages import has_browser


@pytest.fixture
def trace(user: User) -> Path:
    assert user.run("demo").exit_code == 0
    return user.folder / "trace.pcapng"


def test_it_serves_until_it_is_stopped_and_says_where(user: User, trace: Path) -> None:
    with user.start("view", trace, "--no-browser", "--lang", "ko") as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{32}/", address)
        with urlopen(f"{address}api/about", timeout=20) as answer:
            assert b'"language":"ko"' in answer.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_the_browser_is_opened_at_an_address_that_leads_to_the_page_once(user: User, trace: Path) -> None:
    with (
        browser_that_stays(user.folder) as (env, asked),
        until_stopped(user.start("view", trace, env=env)) as process,
    ):
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        given = asked.read_text().strip()
        lines = command_lines()
        assert any(given.encode() in line for line in lines)
        assert not any(urlsplit(address).path.strip("/").encode() in line for line in lines)
        with urlopen(given, timeout=20) as page:  # the browser has not ended, and yet there is an answer
            assert page.url == address
        with pytest.raises(HTTPError, match="410"):
            urlopen(given, timeout=20)


def test_over_ssh_the_address_is_printed_and_a_file_is_offered(user: User, trace: Path) -> None:
    with user.start("view", trace, env={"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22", "DISPLAY": ":9"}) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"http://127.0.0.1:")
        assert b"-o report.html writes a file to take along instead" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_a_report_is_its_owners_alone_and_its_kind_is_told(user: User, trace: Path) -> None:
    for option, told in (
        ((), "masked"),
        (("--include-secrets",), "every password"),
        (("--without-keys",), "nothing else"),
    ):
        ran = user.run("view", trace, "-o", "report.html", *option)
        assert ran.exit_code == 0
        assert told in ran.stderr
        assert private_mode(user.folder / "report.html")
        assert (user.folder / "report.html").read_bytes().startswith(b"<!doctype html>")


def test_secrets_and_no_keys_at_once_are_refused(caller: Caller) -> None:
    ran = caller.run("view", "x.pcap", "--without-keys", "--include-secrets")
    assert ran.exit_code == 2
    assert "one of them" in ran.stderr


def test_a_report_does_not_take_the_place_of_the_capture_it_is_of(caller: Caller) -> None:
    capture = caller.folder / "x.pcap"
    capture.write_bytes(b"a capture")
    (caller.folder / "y.pcap").hardlink_to(capture)
    ran = caller.run("view", "x.pcap", "-o", "y.pcap")
    assert ran.exit_code == 2
    assert "y.pcap would take the place of what is to be looked through" in ran.stderr
    assert capture.read_bytes() == b"a capture"


def test_what_is_no_capture_is_told_in_a_line(caller: Caller) -> None:
    (caller.folder / "x.pcap").write_bytes(b"no capture")
    ran = caller.run("view", "x.pcap", "-o", "report.html")
    assert ran.exit_code != 0
    assert ran.stderr.startswith("transom: x.pcap")
    assert not (caller.folder / "report.html").exists()


@pytest.mark.parametrize(
    ("environ", "platform", "seen"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "linux", False),
        ({}, "darwin", True),
    ],
)
def test_a_browser_is_opened_only_where_it_is_seen(environ: dict[str, str], platform: str, seen: bool) -> None:
    assert has_browser(environ, platform) is seen
