"""HTTP/2 between programs of other people, looked at: curl with Node's server, and Chromium with nginx."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.peers import SCRIPTS
from tests.real.browser import new_store
from tests.real.certificates import Authority
from tests.real.nginx import NginxTls, nginx
from tests.real.programs import program
from tests.real.started import started
from tests.real.transom import User

CONTENT = os.urandom(400_009)

Lines = list[dict[str, Any]]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def here(tmp_path: Path) -> User:
    return User.new(tmp_path)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Generator[int]:
    leaf = authority.leaf("p256")
    command = [program("node"), str(SCRIPTS / "node_http2_server.js"), str(leaf.chain), str(leaf.key)]
    with started(command, "{") as line:
        yield json.loads(line)["port"]


def told(text: str, kind: str) -> Lines:
    return [line for line in map(json.loads, text.splitlines()) if line["type"] == kind]


def led(here: User, ca: Path, *command: str | Path) -> str:
    """What is told of a run, however it ended."""
    here.run("run", "--json", "--sha256", "--summary", "lines", "--trace", "t.pcapng", "--cacert", ca, "--", *command)
    return (here.folder / "lines").read_text()


@pytest.mark.parametrize(
    ("path", "options", "body"),
    [
        ("/up", ("--data-binary", "@up"), b"got 400009"),
        ("/trailer", (), b"hello world"),
        ("/early", (), b"late"),
    ],
)
def test_node_answers_curl(
    here: User, authority: Authority, node: int, path: str, options: tuple[str, ...], body: bytes
) -> None:
    (here.folder / "up").write_bytes(CONTENT)
    url = f"https://localhost:{node}{path}"
    said = led(
        here, authority.root, "curl", "-q", "-sS", "--http2", "--cacert", authority.root, *options, "-o", "f", url
    )
    assert (here.folder / "f").read_bytes() == body
    (line,) = told(said, "http")
    assert (line["version"], line["path"], line["status"], line["complete"]) == ("2", path, 200, True)
    assert line["response_sha256"] == sha256(body)
    assert line["request_sha256"] == (sha256(CONTENT) if options else None)
    assert told(said, "problem") == []


def test_node_breaks_off_and_the_file_is_said_to_be_cut(here: User, authority: Authority, node: int) -> None:
    url = f"https://localhost:{node}/reset"
    said = led(here, authority.root, "curl", "-q", "-sS", "--http2", "--cacert", authority.root, "-o", "f", url)
    (line,) = told(said, "http")
    assert (line["response_body_bytes"], line["complete"]) == (4, False)
    assert [problem["where"] for problem in told(said, "problem")] == ["HTTP/2 stream 1, server"]


def test_chromium_asks_for_several_files_on_one_connection(here: User, authority: Authority, tmp_path: Path) -> None:
    root, home = tmp_path / "root", tmp_path / "nginx"
    root.mkdir()
    home.mkdir()
    os.chmod(tmp_path, 0o755)  # noqa: PTH101 (nginx's worker reads in it)
    (root / "f.bin").write_bytes(CONTENT)
    (root / "page.html").write_text("<!doctype html><script src='/a.js'></script><script src='/f.bin'></script>")
    (root / "a.js").write_text("document.title = 'read'")
    new_store(here.home / ".pki" / "nssdb", [authority.root])
    leaf = authority.leaf("p256")
    options = (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-default-apps", "--user-data-dir=profile", "--dump-dom",
    )  # fmt: skip
    through = "exec chromium --proxy-server=${https_proxy##*@} --proxy-bypass-list='<-loopback>' \"$@\""
    with nginx(home, root, tls=NginxTls(leaf.chain, leaf.key, http2=True)) as server:
        url = server.secure_url("/page.html")
        said = led(here, authority.root, "sh", "-c", through, "sh", *options, url)
        ours = [line["conversation"] for line in told(said, "conversation") if line["asked"] == url.split("/")[2]]
    found = {line["path"]: line for line in told(said, "http") if line["conversation"] in ours}
    assert {"/page.html", "/a.js", "/f.bin"} <= set(found)
    assert found["/f.bin"]["response_sha256"] == sha256(CONTENT)
    assert {found[path]["version"] for path in ("/page.html", "/a.js", "/f.bin")} == {"2"}
    assert len({line["conversation"] for line in found.values()}) == 1
