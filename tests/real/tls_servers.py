"""OpenSSL's and GnuTLS's own test servers."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.real.certificates import Leaf
from tests.real.programs import ENVIRONMENT, program


@contextmanager
def s_server(leaf: Leaf, root: Path, *options: str) -> Generator[int]:
    """`openssl s_server -WWW`, which hands out the files of `root` and ends a body with the connection: its port."""
    command = ["s_server", "-accept", "127.0.0.1:0", "-cert", str(leaf.chain), "-cert_chain", str(leaf.chain),
               "-key", str(leaf.key), "-WWW", *options]  # fmt: skip
    with _running("openssl", command, root) as process:
        yield _announced_port(process)


@contextmanager
def gnutls_serv(leaf: Leaf, *options: str) -> Generator[int]:
    """`gnutls-serv --http`, which answers with a page about the connection: its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    command = ["--http", "--port", str(port), "--x509certfile", str(leaf.chain), "--x509keyfile", str(leaf.key),
               *options]  # fmt: skip
    with _running("gnutls-serv", command, Path("/")) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if b"listening on IPv4" in line and b"done" in line:
                break
        yield port


def _announced_port(process: subprocess.Popen[bytes]) -> int:
    """OpenSSL prints `ACCEPT 127.0.0.1:PORT`."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(b"ACCEPT"):
            return int(line.rpartition(b":")[2])
    raise AssertionError(f"s_server ended with {process.wait(10)}")


@contextmanager
def _running(name: str, arguments: list[str], folder: Path) -> Generator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [program(name), *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
