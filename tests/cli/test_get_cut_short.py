"""A body that TLS carried and that was cut short: told by how far it came, in every framing, whoever speaks TLS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager, suppress

import pytest

from tests.real.caller import Caller
from tests.real.certificates import Authority, Leaf
from tests.real.raw_server import drain, raw_server, read_request

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
HALF = b"x" * 5000
HEAD = b'HTTP/1.1 200 OK\r\nETag: "1"\r\n'
ANSWERS = {
    "length": HEAD + b"Content-Length: 10000\r\n\r\n" + HALF,
    "chunked": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1388\r\n" + HALF + b"\r\n",
    "in a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2710\r\n" + HALF,
    "until close": HEAD + b"\r\n" + HALF,
}
TOLD = {
    "length": "5,000 of 10,000 bytes (RFC 9112 §8)",
    "chunked": "5,000 bytes, and the last chunk never came (RFC 9112 §8)",
    "in a chunk": "5,000 bytes, and the last chunk never came (RFC 9112 §8)",
    "until close": "5,000 bytes of unknown length, and nothing announced their end (RFC 9112 §9.8)",
}
KEPT = {"length": "50 % is kept: ", "until close": "5,000 bytes are kept: "}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def cutting(leaf: Leaf, version: str, answer: bytes, *, announced: bool) -> Generator[str]:
    """A server that answers with this and closes, with close_notify if it is `announced`: its URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf.chain, leaf.key)
    context.minimum_version = context.maximum_version = VERSIONS[version]

    def script(connection: socket.socket) -> None:
        with context.wrap_socket(connection.dup(), server_side=True) as tls:
            read_request(tls)
            tls.sendall(answer)
            if announced:
                with suppress(OSError):  # a client that has seen enough does not say the same
                    tls.unwrap()
            connection.shutdown(socket.SHUT_WR)
            drain(connection)

    with raw_server(script) as port:
        yield f"https://localhost:{port}/f.bin"


@pytest.mark.parametrize("engine", ["openssl", "transom"])
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("framing", ANSWERS)
@pytest.mark.parametrize("announced", [False, True])
def test_how_far_it_came_is_said_first(
    caller: Caller, authority: Authority, engine: str, version: str, framing: str, announced: bool
) -> None:
    with cutting(authority.leaf(), version, ANSWERS[framing], announced=announced) as url:
        ran = caller.run("get", "--tls", engine, "--cacert", authority.root, url)
    if framing == "until close" and announced:
        assert (ran.exit_code, (caller.folder / "f.bin").read_bytes()) == (0, HALF)
        return
    first, *_, last = ran.stderr.splitlines()
    assert (ran.exit_code, first) == (18, f"transom: the server closed the connection after {TOLD[framing]}")
    assert last.startswith(KEPT.get(framing, "5,000 bytes are kept: "))
    assert "alert" not in ran.stderr
    assert not (caller.folder / "f.bin").exists()


@pytest.mark.parametrize("engine", ["openssl", "transom"])
def test_explained_it_is_said_first_too_and_no_alert_follows(caller: Caller, authority: Authority, engine: str) -> None:
    """OpenSSL would send a decode_error to whoever has gone."""
    with cutting(authority.leaf(), "1.3", ANSWERS["length"], announced=False) as url:
        ran = caller.run("get", "--explain", "--tls", engine, "--cacert", authority.root, url)
    assert ran.exit_code == 18
    _, found, end = ran.text.partition(f"transom: the server closed the connection after {TOLD['length']}\n")
    assert found
    assert "no file was written" in end
    assert "decode_error" not in ran.text


def test_in_korean_too(caller: Caller, authority: Authority) -> None:
    with cutting(authority.leaf(), "1.3", ANSWERS["length"], announced=False) as url:
        ran = caller.run("get", "--lang", "ko", "--cacert", authority.root, url)
    told = "transom: 서버가 연결을 끊었습니다: 10,000바이트 가운데 5,000바이트를 받음 (RFC 9112 §8)"
    assert ran.stderr.splitlines()[0] == told


def test_the_rest_of_a_file_that_is_cut_short_again_is_counted_by_itself(caller: Caller) -> None:
    answers = [
        b'HTTP/1.1 206 Partial Content\r\nETag: "1"\r\nContent-Range: bytes 5000-9999/10000\r\n'
        b"Content-Length: 5000\r\n\r\n" + HALF[:2500],
        ANSWERS["length"],
    ]

    def script(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answers.pop())

    with raw_server(script) as port:
        for _ in range(2):
            ran = caller.run("get", f"http://127.0.0.1:{port}/f.bin")
    assert ran.stderr.splitlines()[1].endswith("after 2,500 of 5,000 bytes (RFC 9112 §8)")
    assert ran.stderr.splitlines()[-1].startswith("75 % is kept: ")
