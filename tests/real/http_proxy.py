"""A proxy as small as one can be: CONNECT opens a tunnel, any other request goes on to where its target says."""

from __future__ import annotations

import re
import select
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.real.raw_server import raw_server, read_request


@dataclass
class HttpProxy:
    """The heads it was sent. `answer`, when it is set, is all it says to a CONNECT."""

    heads: list[bytes] = field(default_factory=list[bytes])
    answer: bytes | None = None
    port: int = 0

    def script(self, client: socket.socket) -> None:
        head = read_request(client)
        self.heads.append(head)
        if self.answer is not None:
            client.sendall(self.answer)
            return
        target = re.match(rb"(?:CONNECT |\w+ http://)([^:/]+):(\d+)", head)
        assert target is not None, head
        with socket.create_connection((target[1].decode(), int(target[2])), 10) as server:
            if head.startswith(b"CONNECT"):
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                server.sendall(head)
            join(client, server)


def join(one: socket.socket, other: socket.socket) -> None:
    """Pass on what either says until both have ended."""
    facing = {one: other, other: one}
    talking = [one, other]
    while talking:
        for end in select.select(talking, [], [], 10)[0]:
            if data := end.recv(65536):
                facing[end].sendall(data)
            else:
                facing[end].shutdown(socket.SHUT_WR)
                talking.remove(end)


@contextmanager
def http_proxy(answer: bytes | None = None, *, at_once: bool = False) -> Generator[HttpProxy]:
    proxy = HttpProxy(answer=answer)
    with raw_server(proxy.script, at_once=at_once) as proxy.port:
        yield proxy
