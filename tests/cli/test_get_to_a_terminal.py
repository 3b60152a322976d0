"""What is shown where the file itself goes to the terminal, `transom get -o -`."""

from __future__ import annotations

import re
import socket

import pytest

from tests.cli.test_narrow import on_a_terminal
from tests.real.caller import Caller
from tests.real.raw_server import raw_server, read_request
from tests.real.transom import User


@pytest.mark.parametrize("body", [b"two\nlines", b"two\nlines\n", b""])
def test_what_is_told_behind_the_file_begins_a_line_and_no_bar_is_in_its_midst(user: User, body: bytes) -> None:
    def script(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with raw_server(script) as port:
        lines = on_a_terminal(user, 80, "en", "get", "-o", "-", f"http://127.0.0.1:{port}/f")
    *file, told = lines
    assert file == body.decode().splitlines()
    assert re.fullmatch(r"standard output  \d+ bytes in .*", told)


def test_an_error_behind_a_part_of_the_file_begins_a_line(user: User) -> None:
    def script(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\npart")

    with raw_server(script) as port:
        lines = on_a_terminal(user, 80, "en", "get", "-o", "-", f"http://127.0.0.1:{port}/f")
    assert lines[0] == "part"
    assert lines[1].startswith("transom: ")


def test_off_a_terminal_nothing_is_added(caller: Caller) -> None:
    def script(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfile")

    with raw_server(script) as port:
        ran = caller.run("get", "-o", "-", f"http://127.0.0.1:{port}/f")
    assert ran.stdout == b"file"
