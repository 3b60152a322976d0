"""An interrupted download, resumed after the file on the server was replaced by another of the same length.

    python bench/resume.py [--mib 6]

nginx serves. Each client fetches the file through a relay that breaks the connection half way, then the file is
replaced, then the client is asked to resume, in its own way of asking. Printed is what it says of itself, by its exit
code, and what it leaves behind.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from programs import MIB, TRANSOM, Home, new_home, nginx

NAME = "file.bin"
LATER = 100  # seconds: nginx tells files apart by length and modification time


@dataclass(frozen=True)
class Client:
    """How a program is asked to fetch a URL as `NAME`, and how to go on with it."""

    program: str
    fetch: Sequence[str]
    resume: Sequence[str]


CLIENTS = (
    Client("transom", [*TRANSOM, "get", "--silent"], [*TRANSOM, "get", "--silent"]),
    Client("curl", ["curl", "-q", "-sS", "-O"], ["curl", "-q", "-sS", "-O", "-C", "-"]),
    Client("wget", ["wget", "-nv", "--tries=1"], ["wget", "-nv", "-c", "--tries=1"]),
    Client("aria2c", ["aria2c", "-q", "--max-tries=1", "-x1"], ["aria2c", "-q", "-c", "--max-tries=1", "-x1"]),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=6, help="the size of the file (default: 6)")
    size = parser.parse_args().mib * MIB
    print(f"{'':10}{'interrupted':>12}{'resumed':>9}   what is there")
    with new_home() as home, nginx(home) as server:
        for client in CLIENTS:
            if shutil.which(client.program, path=home.environment["PATH"]) or client.program == "transom":
                with relay(server.http_port, size // 2) as port:
                    print(f"{client.program:10}{outcome(client, home, port, size)}", flush=True)
            else:
                print(f"{client.program:10}not installed")


def outcome(client: Client, home: Home, port: int, size: int) -> str:
    """The exit codes, and whose bytes the file has."""
    folder = home.path / f"with-{client.program}"
    folder.mkdir()
    url = f"http://127.0.0.1:{port}/{NAME}"
    old, new = b"o" * size, b"n" * size
    put(home, old, 0)
    interrupted = run([*client.fetch, url], folder, home)
    put(home, new, LATER)
    resumed = run([*client.resume, url], folder, home)
    return f"{interrupted:12}{resumed:9}   {found(folder / NAME, old, new)}"


def put(home: Home, content: bytes, later: int) -> None:
    """Put a file in the place of the one before."""
    written = home.share / "new"
    written.write_bytes(content)
    moment = written.stat().st_mtime + later
    os.utime(written, (moment, moment))
    written.replace(home.share / NAME)


def run(command: Sequence[str], folder: Path, home: Home) -> int:
    return subprocess.run(command, cwd=folder, env=home.environment, stderr=subprocess.DEVNULL, check=False).returncode


def found(path: Path, old: bytes, new: bytes) -> str:
    content = path.read_bytes() if path.exists() else None
    if content is None:
        return "no file"
    if content in (old, new):
        return "the new file, whole" if content == new else "the old file, whole"
    return f"A MIXED FILE: {content.count(b'o'):,} bytes of the old and {content.count(b'n'):,} of the new"


@contextmanager
def relay(target: int, most: int) -> Iterator[int]:
    """A port that leads to `target`; the first connection ends after `most` bytes of answer."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_relay_all, args=(listening, target, most))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def _relay_all(listening: socket.socket, target: int, most: int) -> None:
    left: int | None = most
    with suppress(OSError):  # closed: nobody else will come
        while True:
            client, _ = listening.accept()
            with client, socket.create_connection(("127.0.0.1", target)) as server, suppress(OSError):
                server.sendall(client.recv(65536))  # the request
                _relay(server, client, left)
            left = None


def _relay(server: socket.socket, client: socket.socket, left: int | None) -> None:
    server.settimeout(2)  # a client that is done may keep its connection for more
    while left is None or left > 0:
        data = server.recv(65536 if left is None else min(65536, left))
        if not data:
            return
        client.sendall(data)
        left = None if left is None else left - len(data)


if __name__ == "__main__":
    main()
