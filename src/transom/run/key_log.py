"""The file that the command's programs log their keys to, read while it grows.

A regular file: a program that opened a FIFO would hang until somebody reads, or be killed by SIGPIPE. It is appended to
by several programs at once, so nothing in it is ever cut off by us, and only whole lines are taken. A program may well
cut it off, by opening it to write it anew.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_ENOUGH = 2**16

_LONGEST = 2**12
"""Bytes of a line. A label, a random and the longest secret are less than a tenth of it; what is longer is none."""


_REMEMBERED = 256
"""Bytes before the place that is read to, by which it is known whether they are still there: keys differ in these."""


class KeyLogFile:
    """A file of its own in a folder of its own, both for this user alone; gone with `close`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="transom-run-")  # mode 0700
        self.path = Path(self._folder.name) / "keys.log"
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._unfinished = b""
        self._at = 0
        self._before = b""

    def read(self) -> list[str]:
        """The lines that were written since it was last asked, with their ends."""
        lines: list[str] = []
        if os.pread(self._descriptor, len(self._before), self._at - len(self._before)) != self._before:
            self._at, self._before, self._unfinished = 0, b"", b""
        while piece := os.pread(self._descriptor, _ENOUGH, self._at):
            self._at += len(piece)
            self._before = (self._before + piece)[-_REMEMBERED:]
            *whole, unfinished = (self._unfinished + piece).split(b"\n")
            lines += [line.decode("ascii", "replace") + "\n" for line in whole if len(line) <= _LONGEST]
            self._unfinished = unfinished[: _LONGEST + 1]  # one more: it is too long already
        return lines

    def close(self) -> None:
        """No more is wanted."""
        os.close(self._descriptor)
        self._folder.cleanup()
