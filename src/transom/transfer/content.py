"""What a body is read from as it is sent: a part of a file, or a few bytes."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from transom.errors import Sentence, TransferError, reason_of
from transom.files.opened import OpenFile
from transom.net.session import Place, Supply

COPIED = 40 * 1024 * 1024
"""The last bytes of a part, which are read and not sent from where they lie.

What `sendfile` has sent is the file's own memory until it has left this machine, or been read on it: what is written to
the file meanwhile is received. These are more than Linux keeps of one connection (by default 4 MiB to send and, where
the peer is here as well, 32 MiB received), so that all before them is gone when the last of them is checked.
"""


class Content(Supply, Protocol):
    """Bytes of a known number, read once, from the first to the last."""

    @property
    def length(self) -> int: ...

    def close(self) -> None: ...


class FilePart:
    """The bytes of an open file from `start` up to, not including, `end`: the last of them only if it is unchanged."""

    def __init__(self, file: OpenFile, start: int, end: int) -> None:
        self._file = file
        self._offset: int = start
        self._end = end
        self.length = end - start

    def fill(self, buffers: Sequence[memoryview]) -> None:
        wanted = sum(map(len, buffers))
        while wanted:
            count = self._file.read_into(buffers, self._offset)
            self._offset += count
            wanted -= count
            if wanted:
                buffers = _behind(buffers, count)
        if self._offset == self._end:
            self._file.check_unchanged()

    def place(self) -> Place | None:
        # The last of it is sent only if the file is still the same: what has gone cannot be held back, and a body that
        # is whole would tell nobody that it is of two files.
        return Place(self._file.fd, self._offset, self._has_gone) if self._end - self._offset > COPIED else None

    def _has_gone(self, count: int) -> None:
        self._file.has_gone(self._offset, count)
        self._offset += count

    def close(self) -> None:
        self._file.close()


def _behind(buffers: Sequence[memoryview], count: int) -> list[memoryview]:
    """What is left to fill after the first `count` bytes."""
    left: list[memoryview] = []
    for buffer in buffers:
        if rest := buffer[count:]:
            left.append(rest)
        count = max(count - len(buffer), 0)
    return left


class InMemory:
    """Bytes that are there already."""

    def __init__(self, data: bytes = b"") -> None:
        self._left = data
        self.length = len(data)

    def fill(self, buffers: Sequence[memoryview]) -> None:
        for buffer in buffers:
            count = len(buffer)
            buffer[:], self._left = self._left[:count], self._left[count:]

    def place(self) -> None:
        return None

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

    def fill(self, buffers: Sequence[memoryview]) -> None:
        for whole in buffers:
            buffer = whole
            while buffer:
                self._find_next()
                piece = buffer[: self._left]
                self._current.fill([piece])
                self._left -= len(piece)
                buffer = buffer[len(piece) :]

    def place(self) -> None:
        return None  # no more of a file may be sent than this part of it, and nobody here would say how much

    def close(self) -> None:
        for content in self._contents:
            content.close()

    def _find_next(self) -> None:
        while not self._left:
            self._current = next(self._ahead)
            self._left = self._current.length


def whole_file(path: Path) -> FilePart:
    """The content of the local file at `path`. Raises TransferError (exit code 26) when it cannot be read."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise TransferError(
            "{path}: cannot be read: {reason}", path=path, reason=reason_of(error), exit_code=26
        ) from None
    mode = os.fstat(fd).st_mode
    if not stat.S_ISREG(mode):
        os.close(fd)
        if stat.S_ISDIR(mode):
            reason = Sentence(os.strerror(errno.EISDIR))
            raise TransferError("{path}: cannot be read: {reason}", path=path, reason=reason, exit_code=26)
        raise TransferError(
            "{path}: no regular file, expected one that can be read several times", path=path, exit_code=26
        )
    file = OpenFile(fd, path.name)
    return FilePart(file, 0, file.size)
