"""A server that says to everyone what a test wrote down, byte for byte, and nothing else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

Script = Callable[[socket.socket], object]
"""What is done with each connection; the connection is closed when it returns."""


@contextmanager
def raw_server(script: Script, *, at_once: bool = False) -> Generator[int]:
    """Run `script` for one connection after the other or `at_once`, on a free port of loopback: its number."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_accept_all, args=(listening, script, at_once))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def answering(*pieces: bytes) -> Script:
    """Take a request, answer with these bytes, close."""

    def script(connection: socket.socket) -> None:
        read_request(connection)
        for piece in pieces:
            connection.sendall(piece)

    return script


def saying(data: bytes) -> Script:
    """Say this without waiting for a word, then listen until the other side closes."""

    def script(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        drain(connection)

    return script


def read_request(connection: socket.socket) -> bytes:
    """A request head."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            break
        head += piece
    return head


def drain(connection: socket.socket) -> bytes:
    """Everything up to the other side's end."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def _accept_all(listening: socket.socket, script: Script, at_once: bool) -> None:
    running: list[threading.Thread] = []
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # the test is over
            break
        if at_once:
            running.append(threading.Thread(target=_run, args=(connection, script)))
            running[-1].start()
        else:
            _run(connection, script)
    for thread in running:
        thread.join(10)


def _run(connection: socket.socket, script: Script) -> None:
    with connection, suppress(OSError):  # a client may go whenever it likes
        connection.settimeout(20)
        script(connection)
