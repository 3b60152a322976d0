"""What crosses between OpenSSL's own programs: a client asks a server for a page, and somebody writes it down."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.dissect.told import write_trace
from tests.real.certificates import Leaf
from tests.real.programs import run
from tests.real.tls_servers import s_server
from transom.wire.tap import Side

PATIENCE = 20.0
"""Seconds for what takes milliseconds, on a machine that is busy."""


@dataclass(frozen=True)
class Crossed:
    """What each side sent, in order, and the key log's lines."""

    wire: list[tuple[Side, bytes]]
    keys: list[str]

    def trace(self, path: Path) -> Path:
        return write_trace(path, self.wire, self.keys)


@contextmanager
def openssl_server(leaf: Leaf, folder: Path, *options: str) -> Iterator[Callable[..., Crossed]]:
    """`openssl s_server`; call what is given with options of `openssl s_client` to have it ask."""
    with s_server(leaf, folder, *options, form="-www") as server:
        asked = 0

        def ask(*client: str) -> Crossed:
            nonlocal asked
            asked += 1
            return crossing(server.port, folder / f"keys-{asked}", *client)

        yield ask


def crossing(port: int, keys: Path, *options: str) -> Crossed:
    """One `openssl s_client` with the server at that port, its key log in `keys`."""
    wire: list[tuple[Side, bytes]] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        relay = threading.Thread(target=_relay, args=(listener, port, wire))
        relay.start()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        run(
            "openssl", "s_client", "-connect", address, "-servername", "localhost", "-keylogfile", str(keys),
            "-ign_eof", *options, stdin=b"GET / HTTP/1.0\r\n\r\n",
        )  # fmt: skip
        relay.join(PATIENCE)
        assert not relay.is_alive()
    return Crossed(wire, keys.read_text().splitlines(keepends=True) if keys.exists() else [])


def made_by_openssl(algorithm: str, folder: Path, *options: str) -> Leaf:
    """A certificate for localhost that its own key has signed, of a kind that only OpenSSL makes."""
    chain, key, none = folder / f"{algorithm}.pem", folder / f"{algorithm}-key.pem", folder / "none.pem"
    none.touch()
    ran = run(
        "openssl", "req", "-x509", "-newkey", algorithm, *options, "-noenc", "-keyout", str(key), "-out", str(chain),
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "30",
    )  # fmt: skip
    assert ran.exit_code == 0, ran.stderr
    return Leaf(chain, none, key, pin="")


def _relay(listener: socket.socket, port: int, wire: list[tuple[Side, bytes]]) -> None:
    client, _ = listener.accept()
    with client, socket.create_connection(("127.0.0.1", port)) as server, selectors.DefaultSelector() as ready:
        ready.register(client, selectors.EVENT_READ, (Side.CLIENT, server))
        ready.register(server, selectors.EVENT_READ, (Side.SERVER, client))
        while ready.get_map():
            chosen = ready.select(PATIENCE)
            if not chosen:
                return
            for key, _ in chosen:
                side, other = key.data
                try:
                    data = key.fileobj.recv(2**16)  # type: ignore[union-attr]
                    if data:
                        wire.append((side, data))
                        other.sendall(data)
                        continue
                    other.shutdown(socket.SHUT_WR)
                except OSError:  # the other one has gone
                    pass
                ready.unregister(key.fileobj)
