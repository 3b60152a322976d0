"""A program whose sockets are Multipath TCP's (RFC 8684), to a server that speaks TCP: through the tunnel, from within,
and by its packets.

Where the kernel has none, the program finds that out by itself, and there is nothing else to be seen.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_run_capture import may_capture
from tests.real.transom import Serving, User
from transom.cli.words import LANGS, Lang, words

FILES = {"f.bin": bytes(range(256)) * 500}
(LENGTH,) = map(len, FILES.values())

CLIENT = """
import base64, os, socket, ssl, sys
from urllib.parse import urlsplit
port, ca, way = int(sys.argv[1]), sys.argv[2], sys.argv[3]
there = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
if way == "directly":
    there.connect(("127.0.0.1", port))
else:
    proxy = urlsplit(os.environ["https_proxy"])
    there.connect((proxy.hostname, proxy.port))
    who = base64.b64encode(f"{proxy.username}:{proxy.password}".encode()).decode()
    said = f"Proxy-Authorization: Basic {who}\\r\\n" if way == "with the password" else ""
    there.sendall(f"CONNECT localhost:{port} HTTP/1.1\\r\\nHost: localhost:{port}\\r\\n{said}\\r\\n".encode())
    answer = there.recv(65536)
    assert b" 200 " in answer, answer
with ssl.create_default_context(cafile=ca).wrap_socket(there, server_hostname="localhost") as tls:
    tls.sendall(b"GET /f.bin HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
    while tls.recv(65536):
        pass
"""


def has_mptcp() -> bool:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).close()
    except OSError:
        return False
    return True


@pytest.fixture
def there(tmp_path: Path, owner: User, server: Serving) -> User:
    assert server.port
    return User(owner.home, tmp_path)


def seen(there: User, server: Serving, way: str, *options: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-c", CLIENT, str(server.port), str(there.ca), way]
    ran = there.run("run", "--json", "--summary", "lines", *options, "--", *command)
    assert ran.exit_code == (0 if has_mptcp() else 1), ran.stderr
    return [json.loads(line) for line in (there.folder / "lines").read_text().splitlines()]


def of_type(lines: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == name]


def is_told_in_full(lines: list[dict[str, Any]]) -> None:
    if not has_mptcp():
        assert of_type(lines, "conversation") == []
        return
    (http,) = of_type(lines, "http")
    assert (http["path"], http["status"], http["response_body_bytes"]) == ("/f.bin", 200, LENGTH)
    (tls,) = of_type(lines, "tls")
    assert (tls["decrypted"], tls["verdict"]) == ("full", "trusted")


@pytest.mark.parametrize("way", ["with the password", "by descent"])
def test_through_the_tunnel(there: User, server: Serving, way: str) -> None:
    is_told_in_full(seen(there, server, way))


def test_from_within(there: User, server: Serving) -> None:
    is_told_in_full(seen(there, server, "directly", "--python"))


@pytest.mark.parametrize("lang", LANGS)
def test_by_its_packets_with_a_word_that_such_may_be_missing(there: User, server: Serving, lang: Lang) -> None:
    if not may_capture():
        assert there.run("run", "--capture", "--", "true").exit_code == 2
        return
    lines = seen(there, server, "directly", "--capture")
    is_told_in_full(lines)
    if has_mptcp():
        assert "connections-unnoticed" in [line["code"] for line in of_type(lines, "problem")]
    said = words(lang).say("run.partly_unnoticed")
    assert "MPTCP" in said
