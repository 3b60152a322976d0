"""Chromium's `--remote-debugging-pipe`: messages that end in a zero byte, on two pipes."""

from __future__ import annotations

import os
import select
import subprocess
import time


class DevToolsPipe:
    """To a browser that reads commands from what was its standard input and answers on its standard output."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._writing = process.stdin
        self._reading = process.stdout.fileno()
        self._received = bytearray()

    def send(self, message: bytes) -> None:
        self._writing.write(message + b"\0")
        self._writing.flush()

    def receive(self, deadline: float) -> bytes:
        looked = 0
        while (end := self._received.find(0, looked)) < 0:
            looked = len(self._received)
            if not select.select([self._reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError
            piece = os.read(self._reading, 1 << 20)
            if not piece:
                raise ConnectionError("the browser ended")
            self._received += piece
        message = bytes(self._received[:end])
        del self._received[: end + 1]
        return message
