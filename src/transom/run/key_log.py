"""The file that the command's programs log their keys to, read while it grows.

A regular file: a program that opened a FIFO would hang until somebody reads, or be killed by SIGPIPE. It is appended to
by several programs at once, so nothing in it is ever cut off, and only whole lines are taken.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_ENOUGH = 2**16

_LONGEST = 2**12
"""Bytes of a line. A label, a random and the longest secret are less than a tenth of it; what is longer is none."""


class KeyLogFile:
    """A file of its own in a folder of its own, both for this user alone; gone with `close`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="transom-run-")  # mode 0700
        self.path = Path(self._folder.name) / "keys.log"
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._unfinished = b""

    def read(self) -> list[str]:
        """The lines that were written since it was last asked, with their ends."""
        lines: list[str] = []
        while piece := os.read(self._descriptor, _ENOUGH):
            *whole, unfinished = (self._unfinished + piece).split(b"\n")
            lines += [line.decode("ascii", "replace") + "\n" for line in whole if len(line) <= _LONGEST]
            self._unfinished = unfinished[: _LONGEST + 1]  # one more: it is too long already
        return lines

    def close(self) -> None:
        """No more is wanted."""
        os.close(self._descriptor)
        self._folder.cleanup()
