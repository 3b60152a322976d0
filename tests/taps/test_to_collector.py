"""What is told to another process comes whole and in order, however little the system lets wait on the way."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from transom.taps import to_collector
from transom.taps.events import KEYS, RECEIVED
from transom.taps.to_collector import HEADER, MOST, ToCollector


@pytest.mark.parametrize("room", [1, 2**16, 2**18], ids=["least", "64 KiB", "256 KiB"])
def test_bytes_come_in_messages_that_fit(room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(to_collector, "_IN_THE_SOCKET", room)
    data = bytes(range(256)) * 2000
    line = b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48 + b"\n"
    path = str(tmp_path / "socket")
    messages: list[tuple[int, bytes]] = []

    def listen() -> None:
        with listening.accept()[0] as connection:
            while message := connection.recv(HEADER.size + MOST + 1):
                kind, _, number, time = HEADER.unpack_from(message)
                assert (number, time) == (3, 4)
                messages.append((kind, message[HEADER.size :]))

    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(path)
        listening.listen()
        listener = threading.Thread(target=listen)
        listener.start()
        tell = ToCollector(path)
        tell(KEYS, 3, 4, line * 2)
        tell(RECEIVED, 3, 4, data)
        tell._socket.close()  # as a process does that ends
        listener.join(20)
    assert messages[:2] == [(KEYS, line), (KEYS, line)]
    assert {kind for kind, _ in messages[2:]} == {RECEIVED}
    assert b"".join(payload for _, payload in messages[2:]) == data
    assert max(len(payload) for _, payload in messages) <= MOST
