"""The way of OpenSSL's bytes through a socket: what was written is told, whatever has become of the connection."""

from __future__ import annotations

import os
import select
import socket
import ssl
import struct

import pytest

from tests.real.raw_server import raw_server
from transom.taps import installed, ways
from transom.taps.events import PEER_ENDED, SENT


def test_a_hello_is_told_though_its_connection_is_reset_before_the_call_that_wrote_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def resets(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def write(descriptor: int, data: bytes) -> int:
        count = os.write(descriptor, data)
        poll = select.poll()
        poll.register(descriptor, 0)  # which tells of a reset alone
        assert poll.poll(20_000)
        return count

    told: list[tuple[int, bytes]] = []

    def sink(kind: int, _number: int, _time: int, payload: bytes) -> None:
        told.append((kind, payload))

    monkeypatch.setattr(ways, "write", write)
    context = ssl.create_default_context()
    installed.add(sink)
    try:
        with (
            raw_server(resets) as port,
            socket.create_connection(("127.0.0.1", port), 20) as raw,
            pytest.raises(ConnectionResetError),
        ):
            context.wrap_socket(raw, server_hostname="localhost")
    finally:
        installed.remove(sink)
    assert [payload[:1] for kind, payload in told if kind == SENT] == [b"\x16"]
    assert (PEER_ENDED, b"reset") in told
