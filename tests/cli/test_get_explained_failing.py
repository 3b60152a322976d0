"""`transom get --explain` of what fails: how far it came, and where the time went until then, come last."""

from __future__ import annotations

import re
import signal
import socket
import threading
from pathlib import Path

import pytest

from tests.real.caller import Caller
from tests.real.certificates import Authority
from tests.real.raw_server import Script, answering, drain, raw_server, read_request
from tests.real.tls_servers import s_server
from tests.real.transom import User

OK = b"HTTP/1.1 200 OK\r\n"
TIME = r"[\d,.]+"


def closing(text: str) -> list[str]:
    """The block behind the empty line, each row in one."""
    block = text.rpartition("\n\n")[2]
    return [" ".join(row.split()) for row in re.split(r"\n(?=\S)", block.rstrip("\n"))]


def explained(caller: Caller, script: Script, *options: str) -> tuple[int, list[str]]:
    with raw_server(script) as port:
        ran = caller.run("get", "--explain", *options, f"http://127.0.0.1:{port}/f.bin")
    return ran.exit_code, closing(ran.text)


@pytest.mark.parametrize(
    ("answer", "code", "far", "stages"),
    [
        (b"", 52, "the request is sent, and no whole answer came", f"waiting {TIME} ms ✗"),
        (OK, 52, "the request is sent, and no whole answer came", f"waiting {TIME} ms ✗"),
        (b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno", 22, "answered 404", f"waiting {TIME} ms"),
        (
            OK + b"Content-Length: 1000\r\n\r\n" + bytes(500), 18, "answered 200, then 500 of 1,000 bytes of the body",
            f"waiting {TIME} ▏file {TIME} ms ✗",
        ),
        (
            OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx", 18, "answered 200, then 1 byte of the body",
            f"waiting {TIME} ▏file {TIME} ms ✗",
        ),
    ],
)  # fmt: skip
def test_it_is_said_how_far_it_came_and_the_stage_that_it_failed_in_is_marked(
    caller: Caller, answer: bytes, code: int, far: str, stages: str
) -> None:
    exit_code, (first, second) = explained(caller, answering(answer))
    assert (exit_code, first) == (code, f"how far it came {far}")
    assert re.fullmatch(f"where the time went TCP {TIME} ▏here {TIME} ▏{stages}", second)


def test_a_whole_answer_that_is_the_wrong_file_failed_in_no_stage(caller: Caller) -> None:
    answer = answering(OK + b"Content-Length: 4\r\n\r\nfile")
    exit_code, (first, second) = explained(caller, answer, "--checksum", "sha-256=" + "0" * 64)
    assert (exit_code, first) == (110, "how far it came the whole answer is here: 200, 4 bytes")
    assert re.search(f" ▏waiting {TIME} ▏file {TIME} ms$", second)


def test_in_korean_too(caller: Caller) -> None:
    answer = answering(OK + b"Content-Length: 1000\r\n\r\n" + bytes(500))
    _, (first, second) = explained(caller, answer, "--lang", "ko")
    assert first == "어디까지 갔나 응답 200, 본문은 1,000바이트 가운데 500바이트까지"
    assert re.fullmatch(f"시간이 든 곳 TCP {TIME} ▏이 기기 {TIME} ▏대기 {TIME} ▏파일 {TIME} ms ✗", second)


@pytest.mark.parametrize("engine", ["openssl", "transom"])
def test_a_certificate_that_is_refused_is_within_the_handshake(caller: Caller, tmp_path: Path, engine: str) -> None:
    authority = Authority(tmp_path)
    with s_server(authority.leaf(), tmp_path) as server:
        ran = caller.run("get", "--explain", "--tls", engine, f"https://localhost:{server.port}/root.pem")
    first, second = closing(ran.text)
    assert (ran.exit_code, first) == (60, "how far it came connected, in the TLS handshake")
    assert re.fullmatch(f"where the time went DNS {TIME} ▏TCP {TIME} ▏here {TIME} ▏TLS {TIME} ms ✗", second)


@pytest.mark.parametrize(
    ("url", "code", "stage"),
    [("http://no-such-host.invalid/f.bin", 6, "DNS"), ("http://127.0.0.1:1/f.bin", 7, "TCP"),
     ("http://localhost:1/f.bin", 7, f"DNS {TIME} ▏TCP")],
)  # fmt: skip
def test_a_server_that_is_not_reached(caller: Caller, url: str, code: int, stage: str) -> None:
    ran = caller.run("get", "--explain", url)
    first, second = closing(ran.text)
    assert (ran.exit_code, first) == (code, "how far it came not to the server")
    assert re.fullmatch(f"where the time went {stage} {TIME} ms ✗", second)


def test_of_a_redirect_that_leads_nowhere_the_last_way_is_told(caller: Caller) -> None:
    there = b"Location: http://127.0.0.1:1/f.bin"
    answer = answering(b"HTTP/1.1 302 Found\r\n" + there + b"\r\nContent-Length: 0\r\n\r\n")
    exit_code, (first, _) = explained(caller, answer, "-L")
    assert (exit_code, first) == (7, "how far it came not to the server")


def test_what_was_refused_before_anything_was_tried_has_no_such_lines(caller: Caller) -> None:
    (caller.folder / "f.bin").write_bytes(b"mine")
    ran = caller.run("get", "--explain", "http://127.0.0.1:1/f.bin")
    assert ran.exit_code == 23
    assert "how far" not in ran.text


def test_an_interrupt_too(tmp_path: Path) -> None:
    user, sent = User.new(tmp_path), threading.Event()

    def half(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK + b'ETag: "1"\r\nContent-Length: 1000\r\n\r\n' + bytes(500))
        sent.set()
        drain(connection)

    with (
        raw_server(half) as port,
        user.start("get", "--explain", f"http://127.0.0.1:{port}/f.bin") as process,
    ):
        assert sent.wait(30)
        assert process.stdout is not None
        while b"200 " not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, b"")
    lines = said.decode().splitlines()
    assert lines.index("transom: interrupted") < lines.index("50 % is kept: the same command goes on from there")
    assert closing(said.decode())[0] == "how far it came answered 200, then 500 of 1,000 bytes of the body"
