from __future__ import annotations

import hashlib
import socket
from pathlib import Path

import pytest

from tests.real.raw_server import raw_server, read_request
from tests.transfer.background import served
from transom.errors import TransferError
from transom.net.session import Timeouts
from transom.transfer.client import Road
from transom.transfer.put import PutRequest, run_put

QUICK = Road(timeouts=Timeouts(connect=5, handshake=5, idle=5, linger=0.1))


def test_a_file_goes_up_and_keeps_its_name_in_a_folder(root: Path, tmp_path: Path) -> None:
    content = (root / "f.bin").read_bytes()
    source = tmp_path / "이름 1.bin"
    source.write_bytes(content)
    with served(root, upload=True) as server:
        result = run_put(PutRequest(source, server.url("/sub/"), sha256=True))
    assert (root / "sub" / "이름 1.bin").read_bytes() == content
    assert (result.bytes, result.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_an_empty_file_goes_up(root: Path) -> None:
    with served(root, upload=True) as server:
        assert run_put(PutRequest(root / "empty.bin", server.url("/none.bin"))).bytes == 0
    assert (root / "none.bin").read_bytes() == b""


def test_a_server_that_takes_no_uploads_is_exit_code_22(root: Path) -> None:
    with served(root) as server, pytest.raises(TransferError, match="405 Method Not Allowed") as caught:
        run_put(PutRequest(root / "f.bin", server.url("/new.bin")))
    assert caught.value.exit_code == 22


def test_a_file_of_that_name_is_exit_code_22_and_kept(root: Path) -> None:
    with served(root, upload=True) as server, pytest.raises(TransferError, match="409") as caught:
        run_put(PutRequest(root / "f.bin", server.url("/hello.txt")))
    assert caught.value.exit_code == 22
    assert (root / "hello.txt").read_text() == "hello, world\n"


@pytest.mark.parametrize("name", ["nothing", "sub", "/dev/null"])
def test_what_is_no_file_here_is_exit_code_26(root: Path, name: str) -> None:
    with pytest.raises(TransferError) as caught:
        run_put(PutRequest(root / name, "http://127.0.0.1:9/x"))
    assert caught.value.exit_code == 26


def test_an_upload_that_is_cut_leaves_nothing_on_the_server(root: Path) -> None:
    with served(root, upload=True) as server:
        with socket.create_connection(("127.0.0.1", server.endpoint.port)) as connection:
            connection.sendall(b"PUT /half.bin HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + bytes(50))
        assert server.logged(1) == ['"PUT /half.bin HTTP/1.1" - 0']
    assert not [path.name for path in root.iterdir() if "half" in path.name]


def test_a_file_that_shrinks_while_it_goes_up_is_exit_code_26(root: Path) -> None:
    source = root / "f.bin"

    def slow(connection: socket.socket) -> None:
        read_request(connection)
        source.write_bytes(b"")
        while connection.recv(65536):
            pass

    source.write_bytes(bytes(64 * 2**20))
    with raw_server(slow) as port, pytest.raises(TransferError, match=r"f\.bin was cut short") as caught:
        run_put(PutRequest(source, f"http://127.0.0.1:{port}/f.bin"), QUICK)
    assert caught.value.exit_code == 26
