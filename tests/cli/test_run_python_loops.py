"""Python programs whose sockets are not the standard library's: gevent's and uvloop's, from within and by a block."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.interop.peers import SCRIPTS
from tests.real.certificates import Authority
from tests.real.transom import MINUTE, Serving, User
from tests.real.tshark import Wireshark

CONTENT = bytes(range(256)) * 1200
FILES = {"f.bin": CONTENT}
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PROGRAM = SCRIPTS / "python_loops.py"


@pytest.fixture
def here(tmp_path: Path, owner: User, server: Serving) -> User:
    assert server.port
    return User(owner.home, tmp_path)


def from_within(here: User, way: str, url: str) -> list[dict[str, object]]:
    """The lines of a run."""
    told = ("--python", "--json", "--sha256", "--summary", "lines", "--trace", "t.pcapng", "--cacert", here.ca)
    ran = here.run("run", *told, "--", sys.executable, PROGRAM, way, url, here.ca)
    assert ran.exit_code == 0, ran.stderr
    assert (here.folder / "f").read_bytes() == CONTENT
    return [json.loads(line) for line in (here.folder / "lines").read_text().splitlines()]


_BLOCK = """
import json, runpy, sys
{before}
import transom
way, url, ca = sys.argv[1:]
by = runpy.run_path({program!r})["WAYS"][way]
with transom.trace("t.pcapng", cacert=ca, sha256=True) as seen:
    open("f", "wb").write(by(url, ca))
told = [(c.version, c.decrypted, c.verdict, [r.sha256 for r in c.requests]) for c in seen.conversations]
print(json.dumps([told, seen.unseen_sessions]))
"""


def by_a_block(
    here: User, way: str, url: str, before: str = "", env: Mapping[str, str] | None = None
) -> tuple[list[list[object]], int]:
    """What a block around the fetch says in the end: of each conversation, and the number of unseen sessions."""
    words = [sys.executable, "-c", _BLOCK.format(program=str(PROGRAM), before=before), way, url, str(here.ca)]
    environment = {**here.environment, **(env or {})}
    done = subprocess.run(words, cwd=here.folder, env=environment, capture_output=True, timeout=MINUTE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (here.folder / "f").read_bytes() == CONTENT
    told, unseen = json.loads(done.stdout)
    return told, unseen


def assert_in_wireshark(here: User, server: Serving, files: int) -> None:
    shark = Wireshark(here.folder / "t.pcapng", {server.port: "tls", server.http_port: "http"})
    assert shark.exported(here.folder / "exported") == [SHA256] * files
    assert shark.oddities() == ""


def test_gevent_is_seen_from_within(here: User, server: Serving) -> None:
    lines = from_within(here, "gevent", server.url("/f.bin"))
    assert [line["decrypted"] for line in lines if line["type"] == "tls"] == ["full"] * 3
    assert [line["response_sha256"] for line in lines if line["type"] == "http"] == [SHA256] * 3
    assert lines[-1]["unseen_sessions"] == 0
    assert_in_wireshark(here, server, 3)


def test_gevent_in_the_clear_is_seen_from_within(here: User, server: Serving) -> None:
    lines = from_within(here, "gevent", f"http://localhost:{server.http_port}/f.bin")
    assert [line["response_sha256"] for line in lines if line["type"] == "http"] == [SHA256] * 3
    assert_in_wireshark(here, server, 3)


def test_gevent_is_seen_by_a_block(here: User, server: Serving) -> None:
    patched = "from gevent import monkey; monkey.patch_all()"
    secure, unseen = by_a_block(here, "gevent", server.url("/f.bin"), patched)
    assert (secure, unseen) == ([["TLSv1.3", "full", "trusted", [SHA256]]] * 3, 0)
    assert_in_wireshark(here, server, 3)


def test_gevent_in_the_clear_is_seen_by_a_block(here: User, server: Serving) -> None:
    patched = "from gevent import monkey; monkey.patch_all()"
    plain, unseen = by_a_block(here, "gevent", f"http://localhost:{server.http_port}/f.bin", patched)
    assert (plain, unseen) == ([[None, None, None, [SHA256]]] * 3, 0)
    assert_in_wireshark(here, server, 3)


ON_UVLOOP = ["uvloop-streams", "uvloop-aiohttp", "uvloop-httpx", "uvloop-start-tls", "uvloop-threads"]


@pytest.mark.parametrize("way", ON_UVLOOP)
def test_tls_on_a_uvloop_is_seen_from_within(here: User, server: Serving, way: str) -> None:
    lines = from_within(here, way, server.url("/f.bin"))
    (conversation,) = [line for line in lines if line["type"] == "conversation"]
    assert conversation["server"] in (f"127.0.0.1:{server.port}", f"[::1]:{server.port}")
    assert [line["decrypted"] for line in lines if line["type"] == "tls"] == ["full"]
    assert [line["response_sha256"] for line in lines if line["type"] == "http"] == [SHA256]
    assert lines[-1]["unseen_sessions"] == 0
    assert_in_wireshark(here, server, 1)


@pytest.mark.parametrize("before", ["", "import uvloop"])
@pytest.mark.parametrize("way", ON_UVLOOP)
def test_tls_on_a_uvloop_is_seen_by_a_block(here: User, server: Serving, way: str, before: str) -> None:
    secure, unseen = by_a_block(here, way, server.url("/f.bin"), before)
    assert (secure, unseen) == ([["TLSv1.3", "full", "trusted", [SHA256]]], 0)
    assert_in_wireshark(here, server, 1)


def test_what_crosses_a_uvloop_in_the_clear_is_not_seen(here: User, server: Serving) -> None:
    lines = from_within(here, "uvloop-httpx", f"http://localhost:{server.http_port}/f.bin")
    assert [line["type"] for line in lines] == ["command"]
    plain, unseen = by_a_block(here, "uvloop-httpx", f"http://localhost:{server.http_port}/f.bin")
    assert (plain, unseen) == ([], 0)


_SERVER = """
import asyncio, ssl, sys, transom, uvloop

async def answer(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello")
    writer.close()

async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[1:])
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    url = f"https://127.0.0.1:{port}/it"
    curl = await asyncio.create_subprocess_exec("curl", "-q", "-sSk", url, stdout=asyncio.subprocess.PIPE)
    said, _ = await curl.communicate()
    assert said == b"hello", said
    server.close()
    return url

with transom.trace() as seen, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    url = runner.run(main())
(conversation,) = seen.conversations
assert conversation.server in url, (conversation, url)
assert [(r.url, r.status, r.received) for r in conversation.requests] == [(url, 200, 5)], conversation
"""


def test_a_server_on_a_uvloop_is_seen_as_the_server(here: User, tmp_path: Path) -> None:
    leaf = Authority(tmp_path).leaf()
    words = [sys.executable, "-c", _SERVER, str(leaf.chain), str(leaf.key)]
    done = subprocess.run(words, cwd=tmp_path, env=here.environment, capture_output=True, timeout=MINUTE, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")
