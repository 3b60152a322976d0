"""`transom run` with curl by version and a clone by git, which asks for much; the others are in tests/interop."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.real.certificates import Authority
from tests.real.nginx import Nginx, NginxTls, nginx
from tests.real.programs import ENVIRONMENT, program
from tests.real.transom import User
from tests.real.tshark import Wireshark

CONTENT = os.urandom(1_000_003)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Generator[Nginx]:
    root = tmp_path_factory.mktemp("root")
    (root / "f.bin").write_bytes(CONTENT)
    _repository(root / "repository.git")
    leaf = authority.leaf("p256")
    with nginx(tmp_path_factory.mktemp("nginx"), root, tls=NginxTls(leaf.chain, leaf.key)) as running:
        yield running


def _repository(path: Path) -> None:
    """A bare one with one file in it, as it may be served by any web server."""
    work = path.parent / "work"
    who = ["-c", "user.name=A", "-c", "user.email=a@localhost"]
    work.mkdir()
    (work / "f.bin").write_bytes(CONTENT)
    for words in (
        ["init", "-q", str(work)],
        ["-C", str(work), "add", "f.bin"],
        ["-C", str(work), *who, "commit", "-qm", "one"],
        ["clone", "-q", "--bare", str(work), str(path)],
        ["-C", str(path), "update-server-info"],
    ):
        subprocess.run([program("git"), *words], env=ENVIRONMENT, check=True, timeout=60)


@pytest.fixture
def here(tmp_path: Path) -> User:
    return User.new(tmp_path)


def told(here: User, *command: str | Path, env: dict[str, str] | None = None, ca: Path) -> list[dict[str, Any]]:
    """The lines of a run that went well, and left a trace."""
    options = ("--json", "--sha256", "--trace", "t.pcapng", "--summary", "lines", "--cacert", ca, "--")
    ran = here.run("run", *options, *command, env=env)
    assert ran.exit_code == 0, ran.stderr
    return [json.loads(line) for line in (here.folder / "lines").read_text().splitlines()]


def of_type(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == kind]


def assert_seen(here: User, lines: list[dict[str, Any]], server: Nginx) -> None:
    """All of it was opened, its chain was judged, and the trace has the file for us and for Wireshark."""
    assert {line["decrypted"] for line in of_type(lines, "tls")} == {"full"}
    assert {line["verdict"] for line in of_type(lines, "tls")} == {"trusted"}
    assert SHA256 in [line["response_sha256"] for line in of_type(lines, "http")]
    assert of_type(lines, "problem") == []
    assert server.https_port is not None
    shark = Wireshark(here.folder / "t.pcapng", {server.https_port: "tls"})
    (here.folder / "exported").mkdir()
    assert SHA256 in shark.exported(here.folder / "exported")


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_curl(here: User, server: Nginx, authority: Authority, version: str) -> None:
    options = ("-q", "-sS", "--http1.1", "--tls-max", version, "--cacert", authority.root, "-o", "f")
    lines = told(here, "curl", *options, server.secure_url("/f.bin"), ca=authority.root)
    assert (here.folder / "f").read_bytes() == CONTENT
    assert of_type(lines, "tls")[0]["version"] == f"TLSv{version}"
    assert_seen(here, lines, server)


def test_git(here: User, server: Nginx, authority: Authority) -> None:
    trusting = {"GIT_SSL_CAINFO": str(authority.root)}
    url = server.secure_url("/repository.git")
    lines = told(here, "git", "clone", "-q", url, "cloned", env=trusting, ca=authority.root)
    assert (here.folder / "cloned" / "f.bin").read_bytes() == CONTENT
    assert {line["decrypted"] for line in of_type(lines, "tls")} == {"full"}
    assert any("repository.git" in line["path"] for line in of_type(lines, "http"))
