"""The client's side: a download that appears under its name whole, or not at all.

Bytes go into a partial file beside the target, `.NAME.transom-part`, which is locked while a transfer writes it.
`finish` makes them durable, then gives them the target's name in one step. Until then nothing of that name exists;
after a crash only the partial is left, and the next transfer to the same target takes it over.

A target that is no regular file (`/dev/null`, a FIFO, standard output) is written in place: there is nothing to rename.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Protocol

from transom.errors import TransferError
from transom.files.partial import PartialFile
from transom.wire.tap import Buffer

STDOUT = "-"


class Sink(Protocol):
    """Where a download goes. Every method raises TransferError with exit code 23, naming file and cause."""

    written: int
    """Bytes written so far."""

    def write(self, data: Buffer) -> None:
        """Write all of `data`, and hash it if asked to. Big pieces cost least."""
        ...

    def digest(self) -> bytes | None:
        """The hash of what was written so far, or None when none was asked for."""
        ...

    def finish(self) -> None:
        """The bytes are whole, and checked by the caller: let them appear under the target's name."""
        ...

    def abandon(self) -> None:
        """Leave no trace. Does nothing after `finish`, so that a `finally` may call it."""
        ...


def open_sink(target: Path | str, *, overwrite: bool = False, algorithm: str | None = None) -> Sink:
    """A sink for `target`, a path or "-" for standard output; `algorithm` is hashlib's name of a hash to keep.

    Raises TransferError when the target exists and is not to be overwritten, is a folder, is being written by another
    transfer, or cannot be made.
    """
    if target == STDOUT:
        return InPlace(os.dup(1), "standard output", algorithm)
    path = Path(target)
    try:
        mode = path.stat().st_mode
    except OSError:
        return WholeFile(path, overwrite=overwrite, algorithm=algorithm)
    if stat.S_ISDIR(mode):
        raise TransferError(f"{path} is a folder", exit_code=23)
    if stat.S_ISREG(mode):
        return WholeFile(path, overwrite=overwrite, algorithm=algorithm)
    return InPlace(_open_in_place(path), str(path), algorithm)


class _Writer:
    """Counts and hashes what it writes to a descriptor."""

    def __init__(self, fd: int, name: str, algorithm: str | None) -> None:
        self.written = 0
        self._fd = fd
        self._name = name
        self._hash = hashlib.new(algorithm) if algorithm else None
        self._open = True

    def write(self, data: Buffer) -> None:
        left = memoryview(data)
        if self._hash is not None:
            self._hash.update(left)
        try:
            while left:
                left = left[os.write(self._fd, left) :]
        except OSError as error:
            raise TransferError(f"{self._name} cannot be written: {error.strerror}", exit_code=23) from None
        self.written += len(data)

    def digest(self) -> bytes | None:
        return None if self._hash is None else self._hash.digest()


class InPlace(_Writer):
    """A device, a FIFO or standard output."""

    def finish(self) -> None:
        self.abandon()

    def abandon(self) -> None:
        if self._open:
            self._open = False
            os.close(self._fd)


class WholeFile(_Writer):
    """A regular file that appears when it is finished."""

    def __init__(self, path: Path, *, overwrite: bool, algorithm: str | None) -> None:
        self._partial = PartialFile(path, overwrite=overwrite)
        super().__init__(self._partial.fd, str(path), algorithm)

    def finish(self) -> None:
        if self._open:
            self._open = False
            self._partial.appear()

    def abandon(self) -> None:
        if self._open:
            self._open = False
            self._partial.remove()


def _open_in_place(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        raise TransferError(f"{path} cannot be written: {error.strerror}", exit_code=23) from None
