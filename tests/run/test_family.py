"""Whose a socket is: told by /proc, of the command's own processes and of nobody else's."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager

import pytest

from transom.run.family import Family
from transom.run.socket_diag import can_be_asked
from transom.run.sockets import TcpSockets
from transom.wire.tap import Endpoint

HOLDS_A_CONNECTION = """
import socket, sys
held = socket.create_connection((sys.argv[1], int(sys.argv[2])))
print(*held.getsockname()[:2], flush=True)
sys.stdin.read()
"""

IN_A_CHILD = "import subprocess, sys; sys.exit(subprocess.run([sys.executable, *sys.argv[1:]]).returncode)"

ADOPTED = """
import os, subprocess, sys
if os.fork() == 0:
    subprocess.run([sys.executable, *sys.argv[1:]])
"""


@contextmanager
def listening(address: str) -> Generator[socket.socket]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as server:
        yield server


@contextmanager
def holding(server: socket.socket, *before: str, mark: str = "") -> Generator[tuple[int, Endpoint]]:
    """A process that holds a connection to `server`, and where it is connected from."""
    host, port = server.getsockname()[:2]
    words = [sys.executable, *before, "-c", HOLDS_A_CONNECTION, host, str(port)]
    environment = os.environ | {"MARK": mark}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        address, own_port = process.stdout.readline().split()
        yield process.pid, Endpoint(address.decode(), int(own_port))
        process.communicate(b"")


def inode(client: Endpoint, server: socket.socket) -> int:
    with closing(TcpSockets()) as sockets:
        found = sockets.inode(client, Endpoint(*server.getsockname()[:2]))
    assert found
    return found


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("before", [(), ("-c", IN_A_CHILD)], ids=["itself", "a child"])
def test_a_socket_of_the_command_or_of_a_child_is_the_familys(address: str, before: tuple[str, ...]) -> None:
    with listening(address) as server, holding(server, *before) as (pid, client):
        its = inode(client, server)
        assert its in Family(pid, "no such mark").sockets()
        assert its not in Family(1 << 30, "no such mark").sockets()


def test_a_process_that_was_adopted_is_known_by_its_environment() -> None:
    with listening("127.0.0.1") as server, holding(server, "-c", ADOPTED, mark="this very run") as (pid, client):
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        its = inode(client, server)
        assert its in Family(pid, "this very run").sockets()
        assert its not in Family(pid, "another run").sockets()


def test_an_ipv4_connection_of_a_socket_for_both_families_is_found_by_its_ipv4_addresses() -> None:
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client, server.accept()[0] as accepted:
            ours, theirs = Endpoint(*client.getsockname()), Endpoint("127.0.0.1", port)
            number = os.fstat(accepted.fileno()).st_ino
            with closing(TcpSockets()) as sockets:
                assert sockets.inode(theirs, ours) == number
                listener = sockets.listener(theirs)
                assert listener is not None
                assert listener.inode == os.fstat(server.fileno()).st_ino


def test_a_connection_that_is_not_there_has_no_socket() -> None:
    with closing(TcpSockets()) as sockets:
        assert sockets.inode(Endpoint("127.0.0.1", 1), Endpoint("127.0.0.1", 2)) == 0


def test_where_one_cannot_be_asked_for_the_tables_tell_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening("::1") as server, holding(server) as (_, client):
        asked_for = inode(client, server)
        monkeypatch.setattr("transom.run.sockets.can_be_asked", lambda: False)
        with closing(TcpSockets()) as sockets:
            there = Endpoint(*server.getsockname()[:2])
            assert sockets.inode(client, there) == asked_for
            listener = sockets.listener(there)
            assert listener is not None
            assert listener.inode == os.fstat(server.fileno()).st_ino


def test_while_loopback_is_down_the_tables_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_there(*_: object, **__: object) -> socket.socket:
        raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))

    monkeypatch.setattr("transom.run.socket_diag.socket.create_server", not_there)
    can_be_asked.cache_clear()
    assert not can_be_asked()
    can_be_asked.cache_clear()
