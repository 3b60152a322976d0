"""The `curl` command of the HTTP tab: typed in a real bash, a real curl asks for the same again."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.dissect.told import write_trace
from tests.http.h2.made import Talker, client_preface, get
from tests.real.raw_server import raw_server
from tests.web.pages import opened
from transom.dissect.json_lines import encode
from transom.web.model.as_curl import FILE, MOST_OF_A_BODY
from transom.web.model.opened import Kind
from transom.wire.tap import Side

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Heard:
    """Whole requests that came; it answers each with two bytes."""

    def __init__(self) -> None:
        self.said: list[bytes] = []

    def __call__(self, connection: socket.socket) -> None:
        said = b""
        while not _is_whole(said):
            piece = connection.recv(65536)
            if not piece:
                break
            said += piece
        self.said.append(said)
        connection.sendall(ANSWER)


def _is_whole(said: bytes) -> bool:
    head, ended, body = said.partition(b"\r\n\r\n")
    length = next((line[15:] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), b"0")
    return bool(ended) and len(body) >= int(length)


def command(folder: Path, said: bytes, kind: Kind = "with-secrets") -> Any:
    """What the page has of a conversation in which this was said."""
    trace = write_trace(folder / "t.pcapng", [(Side.CLIENT, said), (Side.SERVER, ANSWER)])
    (exchange,) = exchanges_of(trace, kind)
    return exchange["curl"]


def exchanges_of(trace: Path, kind: Kind) -> Any:
    """As the HTTP tab has them."""
    return json.loads(encode(opened(trace, kind).answer("conversations/0/with-keys/http")))["exchanges"]


def in_order(said: bytes) -> tuple[bytes, list[bytes], bytes]:
    """A request's first line, its fields as a set has them, its body."""
    head, _, body = said.partition(b"\r\n\r\n")
    first, *fields = head.split(b"\r\n")
    return first, sorted(fields, key=lambda field: field.lower()), body


HERE = b"{host}"


def asking(first: str, *fields: bytes, body: bytes | None = None) -> bytes:
    """A request to whoever listens in the test."""
    length = [] if body is None else [b"Content-Length: %d" % len(body)]
    lines = [first.encode(), b"Host: " + HERE, *fields, *length, b"", b""]
    return b"\r\n".join(lines) + (body or b"")


REQUESTS = {
    "a simple one": asking("GET /a?b=c&d=%41 HTTP/1.1", b"User-Agent: one/1 (x; y)", b"Accept: */*"),
    "without what curl adds": asking("GET / HTTP/1.1"),
    "globs and dots": asking("GET /a/../b/./[1-3]{x,y}?q=[]&r=.. HTTP/1.1"),
    "quotes": asking("GET /it's$(id)`id`;|&!! HTTP/1.1", rb"""X-One: "a" 'b' $(id) \ !x""", b"X-Two: @/etc/hosts"),
    "bytes that are no ASCII": asking("GET / HTTP/1.1", b"X-Name: \xed\x95\x9c \xff\x80", b"X-Tab: a\tb"),
    "an empty field": asking("GET / HTTP/1.1", b"X-Empty:", b"X-Twice: 1", b"X-Twice: 2"),
    "another method": asking("DELETE /x HTTP/1.1"),
    "a head": asking("HEAD /x HTTP/1.1"),
    "an old one": asking("GET /x HTTP/1.0"),
    "a form": asking("POST /in HTTP/1.1", b"Content-Type: application/x-www-form-urlencoded", body=b"@a=1&b='2'\n"),
    "a body of no type": asking("PUT /in HTTP/1.1", body=b'{"a":\n1}'),
    "an empty body": asking("POST /in HTTP/1.1", body=b""),
}


@pytest.mark.parametrize("said", REQUESTS.values(), ids=REQUESTS)
def test_curl_says_what_was_said(tmp_path: Path, said: bytes) -> None:
    heard = Heard()
    with raw_server(heard) as port:
        said = said.replace(HERE, b"127.0.0.1:%d" % port)
        curl = command(tmp_path, said)
        assert (curl["is_masked"], curl["needs_file"]) == (False, False)
        typed(curl["line"], tmp_path)
    (again,) = heard.said
    assert in_order(again) == in_order(said)


@pytest.mark.parametrize("body", [b"\0\1\2", b"\xff\xfe", b"a" * (MOST_OF_A_BODY + 1)])
def test_a_body_for_which_a_line_is_no_place_comes_from_a_file(tmp_path: Path, body: bytes) -> None:
    heard = Heard()
    with raw_server(heard) as port:
        said = asking("POST / HTTP/1.1", body=body).replace(HERE, b"127.0.0.1:%d" % port)
        curl = command(tmp_path, said)
        assert curl["needs_file"]
        (tmp_path / FILE).write_bytes(body)
        typed(curl["line"], tmp_path)
    (again,) = heard.said
    assert in_order(again) == in_order(said)


def test_what_was_compressed_is_asked_for_so_that_it_is_read(tmp_path: Path) -> None:
    line = command(tmp_path, b"GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip, br\r\n\r\n")["line"]
    assert " --compressed " in line
    assert "Accept-Encoding" not in line


def test_a_secret_is_masked_and_that_is_told(tmp_path: Path) -> None:
    said = asking("POST /?token=abc123 HTTP/1.1", b"Authorization: Bearer hush", body=b"password=hush")
    curl = command(tmp_path, said, "masked")
    assert curl["is_masked"]
    assert "hush" not in curl["line"]
    assert "abc123" not in curl["line"]
    shown = command(tmp_path, said)
    assert not shown["is_masked"]
    for secret in ("Bearer hush", "token=abc123", "password=hush"):
        assert secret in shown["line"]


@pytest.mark.parametrize(
    "host", [b"h@127.0.0.1", b"h/..", b"h ;id", b"h?x", b"h#x", b"-h:1:2", b"h:http", b"[::1", b""]
)
def test_a_host_that_is_none_is_not_asked(tmp_path: Path, host: bytes) -> None:
    """But the address that was; what was said of the host is a field like another."""
    line = command(tmp_path, b"GET /x HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")["line"]
    assert line.endswith(" http://127.0.0.1:8443/x")
    assert " -H Host" in line.replace("'", "")


def test_a_field_that_curl_would_take_for_a_files_name_is_left_out(tmp_path: Path) -> None:
    """HTTP/2 has a form for any name, and a program may write one that none may have (RFC 9113 §8.2.1)."""
    fields = get("/x", ("@/etc/hosts", "1"), ("x-two", "2"))
    said = client_preface() + Talker().headers(1, fields, ends=True)
    trace = write_trace(tmp_path / "t.pcapng", [(Side.CLIENT, said)])
    (exchange,) = exchanges_of(trace, "with-secrets")
    line = "curl --http2-prior-knowledge -H 'x-two: 2' -H User-Agent: -H Accept: http://files.example/x"
    assert exchange["curl"]["line"] == line


@pytest.mark.parametrize("first", [b"CONNECT h:443 HTTP/1.1", b"OPTIONS * HTTP/1.1"])
def test_what_has_no_url_has_no_command(tmp_path: Path, first: bytes) -> None:
    assert command(tmp_path, first + b"\r\nHost: h\r\n\r\n") is None


def typed(line: str, folder: Path) -> None:
    """In a shell that has nothing of this machine's own settings."""
    ran = subprocess.run(
        ["bash", "--noprofile", "--norc", "-c", line.replace("curl", "curl -q -sS --noproxy '*' -m 20", 1)],
        cwd=folder,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode in (0, 18), ran.stderr  # 18: an answer to HEAD that has its body
