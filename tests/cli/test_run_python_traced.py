"""`transom run --python` of a program that traces itself: what it does is told of once by either."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

from tests.real.transom import Serving, User
from tests.real.tshark import Wireshark

CONTENT = os.urandom(300_000)
FILES = {"f.bin": CONTENT}
SHA256 = hashlib.sha256(CONTENT).hexdigest()

_CONFTEST = """
import os, ssl, urllib.request, pytest

class Web:
    def __init__(self):
        self.context = ssl.create_default_context(cafile=os.environ["WEB_CA"])
        self.secure, self.plain = os.environ["WEB_SECURE"], os.environ["WEB_PLAIN"]

    def get(self, url, proxies=None):
        handlers = urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=self.context)
        return urllib.request.build_opener(*handlers).open(url).read()

    def past_the_tunnel(self, url):
        return self.get(url, {})

@pytest.fixture
def web():
    return Web()
"""

_TESTS = """
import transom

def asked(seen):
    assert {c.decrypted for c in seen.conversations if c.version} == {"full"}
    assert seen.unseen_sessions == 0
    return [r.url.partition("?")[2] for c in seen.conversations for r in c.requests if r.method == "GET"]

def test_by_the_fixture(web, transom_trace):
    web.get(web.secure + "?fixture-tunnel")
    web.past_the_tunnel(web.secure + "?fixture-past")
    web.past_the_tunnel(web.plain + "?fixture-plain")
    assert asked(transom_trace) == ["fixture-tunnel", "fixture-past", "fixture-plain"]

def test_by_a_block(web):
    web.past_the_tunnel(web.secure + "?before")
    with transom.trace("block.pcapng") as seen:
        web.past_the_tunnel(web.secure + "?block")
    web.past_the_tunnel(web.secure + "?after")
    assert asked(seen) == ["block"]
"""

_ASKED = ["fixture-tunnel", "fixture-past", "fixture-plain", "before", "block", "after"]


@pytest.fixture
def here(tmp_path: Path, owner: User, server: Serving) -> User:
    assert server.port
    return User(owner.home, tmp_path)


def pytest_of(here: User, server: Serving, tests: str, *options: str) -> tuple[int, str, list[dict[str, object]]]:
    """pytest with these tests, led and tapped: its exit code, what it printed, and the lines of the run."""
    (here.folder / "conftest.py").write_text(_CONFTEST)
    (here.folder / "test_web.py").write_text(tests)
    web = {
        "WEB_CA": str(here.ca),
        "WEB_SECURE": server.url("/f.bin"),
        "WEB_PLAIN": f"http://localhost:{server.http_port}/f.bin",
    }
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", "-q", *options)
    told = ("--json", "--sha256", "--summary", "lines", "--trace", "run.pcapng", "--cacert", here.ca)
    ran = here.run("run", "--python", *told, "--", *command, env=web)
    lines = [json.loads(line) for line in (here.folder / "lines").read_text().splitlines()]
    return ran.exit_code, ran.text + ran.stderr, lines


def paths(lines: list[dict[str, object]]) -> list[str]:
    return [str(line["path"]).partition("?")[2] for line in lines if line["type"] == "http"]


def test_a_block_and_the_fixture_see_their_part_and_the_run_all_of_it_once(here: User, server: Serving) -> None:
    exit_code, printed, lines = pytest_of(here, server, _TESTS)
    assert exit_code == 0, printed
    assert sorted(paths(lines)) == sorted(_ASKED)
    assert [line for line in lines if line["type"] == "problem"] == []
    assert {line["decrypted"] for line in lines if line["type"] == "tls"} == {"full"}
    assert {line["response_sha256"] for line in lines if line["type"] == "http"} == {SHA256}
    assert lines[-1]["unseen_sessions"] == 0
    ports = {server.port: "tls", server.http_port: "http"}
    for trace, files in (("run.pcapng", 6), ("block.pcapng", 1)):
        exported = Wireshark(here.folder / trace, ports).exported(here.folder / f"of-{trace}")
        assert exported == [SHA256] * files


def test_the_policy_holds_in_a_run_as_it_does_without(here: User, server: Serving) -> None:
    tests = """
def test_good(web): web.get(web.secure + "?good"); web.past_the_tunnel(web.secure + "?past")
def test_plaintext(web): web.get(web.plain + "?bad")
"""
    exit_code, printed, lines = pytest_of(here, server, tests, "--https-policy", "--https-cert-days=1")
    assert exit_code == 1, printed
    assert "1 failed, 1 passed" in printed
    assert f"- GET http://localhost:{server.http_port}/f.bin?bad went to 127.0.0.1:" in printed
    assert sorted(paths(lines)) == ["bad", "good", "past"]
    assert {line["decrypted"] for line in lines if line["type"] == "tls"} == {"full"}
