"""The Files tab's part of the document, and the files that are saved from the live page."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.dissect.told import ENDPOINTS, START
from tests.real.transom import User
from tests.transfer.made import made
from tests.web.pages import opened
from transom.capture.write import TraceWriter
from transom.dissect.exchanges import Exchange
from transom.dissect.json_lines import encode
from transom.dissect.timeline import HttpBody, HttpRequest, HttpResponse, Moment
from transom.errors import UsageError
from transom.http.messages import Headers
from transom.web.model.files import extent_of, holes_of
from transom.web.model.names import file_name
from transom.web.model.opened import OpenedCapture
from transom.wire.tap import Endpoint, Side

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
PAGE = "<script>alert(1)</script> 안녕".encode()
DRAWING = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
SHARED = {"page.html": PAGE, "dot.png": PNG, "dot.txt": PNG, "drawing.svg": DRAWING, "drawing.png": DRAWING}


@pytest.fixture(scope="module")
def capture(trace: Path) -> OpenedCapture:
    return opened(trace)


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> OpenedCapture:
    """A page, pictures, and what only says that it is one, fetched over HTTPS."""
    user = User.new(tmp_path_factory.mktemp("several"))
    shared = user.folder / "shared"
    shared.mkdir()
    for name, content in SHARED.items():
        (shared / name).write_bytes(content)
    with user.serving(shared) as serving:
        urls = [serving.url(f"/{name}") for name in SHARED]
        ran = user.run("get", *urls, *["-O"] * len(urls), "--trace", "t.pcapng")
    assert ran.exit_code == 0, ran.stderr
    return opened(user.folder / "t.pcapng")


def asked(capture: OpenedCapture, address: str) -> Any:
    return json.loads(encode(capture.answer(address)))


def all_files(capture: OpenedCapture, view: str) -> dict[str, Any]:
    numbers = range(len(capture.summary.conversations))
    found = [asked(capture, f"conversations/{number}/{view}/files") for number in numbers]
    return {file["name"]: file for files in found for file in files["files"]}


def test_a_file_has_its_name_its_size_its_hash_and_a_beginning(capture: OpenedCapture) -> None:
    (file,) = asked(capture, "conversations/1/with-keys/files")["files"]
    assert (file["name"], file["length"], file["complete"]) == ("picture.bin", 8 * 2**20, True)
    assert len(file["sha256"]) == 64
    assert file["missing"] == []
    assert len(file["preview"]["hex"]) == 1024
    assert file["preview"]["text"] is None


def test_an_upload_is_a_file_of_the_clients(capture: OpenedCapture) -> None:
    found = asked(capture, "conversations/4/with-keys/files")["files"]
    assert (found[0]["from"], found[0]["length"]) == ("client", 65536)


def test_without_keys_there_is_no_file_of_tls_and_all_of_http(capture: OpenedCapture) -> None:
    assert asked(capture, "conversations/3/without-keys/files")["files"] == []
    assert len(asked(capture, "conversations/0/without-keys/files")["files"]) == 1


def test_text_is_text_and_a_picture_is_known_by_its_bytes(several: OpenedCapture) -> None:
    found = all_files(several, "with-keys")
    assert found["page.html"]["preview"]["text"] == PAGE.decode()
    assert found["page.html"]["preview"]["picture"] is None
    assert found["dot.png"]["preview"]["picture"] == "image/png"
    assert bytes.fromhex(found["dot.png"]["preview"]["hex"]) == PNG
    assert found["dot.txt"]["preview"]["picture"] == "image/png"
    assert all_files(several, "without-keys") == {}


@pytest.mark.parametrize("name", ["drawing.svg", "drawing.png"])
def test_a_drawing_that_may_have_scripts_is_no_picture_whatever_it_is_called(several: OpenedCapture, name: str) -> None:
    preview = all_files(several, "with-keys")[name]["preview"]
    assert preview["picture"] is None


def test_a_whole_file_is_taken_out_of_the_capture(capture: OpenedCapture) -> None:
    (file,) = asked(capture, "conversations/2/with-keys/files")["files"]
    name, content = capture.take_file("2", "with-keys", file["id"])
    assert (name, content.length) == ("picture.bin", 8 * 2**20)
    assert hashlib.sha256(made(content)).hexdigest() == file["sha256"]


@pytest.mark.parametrize(
    ("number", "view", "wanted"),
    [("2", "without-keys", "0-server"), ("2", "with-keys", "9-server"), ("99", "with-keys", "0-server"),
     ("x", "with-keys", "0-server"), ("2", "x", "0-server")],
)  # fmt: skip
def test_what_this_view_cannot_read_is_not_saved(capture: OpenedCapture, number: str, view: str, wanted: str) -> None:
    with pytest.raises(UsageError):
        capture.take_file(number, view, wanted)


def test_the_end_that_never_came_is_a_hole() -> None:
    body = HttpBody(Moment(0), Side.SERVER, 0, 50, None, complete=False, expected=100, missing=((10, 20),))
    assert holes_of(body) == [(10, 20), (60, 100)]
    assert extent_of(body) == 100


@pytest.mark.parametrize(
    ("target", "media_type", "name"),
    [
        ("/", "text/html; charset=utf-8", "index.html"),
        ("/?q=a/b", "Text/HTML", "index.html"),
        ("/", "image/png", "download.png"),
        ("//", "application/x-never-registered", "download"),
        ("/", None, "download"),
        ("/folder/", "text/html", "folder"),
        ("/a.bin", "text/html", "a.bin"),
    ],
)
def test_a_file_that_its_path_does_not_name_has_a_name_by_its_type(
    target: str, media_type: str | None, name: str
) -> None:
    headers = Headers([] if media_type is None else [("Content-Type", media_type)])
    request = HttpRequest(Moment(0), 0, "GET", target, "1.1", "a.example", Headers(), 0)
    body = HttpBody(Moment(0), Side.SERVER, 0, 5, None, complete=True, expected=5)
    exchange = Exchange(0, request, HttpResponse(Moment(0), 0, 200, "OK", "1.1", headers, 0), response_body=body)
    assert file_name(exchange, body) == name


def test_a_page_at_the_root_is_called_the_same_in_the_verdict_and_in_the_comparison(tmp_path: Path) -> None:
    path = tmp_path / "roots.pcapng"
    with TraceWriter(path, "tests") as writer:
        for port in (50001, 50002):
            tap = writer.conversation()
            tap.opened(replace(ENDPOINTS, client=Endpoint("127.0.0.1", port)), START)
            tap.data(Side.CLIENT, b"GET /?token=0123456789abcdef HTTP/1.1\r\nHost: a\r\n\r\n", START)
            tap.data(Side.SERVER, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi", START)
            for side in Side:
                tap.closed(side, START)
    page = opened(path)
    rows = asked(page, "conversations/with-keys")["rows"]
    assert [row["exchange"]["name"] for row in rows] == ["index.html", "index.html"]
    figures = asked(page, "conversations/0/with-keys/compare/1")["told"]["en"]["figures"]
    assert "index.html" in json.dumps(figures)
    assert "0123456789abcdef" not in json.dumps([rows, figures])
