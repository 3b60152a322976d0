"""What a body is read from as it is sent: a part of a file, or a few bytes."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from transom.errors import TransferError
from transom.files.opened import OpenFile

SEND_SIZE = 256 * 1024
"""What is read, sealed and written at a time: enough for the calls to cost nothing, little enough for the cache."""


class Content(Protocol):
    """Bytes of a known number, read once, from the first to the last."""

    @property
    def length(self) -> int: ...

    def read_into(self, buffer: memoryview) -> int:
        """Fill `buffer`, which is not longer than what is left; returns how many bytes were read, at least one.

        Raises TransferError when what was announced is no longer there.
        """
        ...

    def close(self) -> None: ...


class FilePart:
    """The bytes of an open file from `start` up to, not including, `end`."""

    def __init__(self, file: OpenFile, start: int, end: int) -> None:
        self._file = file
        self._offset = start
        self.length = end - start

    def read_into(self, buffer: memoryview) -> int:
        count = self._file.read_into(buffer, self._offset)
        self._offset += count
        return count

    def close(self) -> None:
        self._file.close()


class InMemory:
    """Bytes that are there already."""

    def __init__(self, data: bytes = b"") -> None:
        self._left = data
        self.length = len(data)

    def read_into(self, buffer: memoryview) -> int:
        count = len(buffer)
        buffer[:], self._left = self._left[:count], self._left[count:]
        return count

    def close(self) -> None:
        """Nothing is held."""


class Joined:
    """Contents one after the other, as one."""

    def __init__(self, contents: Sequence[Content]) -> None:
        self._contents = contents
        self._ahead = iter(contents)
        self._current: Content = InMemory()
        self._left = 0
        self.length = sum(content.length for content in contents)

    def read_into(self, buffer: memoryview) -> int:
        filled = 0
        while filled < len(buffer):
            if not self._left:
                self._current = next(self._ahead)
                self._left = self._current.length
            count = self._current.read_into(buffer[filled : filled + self._left])
            filled += count
            self._left -= count
        return filled

    def close(self) -> None:
        for content in self._contents:
            content.close()


def whole_file(path: Path) -> FilePart:
    """The content of the local file at `path`. Raises TransferError (exit code 26) when it cannot be read."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise TransferError(f"{path} cannot be read: {error.strerror}", exit_code=26) from None
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise TransferError(f"{path} is no regular file", exit_code=26)
    file = OpenFile(fd, path.name)
    return FilePart(file, 0, file.size)
