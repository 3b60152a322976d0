"""`transom run` of curl and nginx over HTTP/2: every file is told, as curl has it and Wireshark sees it."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.real.certificates import Authority
from tests.real.nginx import Nginx, NginxTls, nginx
from tests.real.transom import User
from tests.real.tshark import Wireshark

CONTENT = os.urandom(700_003)
TEXT = b"a text that is worth the effort of being made smaller\n" * 400


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Generator[Nginx]:
    root = tmp_path_factory.mktemp("root")
    (root / "f.bin").write_bytes(CONTENT)
    (root / "text").write_bytes(TEXT)
    leaf = authority.leaf("p256")
    # What is sent back is heard to its end first: an answer in the midst of it would end the upload.
    takes = "location = /back { proxy_pass $scheme://127.0.0.1:$server_port/got; } location = /got { return 200 got; }"
    compressing = f"gzip on; gzip_types application/octet-stream; {takes}"
    home = tmp_path_factory.mktemp("nginx")
    with nginx(home, root, tls=NginxTls(leaf.chain, leaf.key, http2=True), extra=compressing) as running:
        yield running


@pytest.fixture
def here(tmp_path: Path) -> User:
    return User.new(tmp_path)


def lines(here: User, kind: str) -> list[dict[str, Any]]:
    told = [json.loads(line) for line in (here.folder / "lines").read_text().splitlines()]
    return [line for line in told if line["type"] == kind]


def led(here: User, authority: Authority, *options: str | Path) -> None:
    ours = ("--json", "--sha256", "--trace", "t.pcapng", "--summary", "lines", "--cacert", authority.root, "--")
    curl = ("curl", "-q", "-sS", "--http2", "--cacert", authority.root)
    ran = here.run("run", *ours, *curl, *options)
    assert ran.exit_code == 0, ran.stderr


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_files_over_one_connection(here: User, server: Nginx, authority: Authority, version: str) -> None:
    urls = [server.secure_url(f"/{name}") for name in ("f.bin", "text", "none")]
    led(
        here,
        authority,
        "--tls-max",
        version,
        "-Z",
        "-o",
        "f.bin",
        urls[0],
        "-o",
        "text",
        urls[1],
        "-o",
        "none",
        urls[2],
    )
    assert (here.folder / "f.bin").read_bytes() == CONTENT
    (tls,) = lines(here, "tls")
    assert (tls["version"], tls["alpn"], tls["decrypted"]) == (f"TLSv{version}", "h2", "full")
    told = {line["path"]: line for line in lines(here, "http")}
    assert {(line["version"], line["complete"]) for line in told.values()} == {("2", True)}
    assert {path: line["status"] for path, line in told.items()} == {"/f.bin": 200, "/text": 200, "/none": 404}
    for name in ("f.bin", "text", "none"):
        content = (here.folder / name).read_bytes()
        line = told[f"/{name}"]
        assert (line["response_body_bytes"], line["response_sha256"]) == (
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
    assert lines(here, "problem") == []
    _as_wireshark_has_it(here, server, told)


def _as_wireshark_has_it(here: User, server: Nginx, told: dict[str, dict[str, Any]]) -> None:
    assert server.https_port is not None
    shark = Wireshark(here.folder / "t.pcapng", {server.https_port: "tls"})
    paths = [path for line in shark.field("http2.headers.path") for path in line.split(",")]
    assert sorted(paths) == sorted(told)
    statuses = [status for line in shark.field("http2.headers.status") for status in line.split(",")]
    assert sorted(statuses) == sorted(str(line["status"]) for line in told.values())


def test_the_trace_is_read_back_the_same(here: User, server: Nginx, authority: Authority) -> None:
    led(here, authority, "-o", "f", server.secure_url("/f.bin"))
    ran = here.run("read", "--json", "t.pcapng")
    assert ran.exit_code == 0, ran.stderr
    read = [line for text in ran.text.splitlines() if (line := json.loads(text))["type"] == "http"]
    assert read == lines(here, "http")
    assert read[0]["response_sha256"] == hashlib.sha256(CONTENT).hexdigest()


def test_a_body_that_is_coded_is_told_as_it_crossed(here: User, server: Nginx, authority: Authority) -> None:
    led(here, authority, "-H", "Accept-Encoding: gzip", "-o", "text.gz", server.secure_url("/text"))
    coded = (here.folder / "text.gz").read_bytes()
    assert gzip.decompress(coded) == TEXT
    (line,) = lines(here, "http")
    assert (line["response_body_bytes"], line["response_sha256"]) == (len(coded), hashlib.sha256(coded).hexdigest())


def test_an_upload_and_its_answer(here: User, server: Nginx, authority: Authority) -> None:
    (here.folder / "up").write_bytes(CONTENT[:50_000])
    led(here, authority, "--data-binary", "@up", "-o", "got", server.secure_url("/back"))
    (line,) = lines(here, "http")
    assert (line["method"], line["path"], line["status"]) == ("POST", "/back", 200)
    assert line["request_sha256"] == hashlib.sha256(CONTENT[:50_000]).hexdigest()
    assert line["response_sha256"] == hashlib.sha256(b"got").hexdigest()


def test_a_head_alone_and_the_parts_of_a_file(here: User, server: Nginx, authority: Authority) -> None:
    led(here, authority, "-I", "-o", "head", server.secure_url("/f.bin"), "--next", "--http2", "-sS", "--cacert",
        authority.root, "-r", "5-14", "-o", "part", server.secure_url("/f.bin"))  # fmt: skip
    head, part = sorted(lines(here, "http"), key=lambda line: str(line["method"]), reverse=True)
    assert (head["method"], head["response_body_bytes"], head["complete"]) == ("HEAD", 0, True)
    assert (part["status"], part["response_sha256"]) == (206, hashlib.sha256(CONTENT[5:15]).hexdigest())


def test_explain_names_the_stream(here: User, server: Nginx, authority: Authority) -> None:
    words = ("run", "--explain", "--summary", "said", "--", "curl", "-q", "-sS", "--http2", "--cacert", authority.root)
    ran = here.run(*words, "-o", "f", server.secure_url("/f.bin"))
    assert ran.exit_code == 0, ran.stderr
    said = (here.folder / "said").read_text()
    assert "9  C → S  GET /f.bin · HTTP/2 stream 1 · localhost" in said
    assert "coded by HPACK" in " ".join(said.split())
    assert "9  C ← S  200 · stream 1 · 700,003 bytes" in said
