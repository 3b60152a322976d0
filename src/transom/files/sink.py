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
from transom.files.opened import OpenFolder
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
        """Leave no trace. Does nothing after a `finish` that went well, so that a `finally` may call it."""
        ...


def open_sink(target: Path | str, *, overwrite: bool = False, algorithm: str | None = None) -> Sink:
    """A sink for `target`, a path or "-" for standard output; `algorithm` is hashlib's name of a hash to keep.

    Raises TransferError when the target exists and is not to be overwritten, is a folder, is being written by another
    transfer, or cannot be made.
    """
    if target == STDOUT:
        return InPlace(os.dup(1), "standard output", algorithm)
    path = Path(target)
    mode = _mode(path)
    if stat.S_ISDIR(mode):
        raise TransferError(f"{path} is a folder", exit_code=23)
    if not stat.S_ISREG(mode):
        return InPlace(_opened(path, os.O_WRONLY, path), str(path), algorithm)
    folder = _opened(path.parent, os.O_RDONLY, path)
    return WholeFile(PartialFile(folder, path.name, str(path), overwrite=overwrite), str(path), algorithm)


def open_sink_in(folder: OpenFolder, name: str, *, overwrite: bool = False, algorithm: str | None = None) -> Sink:
    """A sink for a regular file `name`, a single component, in a folder that a share has opened: for an upload.

    No path is walked again, so a folder swapped for a link since it was opened leads nowhere else. Otherwise, and in
    what it raises, as `open_sink`; the errors name no path of the disk.
    """
    partial = PartialFile(os.dup(folder.fd), name, name, overwrite=overwrite)
    return WholeFile(partial, name, algorithm)


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

    def __init__(self, partial: PartialFile, name: str, algorithm: str | None) -> None:
        super().__init__(partial.fd, name, algorithm)
        self._partial = partial

    def finish(self) -> None:
        if self._open:
            self._partial.appear()
            self._open = False

    def abandon(self) -> None:
        if self._open:
            self._open = False
            self._partial.remove()


def _mode(path: Path) -> int:
    """The mode of what `path` leads to; of a regular file when there is nothing: that is what there will be."""
    try:
        return path.stat().st_mode
    except OSError:
        return stat.S_IFREG


def _opened(path: Path, flags: int, target: Path) -> int:
    try:
        return os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        raise TransferError(f"{target} cannot be written: {error.strerror}", exit_code=23) from None
