"""`serve --workers`: several processes, one server."""

from __future__ import annotations

import os
import signal
import socket
import ssl
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.real.caller import Caller
from tests.real.programs import curl
from tests.real.transom import Serving, User

BIG = 32 * 2**20


@pytest.fixture
def server(user: User) -> Generator[Serving]:
    shared = user.folder / "shared"
    shared.mkdir()
    (shared / "hello.txt").write_text("hello\n")
    (shared / "big.bin").write_bytes(bytes(BIG))
    with user.serving("shared", "--workers", "3") as serving:
        yield serving


def workers(server: Serving) -> list[int]:
    """The processes whose parent is the one that was started."""
    found: list[int] = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = status.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(after_name[1]) == server.process.pid:
            found.append(int(status.parent.name))
    return found


def begun(server: Serving) -> ssl.SSLSocket:
    """A download of which only the first bytes are read."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    client = context.wrap_socket(socket.create_connection(("127.0.0.1", server.port), 10))
    client.sendall(b"GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert client.recv(10) == b"HTTP/1.1 2"
    return client


def rest(client: ssl.SSLSocket) -> int:
    return sum(map(len, iter(lambda: client.recv(2**20), b"")))


def test_all_share_a_free_port_and_one_certificate(server: Serving) -> None:
    assert len(workers(server)) == 3
    pin = server.announcement.partition("--pin ")[2].split()[0]
    ran = [curl("-k", "--pinnedpubkey", pin, server.url("/hello.txt")).text for _ in range(12)]
    assert ran == ["hello\n"] * 12


def test_a_stop_lets_the_transfers_of_all_workers_finish(server: Serving) -> None:
    clients = [begun(server) for _ in range(4)]
    server.process.send_signal(signal.SIGTERM)
    for client in clients:
        with client:
            assert rest(client) > BIG
    code, log = server.stop()
    assert code == 0
    assert log.count('"GET /big.bin HTTP/1.1" 200 33554432\n') == 4


def test_an_interrupt_from_the_terminal_reaches_all_and_counts_once(server: Serving) -> None:
    with begun(server) as client:
        for process in (*workers(server), server.process.pid):
            os.kill(process, signal.SIGINT)
        assert rest(client) > BIG
    assert server.stop()[0] == 0


def test_a_worker_that_dies_is_not_replaced_and_the_others_go_on(server: Serving) -> None:
    first, *others = workers(server)
    os.kill(first, signal.SIGKILL)
    while first in workers(server):  # until its parent has taken note
        pass
    assert [curl("-k", server.url("/hello.txt")).text for _ in range(8)] == ["hello\n"] * 8
    assert sorted(workers(server)) == sorted(others)
    code, log = server.stop()
    assert code == 1
    noted, ended = (log.index(what) for what in ("A worker broke (SIGKILL): 2 of 3 go on", "1 of 3 workers broke"))
    assert noted < ended


def test_workers_whose_parent_vanishes_end_as_well(server: Serving) -> None:
    port = server.port
    server.process.kill()
    server.stop()  # waits for the log to end, which every worker holds open
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 10)


def test_a_port_that_workers_share_is_joined_by_no_other_server(server: Serving, user: User) -> None:
    ran = user.run("serve", "--workers", "2", "--port", str(server.port), "shared")
    assert ran.exit_code == 2
    assert f"port {server.port} is taken by " in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--workers", "0"), "--workers: 0 serve nobody"),
        (("--workers", "2", "--trace", "t.pcapng"), "--trace is of one file"),
    ],
)
def test_what_workers_cannot_be_is_exit_code_2(caller: Caller, arguments: tuple[str, ...], what: str) -> None:
    ran = caller.run("serve", "--port", "0", *arguments, ".")
    assert (ran.exit_code, ran.stdout) == (2, b"")
    assert what in ran.stderr
