"""A door before a TLS server: it keeps each ClientHello that comes in, and passes everything on as it is.

It is a proxy as well, which knows the server and nobody else: for programs that go through no proxy to `localhost`, and
for those that would call others by themselves.
"""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.real.http_proxy import join
from tests.real.raw_server import raw_server, read_request
from transom.tls.messages.hello import ClientHello

NAME = "files.test"
"""By which the proxy knows the server. There is no such domain (RFC 6761 §6.2)."""

_RECORD_HEADER = 5
_MESSAGE_HEADER = 4


@dataclass
class Door:
    """`hellos` are those that came in. `port` is of loopback, for either of the two ways."""

    server: int
    port: int = 0
    hellos: list[ClientHello] = field(default_factory=list[ClientHello])

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"https://localhost:{self.port}{path}"

    def url_by_name(self, path: str) -> str:
        """For who goes through `proxy`."""
        return f"https://{NAME}{path}"

    def script(self, client: socket.socket) -> None:
        if client.recv(1, socket.MSG_PEEK).isalpha():  # a TLS record does not begin with a letter
            method, target = read_request(client).decode().split()[:2]
            if method != "CONNECT" or target not in (f"{NAME}:443", f"localhost:{self.port}"):
                client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        record = _exactly(client, _RECORD_HEADER)
        record += _exactly(client, int.from_bytes(record[3:]))
        self.hellos.append(ClientHello.decode(record[_RECORD_HEADER + _MESSAGE_HEADER :]))
        with socket.create_connection(("127.0.0.1", self.server), 10) as server:
            server.sendall(record)
            join(client, server)


@contextmanager
def door(server: int) -> Generator[Door]:
    """Before the server that listens on that port of loopback."""
    opened = Door(server)
    with raw_server(opened.script, at_once=True) as opened.port:
        yield opened


def _exactly(connection: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        piece = connection.recv(count - len(received))
        if not piece:
            raise ConnectionError(f"{count - len(received)} more bytes were to come")
        received += piece
    return received
