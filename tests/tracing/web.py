"""Servers in a process of their own or in a thread of the test's, and a relay that keeps what really crosses.

python -m tests.tracing.web FOLDER [CHAIN KEY VERSION]      serves, and prints its port
"""

from __future__ import annotations

import functools
import http.server
import socket
import ssl
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.real.certificates import Leaf
from tests.real.started import started


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing to standard error."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def web_server(folder: Path, tls: ssl.SSLContext | None = None) -> Generator[int]:
    """The files of `folder` over HTTP, or over HTTPS; a POST is answered with its own body. Gives the port."""
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join(10)


@contextmanager
def web_server_apart(folder: Path, leaf: Leaf | None = None, version: ssl.TLSVersion | None = None) -> Generator[int]:
    """The same in another process, so that this one sees only its own end of a connection."""
    tls = [str(leaf.chain), str(leaf.key), version.name if version else "any"] if leaf else []
    command = [sys.executable, "-m", "tests.tracing.web", str(folder), *tls]
    with started(command, "port", Path(__file__).parents[2]) as line:
        yield int(line.split()[1])


def server_context(chain: Path, key: Path, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    """For a server with that certificate, that speaks one version alone if it is given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    if version is not None:
        context.minimum_version = context.maximum_version = version
        if version < ssl.TLSVersion.TLSv1_2:
            context.set_ciphers("DEFAULT:@SECLEVEL=0")  # at which OpenSSL still speaks it
    return context


@dataclass
class Relayed:
    """What crossed one relay: the port to connect to, and the bytes of each direction."""

    port: int
    to_server: bytearray = field(default_factory=bytearray)
    to_client: bytearray = field(default_factory=bytearray)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def relay(port: int) -> Generator[Relayed]:
    """Takes one connection and passes it on to `port`, below anything that Python does with sockets in this process."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        relayed = Relayed(listening.getsockname()[1])
        thread = threading.Thread(target=_pass_on, args=(listening, port, relayed))
        thread.start()
        try:
            yield relayed
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join(20)


def _pass_on(listening: socket.socket, port: int, relayed: Relayed) -> None:
    try:
        client, _ = listening.accept()
    except OSError:
        return
    with client, socket.create_connection(("127.0.0.1", port)) as server:
        back = threading.Thread(target=_copy, args=(server, client, relayed.to_client))
        back.start()
        _copy(client, server, relayed.to_server)
        back.join(20)
    relayed.over.set()


def _copy(source: socket.socket, target: socket.socket, kept: bytearray) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            kept += piece
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


def _main(folder: Path, chain: str = "", key: str = "", version: str = "any") -> None:
    only = None if version == "any" else ssl.TLSVersion[version]
    with web_server(folder, server_context(Path(chain), Path(key), only) if chain else None) as port:
        print("port", port, flush=True)
        threading.Event().wait()  # until the process is ended


if __name__ == "__main__":
    _main(Path(sys.argv[1]), *sys.argv[2:])
