"""HTTP/2 as Python's libraries speak it: each file is told, by the tunnel, from within and by a block around it."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

import transom
from tests.interop.peers import SCRIPTS
from tests.real.certificates import Authority
from tests.real.nginx import Nginx, NginxTls, nginx
from tests.real.scripts.python_http2 import LIBRARIES
from tests.real.transom import User
from tests.real.tshark import Wireshark

FILES = {"a.bin": os.urandom(500_003), "b.bin": os.urandom(70_001), "c.bin": b"c"}
SHA256 = {f"/{name}": hashlib.sha256(content).hexdigest() for name, content in FILES.items()}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Generator[Nginx]:
    root = tmp_path_factory.mktemp("root")
    for name, content in FILES.items():
        (root / name).write_bytes(content)
    leaf = authority.leaf("p256")
    with nginx(tmp_path_factory.mktemp("nginx"), root, tls=NginxTls(leaf.chain, leaf.key, http2=True)) as running:
        yield running


@pytest.fixture
def urls(server: Nginx) -> list[str]:
    return [server.secure_url(path) for path in SHA256]


def assert_in_wireshark(trace: Path, server: Nginx) -> None:
    assert server.https_port is not None
    shark = Wireshark(trace, {server.https_port: "tls"})
    paths = [path for line in shark.field("http2.headers.path") for path in line.split(",")]
    assert sorted(paths) == sorted(SHA256)
    assert shark.oddities() == ""


@pytest.mark.parametrize(
    ("library", "option"), [("httpx", ""), ("httpx-async", ""), ("httpx", "--python"), ("urllib3", "--python")]
)
def test_a_program_that_is_run(
    tmp_path: Path, server: Nginx, authority: Authority, urls: list[str], library: str, option: str
) -> None:
    here = User.new(tmp_path)
    # Within a run `NO_PROXY` is emptied; where the program is to go past the tunnel it is told so by option.
    past = {"NO_PROXY": "localhost,127.0.0.1"} if option else {}
    told = ("--json", "--sha256", "--summary", "lines", "--trace", "t.pcapng", "--cacert", authority.root)
    ours = [*told, *([option, "--keep-no-proxy"] if option else []), "--"]
    program = [sys.executable, SCRIPTS / "python_http2.py", library, authority.root, *urls]
    ran = here.run("run", *map(str, [*ours, *program]), env=past)
    assert ran.exit_code == 0, ran.stderr
    assert {name: (here.folder / name).read_bytes() for name in FILES} == FILES
    lines = [json.loads(line) for line in (here.folder / "lines").read_text().splitlines()]
    (tls,) = [line for line in lines if line["type"] == "tls"]
    assert (tls["alpn"], tls["decrypted"], tls["verdict"]) == ("h2", "full", "trusted")
    asked = [line for line in lines if line["type"] == "http"]
    assert {line["path"]: line["response_sha256"] for line in asked} == SHA256
    assert [(line["version"], line["status"], line["complete"]) for line in asked] == [("2", 200, True)] * len(SHA256)
    assert [line for line in lines if line["type"] == "problem"] == []
    assert lines[-1]["unseen_sessions"] == 0
    assert_in_wireshark(here.folder / "t.pcapng", server)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_block(tmp_path: Path, server: Nginx, authority: Authority, urls: list[str], library: str) -> None:
    with transom.trace(tmp_path / "t.pcapng", cacert=authority.root, sha256=True) as seen:
        contents = LIBRARIES[library](urls, str(authority.root))
    assert contents == list(FILES.values())
    (conversation,) = seen.conversations
    assert (conversation.alpn, conversation.decrypted, conversation.verdict) == ("h2", "full", "trusted")
    told = {(r.url, r.status, r.received, r.sha256, r.complete) for r in conversation.requests}
    wanted = zip(urls, FILES.values(), SHA256.values(), strict=True)
    assert told == {(url, 200, len(content), sha256, True) for url, content, sha256 in wanted}
    assert seen.unseen_sessions == 0
    assert_in_wireshark(tmp_path / "t.pcapng", server)
