"""Redirects: where they lead, where they do not, and what is left behind on the way."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real.raw_server import Script, raw_server, read_request
from transom.errors import TransferError
from transom.http.messages import Headers
from transom.net.session import Timeouts
from transom.transfer.client import Road
from transom.transfer.get import run_get
from transom.transfer.redirects import next_url
from transom.transfer.request import GetRequest
from transom.transfer.url import parse_url

QUICK = Road(timeouts=Timeouts(connect=5, handshake=5, idle=5, linger=0.1))
SECRETS = Headers([("Authorization", "Basic c2VjcmV0"), ("Cookie", "id=1"), ("X-Mine", "stays")])
FILE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfile"


def found(location: str, page: bytes = b"elsewhere") -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: {len(page)}\r\n\r\n".encode() + page


def recording(asked: list[bytes], answer: Callable[[str], bytes]) -> Script:
    def script(connection: socket.socket) -> None:
        asked.append(read_request(connection))
        connection.sendall(answer(asked[-1].split()[1].decode()))

    return script


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def code_of(port: int, **options: bool) -> TransferError:
    with pytest.raises(TransferError) as caught:
        run_get(GetRequest(f"http://127.0.0.1:{port}/first.bin", follow=options.get("follow", True)), QUICK)
    return caught.value


def test_the_file_is_fetched_from_where_it_is_and_named_by_the_first_url(here: Path) -> None:
    asked: list[bytes] = []
    answers = {"/a/first.bin": found("../b/x.bin?sig=1#part"), "/b/x.bin?sig=1": FILE}
    with raw_server(recording(asked, answers.__getitem__)) as port:
        result = run_get(GetRequest(f"http://127.0.0.1:{port}/a/first.bin", follow=True, headers=SECRETS), QUICK)
    assert result.url.endswith("/a/first.bin")
    assert [path.name for path in here.iterdir()] == ["first.bin"]
    assert (here / "first.bin").read_bytes() == b"file"
    assert all(b"c2VjcmV0" in request and b"id=1" in request for request in asked)


def test_without_leave_a_redirect_is_an_answer_that_is_no_file(here: Path) -> None:
    with raw_server(recording([], lambda _: found("/x"))) as port:
        error = code_of(port, follow=False)
    assert (error.exit_code, list(here.iterdir())) == (22, [])
    assert "it is at /x" in str(error)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_every_status_that_redirects_is_followed(here: Path, status: str) -> None:
    moved = f"HTTP/1.1 {status}\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n".encode()
    with raw_server(recording([], lambda target: FILE if target == "/x" else moved)) as port:
        assert run_get(GetRequest(f"http://127.0.0.1:{port}/first.bin", follow=True), QUICK).bytes == 4


def test_ten_redirects_are_followed_and_not_eleven(here: Path) -> None:
    def countdown(target: str) -> bytes:
        left = int(target.strip("/"))
        return found(f"/{left - 1}") if left else FILE

    with raw_server(recording([], countdown)) as port:
        assert run_get(GetRequest(f"http://127.0.0.1:{port}/10", follow=True), QUICK).bytes == 4
        with pytest.raises(TransferError, match="more than 10 redirects") as caught:
            run_get(GetRequest(f"http://127.0.0.1:{port}/11", follow=True), QUICK)
    assert caught.value.exit_code == 47


def test_credentials_stay_behind_when_the_port_changes_and_do_not_come_back(here: Path) -> None:
    """CVE-2022-27774 (curl): another port is another server. CVE-2018-1000007: so is another host."""
    first: list[bytes] = []
    second: list[bytes] = []
    ports: list[int] = []

    def lead_away(target: str) -> bytes:
        return FILE if target == "/back" else found(f"http://127.0.0.1:{ports[1]}/away")

    with (
        raw_server(recording(first, lead_away)) as one,
        raw_server(recording(second, lambda _: found(f"http://127.0.0.1:{one}/back"))) as two,
    ):
        ports += [one, two]
        run_get(GetRequest(f"http://127.0.0.1:{one}/first.bin", follow=True, headers=SECRETS), QUICK)
    before, after = first
    assert b"c2VjcmV0" in before
    for request in (*second, after):
        assert not re.search(rb"authorization|cookie", request, re.IGNORECASE)
        assert b"X-Mine: stays" in request


def test_a_host_that_was_named_by_hand_is_not_told_to_another_server(here: Path) -> None:
    asked: list[bytes] = []
    with (
        raw_server(recording(asked, lambda _: FILE)) as two,
        raw_server(recording([], lambda _: found(f"http://127.0.0.1:{two}/x"))) as one,
    ):
        headers = Headers([("Host", "virtual.example")])
        run_get(GetRequest(f"http://127.0.0.1:{one}/first.bin", follow=True, headers=headers), QUICK)
    assert f"Host: 127.0.0.1:{two}\r\n".encode() in asked[0]


def test_of_two_locations_the_first_is_gone_to(here: Path) -> None:
    asked: list[bytes] = []
    twice = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n"
    with raw_server(recording(asked, lambda path: FILE if path != "/first.bin" else twice)) as port:
        run_get(GetRequest(f"http://127.0.0.1:{port}/first.bin", follow=True), QUICK)
    assert [request.split()[1] for request in asked] == [b"/first.bin", b"/x"]


@pytest.mark.parametrize(
    ("location", "code", "what"),
    [
        ("ftp://127.0.0.1/x", 1, "the scheme ftp; expected http or https"),
        ("file:///etc/passwd", 1, "the scheme file"),
        ("http://me:secret@127.0.0.1/x", 3, "user name or password"),
        ("http://[::1/x", 3, "cannot be used"),
        ("//127.0.0.1:99999/x", 3, "cannot be read"),
    ],
)
def test_a_redirect_to_what_is_no_use_is_refused(here: Path, location: str, code: int, what: str) -> None:
    with raw_server(recording([], lambda _: found(location))) as port:
        error = code_of(port)
    assert (error.exit_code, list(here.iterdir())) == (code, [])
    assert what in str(error)
    assert "secret" not in str(error)


def test_nobody_is_led_from_https_to_http() -> None:
    with pytest.raises(TransferError, match=r"from https to http://b\.example/f, which nothing protects") as caught:
        next_url(parse_url("https://a.example/f"), "http://b.example/f?sig=secret")
    assert caught.value.exit_code == 1
    assert next_url(parse_url("http://a.example/f"), "https://a.example/f").secure


def test_a_location_in_utf_8_leads_where_it_says() -> None:
    location = "/안녕.txt".encode().decode("latin-1")
    assert next_url(parse_url("http://a.example/"), location).target == "/%EC%95%88%EB%85%95.txt"


def test_a_redirect_that_never_stops_talking_is_left(here: Path) -> None:
    with raw_server(recording([], lambda _: found("/x", b"-" * 100_000))) as port:
        assert code_of(port).exit_code == 8
