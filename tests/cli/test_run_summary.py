"""The summary of `transom run`, line by line: what is told of each conversation, and what only then when it is so."""

from __future__ import annotations

import hashlib
import os
import re
import socket
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.real.certificates import Authority
from tests.real.http_proxy import http_proxy
from tests.real.nginx import Nginx, NginxTls, nginx
from tests.real.raw_server import answering, raw_server
from tests.real.transom import User

CONTENT = os.urandom(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
CURL = ("curl", "-q", "-sS", "--max-time", "50")
ASKED = 23
"""Three more than are told of one conversation."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Generator[Nginx]:
    root = tmp_path_factory.mktemp("root")
    (root / "f.bin").write_bytes(CONTENT)
    leaf = authority.leaf("p256")
    with nginx(tmp_path_factory.mktemp("nginx"), root, tls=NginxTls(leaf.chain, leaf.key, http2=True)) as running:
        yield running


def summary(user: User, *words: str | Path, code: int = 0, env: dict[str, str] | None = None) -> list[str]:
    """What is told of `transom run` with these words, by lines."""
    ran = user.run("run", "--lang", "en", *words, env=env)
    assert ran.exit_code == code, ran.stderr
    return ran.stderr.splitlines()


def test_each_line_of_a_download(user: User, server: Nginx, authority: Authority) -> None:
    curl = (*CURL, "--http2", "--tls13-ciphers", "TLS_AES_256_GCM_SHA384", "--curves", "P-256", "-o", "f")
    first, who, tls, asked, size, times = summary(
        user,
        "--sha256",
        "--cacert",
        authority.root,
        "--",
        *curl,
        "--cacert",
        authority.root,
        server.secure_url("/f.bin"),
    )
    assert re.fullmatch(r"transom run: curl ended with exit code 0 after [\d.]+ s\. 1 conversation", first)
    assert who == f"0  localhost:{server.https_port} → 127.0.0.1:{server.https_port}"
    suite = "TLSv1.3 · TLS_AES_256_GCM_SHA384 · P-256"
    assert tls == f"   {suite} · h2 · chain ✓"
    assert asked == f"   GET /f.bin 200 · 300,000 B · SHA-256 {SHA256[:6]}…{SHA256[-4:]}"
    crossed = re.fullmatch(r"   → ([\d,]+) B  ← ([\d,]+) B", size)
    assert crossed is not None, size
    sent, received = (int(count.replace(",", "")) for count in crossed.groups())
    assert 300 < sent < 3000
    assert 300_000 < received < 309_000
    spent = r"[\d,.]+( ms| s)?"  # each has its own unit once one took a second
    stages = f"DNS {spent} ▏TCP {spent} ▏here {spent} ▏TLS {spent} ▏waiting {spent} ▏then {spent}"
    assert re.fullmatch(f"   {stages}", times), times


def test_a_chain_that_is_not_known_here_is_told_though_the_program_takes_it(user: User, server: Nginx) -> None:
    lines = summary(user, "--", *CURL, "-k", "-o", "f", server.secure_url("/f.bin"))
    assert "TLSv1.3" in lines[2]
    assert "Test Root" in lines[2]
    assert "chain ✓" not in lines[2]


def test_the_alert_of_a_program_that_trusts_nobody_is_told(user: User, server: Nginx) -> None:
    lines = summary(user, "--", *CURL, "-o", "f", server.secure_url("/f.bin"), code=60)
    assert any("✗" in line and "unknown_ca (48)" in line for line in lines), lines


def test_a_session_that_is_resumed_is_told_to_be(user: User, server: Nginx, authority: Authority) -> None:
    once = (*CURL[1:], "--cacert", authority.root, "--no-keepalive", "-H", "Connection: close", "--http1.1")
    url = server.secure_url("/f.bin")
    lines = summary(user, "--", "curl", *once, "-o", "f", url, "--next", *once, "-o", "g", url)
    told = [line for line in lines if "TLSv1.3" in line]
    assert [line.endswith("resumed") for line in told] == [False, True], lines


def test_an_answer_that_was_cut_short_is_told_to_be(user: User) -> None:
    with raw_server(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789")) as port:
        lines = summary(user, "--", *CURL, f"http://127.0.0.1:{port}/f", code=18)
    assert "   GET /f 200 · 10 B · cut short" in lines


def test_a_proxy_that_was_gone_through_is_named(user: User, server: Nginx) -> None:
    with http_proxy() as proxy:
        named = {"http_proxy": f"http://127.0.0.1:{proxy.port}"}
        lines = summary(user, "--", *CURL, "-o", "f", server.url("/f.bin"), env=named)
    assert f"0  127.0.0.1:{server.http_port} → 127.0.0.1:{proxy.port} (through the proxy 127.0.0.1)" in lines


def test_of_many_requests_so_many_are_told_and_the_others_counted(user: User) -> None:
    def script(client: socket.socket) -> None:
        asked = b""
        for _ in range(ASKED):
            while b"\r\n\r\n" not in asked:
                asked += client.recv(65536)
            asked = asked.partition(b"\r\n\r\n")[2]
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with raw_server(script) as port:
        lines = summary(user, "--", *CURL, f"http://127.0.0.1:{port}/[1-{ASKED}]")
    assert [line for line in lines if "   GET /" in line] == [f"   GET /{number} 200 · 2 B" for number in range(1, 21)]
    assert any("3 more" in line for line in lines), lines


def test_where_the_trace_is_left_is_said(user: User, server: Nginx) -> None:
    lines = summary(user, "--trace", "t.pcapng", "--", *CURL, "-o", "f", server.url("/f.bin"))
    assert [line for line in lines if line.startswith("left t.pcapng")] != [], lines
    assert (user.folder / "t.pcapng").exists()


def test_who_is_to_be_silent_is_silent(user: User, server: Nginx) -> None:
    assert summary(user, "--silent", "--trace", "t.pcapng", "--", *CURL, "-o", "f", server.url("/f.bin")) == []
    assert summary(user, "--silent", "--", "sh", "-c", "exit 3", code=3) == []
