"""Every method of a socket that moves bytes of a stream: what it moves is told, and the program has it as ever."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.real.raw_server import raw_server
from transom.taps import installed
from transom.taps.events import OPENED, OWN_ENDED, PEER_ENDED, RECEIVED, SENT

Told = list[tuple[int, bytes]]
MESSAGE = b"four and twenty blackbirds"


@pytest.fixture
def told() -> Generator[Told]:
    events: Told = []

    def sink(kind: int, number: int, time: int, payload: bytes) -> None:
        events.append((kind, payload))

    installed.add(sink)
    yield events
    installed.remove(sink)


def moved(told: Told, kind: int) -> bytes:
    installed.settle()
    return b"".join(payload for its, payload in told if its == kind)


def _recvmsg_into(sock: socket.socket) -> bytes:
    first, second = bytearray(3), bytearray(100)
    count = sock.recvmsg_into([first, second])[0]
    return bytes(first + second)[:count]


def _recv_into(sock: socket.socket, *more: int) -> bytes:
    buffer = bytearray(100)
    return bytes(buffer[: sock.recv_into(buffer, *more)])


def _recvfrom_into(sock: socket.socket) -> bytes:
    buffer = bytearray(100)
    return bytes(buffer[: sock.recvfrom_into(buffer)[0]])


def _peeked(sock: socket.socket) -> bytes:
    assert sock.recv(4, socket.MSG_PEEK) == MESSAGE[:4]
    return sock.recv(100)


RECEIVING: dict[str, Callable[[socket.socket], bytes]] = {
    "recv": lambda sock: sock.recv(100),
    "recv, some": lambda sock: sock.recv(5) + sock.recv(100),
    "recv, looking first": _peeked,
    "recv_into": _recv_into,
    "recv_into, some": lambda sock: _recv_into(sock, 5) + _recv_into(sock, 0),
    "recvfrom": lambda sock: sock.recvfrom(100)[0],
    "recvfrom_into": _recvfrom_into,
    "recvmsg": lambda sock: sock.recvmsg(100)[0],
    "recvmsg_into": _recvmsg_into,
    "makefile": lambda sock: sock.makefile("rb").read(len(MESSAGE)),
}


@pytest.mark.parametrize("how", RECEIVING)
def test_what_is_received_is_told(told: Told, how: str) -> None:
    with raw_server(lambda its: its.sendall(MESSAGE)) as port:
        with socket.create_connection(("127.0.0.1", port), 20) as sock:
            while len(sock.recv(100, socket.MSG_PEEK)) < len(MESSAGE):
                pass
            assert RECEIVING[how](sock) == MESSAGE
            assert sock.recv(1) == b""
            ends = [part for end in (sock.getsockname(), sock.getpeername()) for part in end]
        of_ours = [event for event in told if event[0] in (RECEIVED, PEER_ENDED) or event[1].startswith(b"client")]
    assert of_ours[0] == (OPENED, b"client " + " ".join(map(str, ends)).encode())
    assert moved(of_ours, RECEIVED) == MESSAGE
    assert (PEER_ENDED, b"fin") in of_ours


def _by_sendfile(sock: socket.socket, path: Path) -> None:
    with path.open("rb") as file:
        assert sock.sendfile(file, 4) == len(MESSAGE) - 4


def _by_os_sendfile(sock: socket.socket, path: Path, offset: int | None) -> None:
    with path.open("rb") as file:
        file.seek(4)
        assert os.sendfile(sock.fileno(), file.fileno(), offset, 100) == len(MESSAGE) - 4


SENDING: dict[str, Callable[[socket.socket, Path], object]] = {
    "send": lambda sock, _: sock.send(MESSAGE[4:]),
    "send of what is no bytes": lambda sock, _: sock.send(memoryview(MESSAGE)[4:]),
    "sendall": lambda sock, _: sock.sendall(MESSAGE[4:]),
    "sendto": lambda sock, _: sock.sendto(MESSAGE[4:], sock.getpeername()),
    "sendmsg": lambda sock, _: sock.sendmsg(piece for piece in (MESSAGE[4:9], MESSAGE[9:])),
    "sendfile": _by_sendfile,
    "os.sendfile": lambda sock, path: _by_os_sendfile(sock, path, 4),
    "os.sendfile from where the file is": lambda sock, path: _by_os_sendfile(sock, path, None),
}


@pytest.mark.parametrize("how", SENDING)
def test_what_is_sent_is_told(told: Told, how: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(MESSAGE)
    arrived: list[bytes] = []

    def take(its: socket.socket) -> None:
        arrived.append(b"".join(iter(lambda: its.recv(100), b"")))

    with raw_server(take) as port, socket.create_connection(("127.0.0.1", port), 20) as sock:
        sock.recv(0)  # so that it is known before `os.sendfile`, which has a descriptor alone
        SENDING[how](sock, tmp_path / "file")
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(1) == b""
    assert arrived == [MESSAGE[4:]]
    assert moved(told, SENT) == MESSAGE[4:]
    assert (OWN_ENDED, b"fin") in told


@pytest.mark.parametrize("family", [socket.AF_UNIX, socket.AF_INET])
def test_what_is_no_tcp_is_not_told(told: Told, family: socket.AddressFamily) -> None:
    kind = socket.SOCK_STREAM if family == socket.AF_UNIX else socket.SOCK_DGRAM
    if family == socket.AF_UNIX:
        one, other = socket.socketpair(family, kind)
    else:
        one, other = socket.socket(family, kind), socket.socket(family, kind)
        one.bind(("127.0.0.1", 0))
        other.connect(one.getsockname())
    with one, other:
        other.send(MESSAGE)
        assert one.recv(100) == MESSAGE
    installed.settle()
    assert told == []
