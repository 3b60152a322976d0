"""What only OpenSSL's own programs can be made to do: update keys, ask to renegotiate. Over a socket on loopback."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import termios
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.tls.shuttle import NAME, client_config, server_config
from tests.tls.test_against_openssl import pem_of
from transom.tls.connection import Connection, PlaintextReceived, client_connection, server_connection
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import KeyLog
from transom.tls.observer import Observer
from transom.tls.sightings import AlertSeen, HandshakeSeen, Sighting
from transom.wire.tap import Side

V12, V13 = (ProtocolVersion.TLSv1_2,), (ProtocolVersion.TLSv1_3,)
PATIENCE = 20.0
"""Seconds for what takes milliseconds, on a machine that is busy."""


class Line:
    """Our side of a connection with a program; an onlooker has its keys."""

    def __init__(self, connection: Connection[Any], stream: socket.socket, side: Side, keys: KeyLog) -> None:
        self.received = b""
        self.sightings: list[Sighting] = []
        self._connection = connection
        self._stream = stream
        self._side = side
        self._observer = Observer(keys)
        connection.start()

    def hears(self, expected: bytes) -> None:
        """Receive until this has come, whatever else is said on the way."""
        self.flush()
        while self._connection.session is None or expected not in self.received:
            self.receive()

    def receive(self) -> None:
        """What comes next, and the answer to it."""
        data = self._stream.recv(2**16)
        assert data, f"closed; {self.received!r} came"
        for event in self._connection.receive(data):
            if isinstance(event, PlaintextReceived):
                self.received += bytes(event.data)
        self.sightings += self._observer.receive(self._side.peer, data)
        self.flush()

    def say(self, data: bytes) -> None:
        self._connection.send(data)
        self.flush()

    def flush(self) -> None:
        data = bytes(self._connection.take_outgoing())
        self._stream.sendall(data)
        self.sightings += self._observer.receive(self._side, data)

    def said(self, side: Side) -> list[str]:
        return [s.frame.type.name for s in self.sightings if isinstance(s, HandshakeSeen) and s.side is side]


class Program:
    """OpenSSL with its standard input and output."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            ["openssl", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def type(self, line: str) -> None:
        """A line of its own: a command is one only at the start of what the program reads in one go."""
        assert self._process.stdin is not None
        while self._unread():
            os.sched_yield()
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def _unread(self) -> int:
        """How many bytes of what was typed the program has not read yet."""
        assert self._process.stdin is not None
        (count,) = struct.unpack("i", fcntl.ioctl(self._process.stdin, termios.FIONREAD, bytes(4)))
        return int(count)

    def wait_for(self, text: bytes) -> None:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            if text in line:
                return
        raise AssertionError(f"the program ended without {text!r}")

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        yield server


@pytest.fixture
def client_program(listener: socket.socket) -> Iterator[tuple[Program, socket.socket]]:
    """`openssl s_client` that has called us."""
    port = str(listener.getsockname()[1])
    with closing(Program("s_client", "-connect", f"127.0.0.1:{port}", "-servername", NAME)) as program:
        stream, _ = listener.accept()
        stream.settimeout(PATIENCE)
        with stream:
            yield program, stream


@pytest.fixture
def server_program(tmp_path: Path) -> Iterator[tuple[Program, socket.socket]]:
    """`openssl s_server` that we have called."""
    identity = tmp_path / "identity.pem"
    identity.write_text(pem_of("ecdsa"), encoding="ascii")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = ("-accept", f"127.0.0.1:{port}", "-cert", str(identity), "-cert_chain", str(identity))
    with closing(Program("s_server", "-nbio", *arguments, "-key", str(identity))) as program:
        program.wait_for(b"ACCEPT")
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as stream:
            yield program, stream


update = pytest.mark.parametrize(
    ("command", "answered"), [("k", False), ("K", True)], ids=["alone", "and asks for ours"]
)


@update
def test_openssls_client_updates_its_keys(
    client_program: tuple[Program, socket.socket], command: str, answered: bool
) -> None:
    program, stream = client_program
    keys = KeyLog()
    ours = server_connection(server_config(versions=V13, keylog=keys.receive))
    line = Line(ours, stream, Side.SERVER, keys)
    program.type("before")
    line.hears(b"before\n")
    program.type(command)
    program.type("after")
    line.hears(b"after\n")
    line.say(b"goodbye\n")
    program.wait_for(b"goodbye")
    assert "key_update" in line.said(Side.CLIENT)
    assert ("key_update" in line.said(Side.SERVER)) is answered


def test_openssls_server_that_asks_to_renegotiate_is_told_no(server_program: tuple[Program, socket.socket]) -> None:
    program, stream = server_program
    keys = KeyLog()
    ours = client_connection(client_config(versions=V12, keylog=keys.receive), NAME)
    line = Line(ours, stream, Side.CLIENT, keys)
    line.hears(b"")  # the handshake alone
    # It reads its own input once it is done with the handshake: what it was told and prints shows that it is.
    line.say(b"before\n")
    program.wait_for(b"before")
    program.type("r")
    line.receive()
    assert line.said(Side.SERVER)[-1] == "hello_request"
    alerts = [s.description.name for s in line.sightings if isinstance(s, AlertSeen) and s.description is not None]
    assert alerts == ["no_renegotiation"]
