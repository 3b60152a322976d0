"""`transom run` of Java: --java leads a JVM through the tunnel, and --java-agent has its keys logged.

What Java does without either is in tests/interop, beside the other programs.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_run_capture import NEEDED, may_capture
from tests.real.compiled import java_fetch, keys_agent
from tests.real.transom import Serving, User
from tests.real.tshark import Wireshark
from transom.run.java import ForJava
from transom.wire.tap import Endpoint

CONTENT = os.urandom(300_007)
FILES = {"f.bin": CONTENT}
SHA256 = hashlib.sha256(CONTENT).hexdigest()
USAGE = 2


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("built")


@pytest.fixture
def here(tmp_path: Path, owner: User, server: Serving) -> User:
    """In a folder of their own, with the CA that the server's certificate is from."""
    assert server.port
    return User(owner.home, tmp_path)


@pytest.fixture(params=["KeysAgent.jar", "an agent's.jar"])
def agent(request: pytest.FixtureRequest, here: User, built: Path) -> Path:
    """A jar that logs keys."""
    name: str = request.param
    return Path(shutil.copy(keys_agent(built), here.folder / name)).relative_to(here.folder)


def fetching(built: Path, way: str, *words: str | Path) -> list[str | Path]:
    return ["java", "-cp", java_fetch(built), "Fetch", way, *words]


def lines_of(here: User, kind: str) -> list[dict[str, Any]]:
    told = [json.loads(line) for line in (here.folder / "lines").read_text().splitlines()]
    return [line for line in told if line["type"] == kind]


def assert_all_is_told(here: User, server: Serving) -> None:
    assert (here.folder / "f").read_bytes() == CONTENT
    assert [(line["version"], line["decrypted"], line["verdict"]) for line in lines_of(here, "tls")] == [
        ("TLSv1.3", "full", "trusted")
    ]
    assert [(line["response_body_bytes"], line["response_sha256"]) for line in lines_of(here, "http")] == [
        (len(CONTENT), SHA256)
    ]
    assert lines_of(here, "command")[0]["unseen_sessions"] == 0
    wireshark = Wireshark(here.folder / "t.pcapng", {server.port: "tls"})
    assert wireshark.exported(here.folder / "objects") == [SHA256]


OPTIONS = ("--json", "--sha256", "--trace", "t.pcapng", "--summary", "lines")


@pytest.mark.parametrize("way", ["HttpsURLConnection", "java.net.http", "SSLSocket"])
def test_with_an_agent_that_logs_its_keys_all_is_told(
    here: User, server: Serving, built: Path, agent: Path, way: str
) -> None:
    ran = here.run("run", "--java-agent", agent, *OPTIONS, *fetching(built, way, server.url("/f.bin"), here.ca))
    assert ran.exit_code == 0, ran.stderr
    assert_all_is_told(here, server)


def test_with_an_agent_it_is_told_by_its_packets(here: User, server: Serving, built: Path) -> None:
    words = fetching(built, "java.net.http", server.url("/f.bin"), here.ca)
    ran = here.run("run", "--capture", "--java-agent", keys_agent(built), *OPTIONS, *words)
    if not may_capture():
        assert ran.stderr.startswith(NEEDED)
        return
    assert ran.exit_code == 0, ran.stderr
    assert_all_is_told(here, server)


def test_in_the_clear_it_is_led_as_well(here: User, server: Serving, built: Path) -> None:
    """By SOCKS: java.net.Socket knows nothing of HTTP."""
    url = f"http://localhost:{server.http_port}/f.bin"
    ran = here.run("run", "--java", *OPTIONS, *fetching(built, "Socket", url))
    assert ran.exit_code == 0, ran.stderr
    assert (here.folder / "f").read_bytes() == CONTENT
    assert [line["response_sha256"] for line in lines_of(here, "http")] == [SHA256]


def test_a_channel_goes_past_and_that_is_said(here: User, server: Serving, built: Path) -> None:
    url = f"http://localhost:{server.http_port}/f.bin"
    ran = here.run("run", "--lang", "en", "--java", "--summary", "said", *fetching(built, "SocketChannel", url))
    assert ran.exit_code == 0, ran.stderr
    assert (here.folder / "f").read_bytes() == CONTENT
    said = " ".join((here.folder / "said").read_text().split())
    assert "java made no connection that could be seen" in said
    assert "Channels of java.nio (Netty, gRPC) go past" in said


def test_a_jvm_keeps_the_options_that_it_had(here: User) -> None:
    showing = ("java", "-XshowSettings:properties", "-version")
    ran = here.run("run", "--java", *showing, env={"JAVA_TOOL_OPTIONS": "-Dkept=yes -Dhttp.proxyHost=theirs"})
    assert ran.exit_code == 0, ran.stderr
    properties = dict(re.findall(r"^ +([\w.]+) = (.*)$", ran.stderr, re.MULTILINE))
    assert (properties["kept"], properties["https.proxyHost"], properties["http.proxyHost"]) == (
        "yes",
        "127.0.0.1",
        "127.0.0.1",
    )
    assert properties["https.proxyPort"] == properties["socksProxyPort"]


def test_without_the_option_a_jvm_is_told_nothing(here: User) -> None:
    ran = here.run("run", "java", "-version")
    assert ran.exit_code == 0
    assert "JAVA_TOOL_OPTIONS" not in ran.stderr


@pytest.mark.parametrize(
    ("name", "made", "why"),
    [
        ("none.jar", False, "--java-agent none.jar: there is no such file"),
        (".", False, "--java-agent .: there is no such file"),
        ("a=b.jar", True, "--java-agent a=b.jar: a JVM takes no agent with = or both kinds of quotes in its path"),
        ("a'\".jar", True, "a JVM takes no agent with = or both kinds of quotes in its path"),
    ],
)
def test_an_agent_that_cannot_be_is_refused_before_anything_is_started(
    here: User, name: str, made: bool, why: str
) -> None:
    if made:
        (here.folder / name).touch()
    ran = here.run("run", "--java-agent", name, "touch", "started")
    assert ran.exit_code == USAGE
    assert why in ran.stderr
    assert not (here.folder / "started").exists()


@pytest.mark.parametrize(
    ("no_proxy", "excepted"),
    [
        ("", None),
        ("example.com, .internal,::1,10.0.0.0/8,host:8080", "example.com|*.example.com|internal|*.internal"),
        ("*", "*"),
        ("192.0.2.7", "192.0.2.7|*.192.0.2.7"),
    ],
)
def test_exceptions_that_are_kept_are_said_as_java_has_them(no_proxy: str, excepted: str | None) -> None:
    tunnel = Endpoint("127.0.0.1", 1)
    environ = {"NO_PROXY": no_proxy}
    kept = ForJava(leads=True).environment(environ, Path("keys"), tunnel, keep_no_proxy=True)["JAVA_TOOL_OPTIONS"]
    found = re.search(r"-Dhttp\.nonProxyHosts=(\S*)", kept)
    assert (found[1] if found else None) == excepted
    emptied = ForJava(leads=True).environment(environ, Path("keys"), tunnel)["JAVA_TOOL_OPTIONS"]
    assert emptied.endswith("-Dhttp.nonProxyHosts= -DsocksNonProxyHosts=")
