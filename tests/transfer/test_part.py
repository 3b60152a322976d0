"""A part of a file: the very bytes, or an error and no file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.transfer.background import served
from tests.transfer.changing_server import changing
from transom.errors import TransferError, UsageError
from transom.net.session import Timeouts
from transom.transfer.client import Road
from transom.transfer.get import run_get
from transom.transfer.part import parse_part
from transom.transfer.request import GetRequest

QUICK = Road(timeouts=Timeouts(connect=5, handshake=5, idle=5, linger=0.1))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("text", "content"),
    [("0-4", b"hello"), ("7-", b"world\n"), ("-6", b"world\n"), ("5-100", b", world\n"), ("-100", b"hello, world\n")],
)
def test_the_part_is_saved_alone(root: Path, here: Path, text: str, content: bytes) -> None:
    with served(root) as server:
        request = GetRequest(server.url("/hello.txt"), part=parse_part(text), verify=True, sha256=True)
        assert run_get(request, QUICK).bytes == len(content)
    assert [path.name for path in here.iterdir()] == ["hello.txt"]
    assert (here / "hello.txt").read_bytes() == content


def test_a_part_beyond_the_end_is_exit_code_22(root: Path, here: Path) -> None:
    with served(root) as server, pytest.raises(TransferError, match="416") as caught:
        run_get(GetRequest(server.url("/hello.txt"), part=parse_part("50-60")), QUICK)
    assert (caught.value.exit_code, list(here.iterdir())) == (22, [])


def test_a_server_that_sends_the_whole_file_is_exit_code_33(here: Path) -> None:
    with changing(b"0123456789", ranges=False) as server, pytest.raises(TransferError) as caught:
        run_get(GetRequest(server.url(), part=parse_part("0-4")), QUICK)
    assert (caught.value.exit_code, list(here.iterdir())) == (33, [])


@pytest.mark.parametrize(("start", "end", "size"), [(0, 6, 10), (1, 5, 10), (0, 4, 10)])
def test_another_part_is_exit_code_33(here: Path, start: int, end: int, size: int) -> None:
    with changing(b"0123456789") as server:
        server.answer = lambda _: server.part(start, end, size)
        with pytest.raises(TransferError, match="bytes=0-4 was asked for") as caught:
            run_get(GetRequest(server.url(), part=parse_part("0-4")), QUICK)
    assert (caught.value.exit_code, list(here.iterdir())) == (33, [])


def test_several_parts_where_one_was_asked_for_are_exit_code_33(here: Path) -> None:
    with changing(b"0123456789") as server:
        server.answer = lambda _: server.part(0, 5, Content_Type="Multipart/Byteranges; boundary=x")
        with pytest.raises(TransferError, match="several parts") as caught:
            run_get(GetRequest(server.url(), part=parse_part("0-4")), QUICK)
    assert (caught.value.exit_code, list(here.iterdir())) == (33, [])


def test_a_206_that_does_not_say_which_part_is_exit_code_33(here: Path) -> None:
    with changing(b"0123456789") as server:
        server.answer = lambda _: server.part(0, 5, Content_Range="")
        with pytest.raises(TransferError) as caught:
            run_get(GetRequest(server.url(), part=parse_part("0-4")), QUICK)
    assert caught.value.exit_code == 33


def test_a_part_that_is_cut_short_is_no_part_and_is_never_gone_on_with(here: Path) -> None:
    with changing(b"0123456789", cut=3) as server:
        server.answer = lambda _: server.part(0, 5)
        with pytest.raises(TransferError) as caught:
            run_get(GetRequest(server.url(), part=parse_part("0-4")), QUICK)
    assert (caught.value.exit_code, list(here.iterdir())) == (18, [])


@pytest.mark.parametrize("framing", ["Content-Length: 3", "Connection: close", "Transfer-Encoding: chunked"])
def test_a_part_that_ends_before_the_range_it_says_it_is_is_exit_code_18(here: Path, framing: str) -> None:
    body = b"3\r\n012\r\n0\r\n\r\n" if "chunked" in framing else b"012"
    with changing(b"0123456789") as server:
        server.answer = lambda _: (
            b"HTTP/1.1 206 P\r\nContent-Range: bytes 0-4/10\r\n%b\r\n\r\n" % framing.encode() + body
        )
        with pytest.raises(TransferError, match="3 of the 5 bytes") as caught:
            run_get(GetRequest(server.url(), part=parse_part("0-4")), QUICK)
    assert (caught.value.exit_code, list(here.iterdir())) == (18, [])


@pytest.mark.parametrize("framing", ["Content-Length: 6", "Connection: close"])
def test_a_part_that_goes_on_behind_the_range_it_says_it_is_is_exit_code_8(here: Path, framing: str) -> None:
    with changing(b"0123456789") as server:
        head = f"HTTP/1.1 206 P\r\nContent-Range: bytes 0-4/10\r\n{framing}\r\n\r\n"
        server.answer = lambda _: head.encode() + b"012345"
        with pytest.raises(TransferError, match="more came than the 5 bytes") as caught:
            run_get(GetRequest(server.url(), part=parse_part("0-4")), QUICK)
    assert (caught.value.exit_code, list(here.iterdir())) == (8, [])


@pytest.mark.parametrize("text", ["", "-", "5", "a-b", "5-4", "0-1,3-4", "٣-٤", "-1-2"])
def test_what_is_no_range_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse_part(text)
