"""OpenSSL's and GnuTLS's own test servers."""

from __future__ import annotations

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.real.certificates import Leaf
from tests.real.programs import ENVIRONMENT, program
from tests.real.started import free_ports


@dataclass(frozen=True)
class SServer:
    """A running `openssl s_server`."""

    port: int
    _output: IO[bytes]

    def await_line(self, text: str) -> str:
        """The next line it prints that has `text` in it."""
        for line in self._output:
            if text.encode() in line:
                return line.decode()
        raise AssertionError(f"s_server never printed {text!r}")


@contextmanager
def s_server(leaf: Leaf, root: Path, *options: str, host: str = "127.0.0.1", form: str = "-WWW") -> Generator[SServer]:
    """`openssl s_server`, which hands out the files of `root` and ends a body with the connection.

    With `-HTTP` as its `form` a file is the whole answer, head and all.
    """
    command = ["s_server", "-accept", f"{host}:0", "-cert", str(leaf.chain), "-key", str(leaf.key), form, *options]
    if leaf.issuers.stat().st_size:
        command += ["-cert_chain", str(leaf.issuers)]
    with _running("openssl", command, root) as process:
        assert process.stdout is not None
        # OpenSSL says where it listens as `ACCEPT 127.0.0.1:PORT`.
        accepting = SServer(0, process.stdout).await_line("ACCEPT")
        yield SServer(int(accepting.rpartition(":")[2]), process.stdout)


@contextmanager
def gnutls_serv(leaf: Leaf, *options: str) -> Generator[int]:
    """`gnutls-serv --http`, which answers with a page about the connection: its port."""
    (port,) = free_ports(1)
    command = ["--http", "--port", str(port), "--x509certfile", str(leaf.chain), "--x509keyfile", str(leaf.key),
               *options]  # fmt: skip
    with _running("gnutls-serv", command, Path("/")) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if b"listening on IPv6" in line and b"done" in line:  # after IPv4
                break
        yield port


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
