"""`transom run` with programs of other people: what each does arrives as ever, and is told with its keys."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
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

FETCH = """
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1]) as answer:
    sys.stdout.buffer.write(answer.read())
"""


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


def test_wget(here: User, server: Nginx, authority: Authority) -> None:
    certificate = f"--ca-certificate={authority.root}"
    lines = told(here, "wget", "-q", certificate, "-O", "f", server.secure_url("/f.bin"), ca=authority.root)
    assert (here.folder / "f").read_bytes() == CONTENT
    assert_seen(here, lines, server)


def test_git(here: User, server: Nginx, authority: Authority) -> None:
    trusting = {"GIT_SSL_CAINFO": str(authority.root)}
    url = server.secure_url("/repository.git")
    lines = told(here, "git", "clone", "-q", url, "cloned", env=trusting, ca=authority.root)
    assert (here.folder / "cloned" / "f.bin").read_bytes() == CONTENT
    assert {line["decrypted"] for line in of_type(lines, "tls")} == {"full"}
    assert any("repository.git" in line["path"] for line in of_type(lines, "http"))


def test_pythons_urllib(here: User, server: Nginx, authority: Authority) -> None:
    trusting = {"SSL_CERT_FILE": str(authority.root)}
    fetch = (sys.executable, "-c", FETCH)
    saving = ("sh", "-c", '"$@" > f', "sh", *fetch, server.secure_url("/f.bin"))
    lines = told(here, *saving, env=trusting, ca=authority.root)
    assert (here.folder / "f").read_bytes() == CONTENT
    assert_seen(here, lines, server)


def _s_client(server: Nginx, *options: str) -> tuple[str, ...]:
    """It can be told of a proxy, and of no password there: it is let in because it descends from the command."""
    request = r"printf 'GET /f.bin HTTP/1.0\r\n\r\n'"
    client = f"openssl s_client -quiet -proxy ${{https_proxy##*@}} -connect localhost:{server.https_port}"
    return ("sh", "-c", f"{request} | {client} {' '.join(options)} >/dev/null 2>&1")


def test_openssl_s_client_logs_keys_when_it_is_told_to(here: User, server: Nginx, authority: Authority) -> None:
    lines = told(here, *_s_client(server, "-keylogfile", '"$SSLKEYLOGFILE"'), ca=authority.root)
    assert_seen(here, lines, server)


def test_of_a_program_that_logs_no_keys_the_path_is_told_and_what_to_try(
    here: User, server: Nginx, authority: Authority
) -> None:
    ran = here.run("run", "--cacert", authority.root, "--", *_s_client(server))
    assert ran.exit_code == 0, ran.stderr
    for said in ("TLSv1.3", "the path could see: ", "about 1.0 MB", "JA4 t13", "sh logged no keys"):
        assert said in ran.stderr.replace("\n   ", " ")
    assert "GET" not in ran.stderr
