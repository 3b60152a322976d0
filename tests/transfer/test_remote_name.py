"""The server's name for a file: taken when asked to, made safe, and never over another file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.transfer.changing_server import Changing, changing
from transom.errors import TransferError
from transom.net.session import Timeouts
from transom.transfer.client import Road
from transom.transfer.get import run_get
from transom.transfer.request import GetRequest

QUICK = Road(timeouts=Timeouts(connect=5, handshake=5, idle=5, linger=0.1))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def without_body_for_head(server: Changing) -> None:
    """HEAD is answered with the head of the GET."""

    def answer(request: bytes) -> bytes:
        whole = server.usual(request)
        return whole.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if request.startswith(b"HEAD") else whole

    server.answer = answer


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="report.pdf"', "report.pdf"),
        ("attachment; filename*=UTF-8''%EC%95%88%EB%85%95.txt", "안녕.txt"),
        ('attachment; filename="../../../report.pdf"', "report.pdf"),
        ('attachment; filename="/etc/passwd"', "passwd"),
        (r'attachment; filename="..\\..\\evil.exe"', "evil.exe"),
        ('attachment; filename=".bashrc"', "_bashrc"),
        ('attachment; filename=".."', "_."),
        ("attachment; filename*=UTF-8''..%2F..%2Fx%00y", "x_y"),
        ("attachment; filename=-", "_"),
        ("attachment", "f.bin"),
    ],
)
def test_the_file_has_the_servers_name_and_never_leaves_the_folder(here: Path, disposition: str, name: str) -> None:
    with changing(b"file", fields={"Content-Disposition": disposition}) as server:
        without_body_for_head(server)
        assert run_get(GetRequest(server.url(), remote_name=True), QUICK).path == name
    assert [path.name for path in here.parent.rglob("*") if path.is_file()] == [name]


def test_unasked_the_servers_name_is_nothing(here: Path) -> None:
    with changing(b"file", fields={"Content-Disposition": "attachment; filename=other"}) as server:
        assert run_get(GetRequest(server.url()), QUICK).path == "f.bin"


def test_a_name_that_was_typed_stays_and_no_other_is_asked_for(here: Path) -> None:
    with changing(b"file", fields={"Content-Disposition": "attachment; filename=other"}) as server:
        assert run_get(GetRequest(server.url(), output="typed", remote_name=True), QUICK).path == "typed"
        assert [request.split()[0] for request in server.asked] == [b"GET"]
    assert [path.name for path in here.iterdir()] == ["typed"]


def test_another_file_of_that_name_stays(here: Path) -> None:
    (here / "mine").write_text("mine")
    with changing(b"file", fields={"Content-Disposition": "attachment; filename=mine"}) as server:
        without_body_for_head(server)
        with pytest.raises(TransferError, match="mine exists") as caught:
            run_get(GetRequest(server.url(), remote_name=True), QUICK)
    assert (caught.value.exit_code, (here / "mine").read_text()) == (23, "mine")


def test_a_url_without_a_name_takes_the_servers(here: Path) -> None:
    with changing(b"file", fields={"Content-Disposition": "attachment; filename=named"}) as server:
        without_body_for_head(server)
        assert run_get(GetRequest(server.url("/?id=5"), remote_name=True), QUICK).path == "named"


def test_a_server_that_refuses_head_names_nothing(here: Path) -> None:
    with changing(b"file") as server:

        def no_head(request: bytes) -> bytes:
            refused = b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n"
            return refused if request.startswith(b"HEAD") else server.usual(request)

        server.answer = no_head
        assert run_get(GetRequest(server.url(), remote_name=True), QUICK).path == "f.bin"
