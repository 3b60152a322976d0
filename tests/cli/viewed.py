"""A command with `--view`, its page, and a server whose answer waits for what the page shows."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.real.raw_server import Script, read_request

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/[\w-]{32}/")

VERDICT = "document.querySelector('verdict-line').textContent"
"""What the page says of the whole, as its script."""


class Viewed:
    """A command with `--view`, and what it has said so far: the lines of its two processes come in any order."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.said = ""

    @property
    def address(self) -> str:
        """Where the page is."""
        return self._find(ADDRESS)

    def stays(self) -> None:
        """Wait until the transfer is over, and the page stays."""
        self._find(re.compile("stays until"))

    def end(self) -> int:
        """^C once the download is over and the page stays; the exit code."""
        self.stays()
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def _find(self, wanted: re.Pattern[str]) -> str:
        assert self.process.stderr is not None
        while not (found := wanted.search(self.said)):
            line = self.process.stderr.readline().decode()
            assert line, self.said
            self.said += line
        return found[0]


def ask(address: str, question: str) -> Any:
    with urlopen(f"{address}api/{question}", timeout=30) as answer:
        return json.load(answer)


def await_state(address: str, state: str) -> Any:
    """What is told once it is so; each question is answered at once."""
    while (told := ask(address, "state?c=0"))["state"] != state:
        pass
    return told


def in_two_halves(rest: threading.Event) -> Script:
    """Answer with 40,000 bytes, the second half of them once `rest` is set."""

    def script(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n" + bytes(20_000))
        rest.wait(60)
        connection.sendall(bytes(20_000))

    return script


@contextmanager
def browser_that_stays(folder: Path) -> Generator[tuple[dict[str, str], Path]]:
    """The environment that names one, and where what it was asked for is read. It runs until the block ends.

    It is a program of its own name and command line, as a browser is.
    """
    asked, over = folder / "asked", folder / "over"
    os.mkfifo(asked)
    os.mkfifo(over)
    script = folder / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" >{asked}\nread _ <{over}\n')
    script.chmod(0o755)
    held = os.open(over, os.O_RDWR)  # a writer there is, so that it waits for what is never written
    try:
        yield {"BROWSER": f"{script} %s", "DISPLAY": ":9"}, asked
    finally:
        os.write(held, b"\n")
        os.close(held)


@contextmanager
def until_stopped(process: subprocess.Popen[bytes]) -> Generator[subprocess.Popen[bytes]]:
    """It is ended by ^C, and well; of a test that fails nothing is left."""
    with process:
        try:
            yield process
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            process.kill()


def command_lines() -> list[bytes]:
    """Those of everything that runs here, as `ps` shows them to everybody."""
    found: list[bytes] = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with suppress(OSError):
                found.append((process / "cmdline").read_bytes())
    return found
