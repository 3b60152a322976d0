"""What an upload may be: announced, and no larger than is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.programs import curl
from tests.transfer.background import say, served

CHUNKED = b"PUT /up.bin HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


def put(length: int, body: bytes = b"") -> bytes:
    return b"PUT /up.bin HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % length + body


def test_a_body_that_is_not_announced_is_refused_with_411(root: Path) -> None:
    with served(root, upload=True) as server:
        answer = say(server, b"PUT /up.bin HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 411 ")
    assert not (root / "up.bin").exists()


def test_an_empty_file_is_announced_as_one(root: Path) -> None:
    with served(root, upload=True) as server:
        assert say(server, put(0)).startswith(b"HTTP/1.1 201 ")
        assert say(server, CHUNKED.replace(b"up", b"too") + b"0\r\n\r\n").startswith(b"HTTP/1.1 201 ")
    assert (root / "up.bin").read_bytes() == (root / "too.bin").read_bytes() == b""


@pytest.mark.parametrize("body", [b"", bytes(1001)])
def test_a_length_that_is_too_large_is_refused_with_413_before_the_body(root: Path, body: bytes) -> None:
    with served(root, upload=True, max_upload=1000) as server:
        answer = say(server, put(1001, body))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert (b"Connection: close\r\n" in answer) == (not body)  # a body that is not read ends the connection
    assert not list(root.glob("*up.bin*"))


def test_a_client_that_asks_first_is_spared_the_body(root: Path) -> None:
    with served(root, upload=True, max_upload=1000) as server:
        answer = say(server, put(1001).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_chunks_are_counted_and_refused_with_413_when_they_are_too_many(root: Path) -> None:
    before = sorted(root.iterdir())
    with served(root, upload=True, max_upload=1000) as server:
        answer = say(server, CHUNKED + (b"64\r\n" + bytes(100) + b"\r\n") * 11)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert sorted(root.iterdir()) == before
        assert say(server, CHUNKED + (b"64\r\n" + bytes(100) + b"\r\n") * 10 + b"0\r\n\r\n").startswith(b"HTTP/1.1 201")
    assert (root / "up.bin").stat().st_size == 1000


def test_curl_sends_a_file_of_just_the_size(root: Path, tmp_path: Path) -> None:
    (tmp_path / "just.bin").write_bytes(bytes(1000))
    with served(root, upload=True, max_upload=1000) as server:
        ran = curl("-T", str(tmp_path / "just.bin"), "-w", "%{http_code}", server.url("/up.bin"))
    assert ran.text == "201"


def test_a_refused_overwrite_leaves_the_file_as_it_was(root: Path) -> None:
    with served(root, upload=True, overwrite=True, max_upload=5) as server:
        answer = say(server, put(6, b"sixsix").replace(b"/up.bin", b"/hello.txt"))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert (root / "hello.txt").read_text() == "hello, world\n"


def test_a_link_to_what_is_hidden_is_answered_as_that_is(root: Path) -> None:
    (root / ".config").write_text("secret")
    (root / ".folder").mkdir()
    (root / "plain").symlink_to(".config")
    (root / "into").symlink_to(".folder")
    with served(root, upload=True, overwrite=True) as server:
        for path in (b"/plain", b"/.config", b"/into", b"/into/new.bin", b"/.folder/new.bin"):
            for method in (b"GET", b"HEAD", b"PUT"):
                answer = say(server, put(3, b"new").replace(b"PUT /up.bin", method + b" " + path))
                assert answer.startswith(b"HTTP/1.1 404 "), (method, path)
        assert b"plain" not in say(server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (root / ".config").read_text() == "secret"
    assert (root / "plain").is_symlink()
    assert not list((root / ".folder").iterdir())
