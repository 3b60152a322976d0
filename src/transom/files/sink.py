"""The client's side: a download that appears under its name whole, or not at all.

Bytes go into a partial file beside the target, `.NAME.transom-part`, which is locked while a transfer writes it.
`finish` makes them durable, then gives them the target's name in one step. Until then nothing of that name exists. A
transfer that ends before leaves its partial to be gone on from, with a sidecar, `.NAME.transom-from`, that says what it
is a part of; one that can never be gone on from leaves nothing.

A target that is no regular file (`/dev/null`, a FIFO, standard output) is written in place: there is nothing to rename.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from transom.errors import Sentence, TransferError, reason_of
from transom.files.hash import Hash, new_hash
from transom.files.hashes import Hashes, hash_of_transfer, read_pieces
from transom.files.opened import OpenFolder
from transom.files.partial import PartialFile
from transom.files.sidecar import Origin, Sidecar
from transom.wire.tap import Buffer

STDOUT = "-"

_LINE_FEED = ord("\n")

_FOR_A_SIDECAR = 64 * 1024  # no file system gives room in larger blocks


class Sink(Protocol):
    """Where a file goes. Every method raises TransferError with exit code 23, naming file and cause."""

    written: int
    """Bytes of the file that are here: those gone on from, and those written since."""

    @property
    def held(self) -> Sidecar | None:
        """What an earlier transfer left that can be gone on from."""
        ...

    def go_on(self, offset: int) -> None:
        """Keep the first `offset` bytes of what is held, no more of them than are durable; write from there.

        To be called before any hash is kept.
        """
        ...

    def begin(self, origin: Origin | None) -> None:
        """Write from byte 0, and forget what was held. The bytes are of `origin`, if it can be gone on from later."""
        ...

    def write(self, data: Buffer) -> None:
        """Write all of `data`. Big pieces cost least."""
        ...

    def keep_hash(self, algorithm: str) -> None:
        """Hash what is written by an algorithm of RFC 9530; what was written before is read back for that."""
        ...

    def can_hash(self, algorithm: str) -> bool:
        """Whether that hash is kept, or can be yet."""
        ...

    def digest(self, algorithm: str) -> bytes | None:
        """The hash of the file so far, or None when it is not kept."""
        ...

    def checkpoint(self) -> None:
        """Make sure that what was written outlives a crash, for the next transfer to go on from."""
        ...

    def finish(self) -> None:
        """The bytes are whole, and checked by the caller: let them appear under the target's name."""
        ...

    def leave(self) -> int | None:
        """Stop here; returns how many bytes the next transfer can go on from, and leaves nothing if it cannot.

        None where there never is anything to go on from: in place, finished, or removed by somebody. This and `abandon`
        do nothing after a `finish` that went well.
        """
        ...

    def abandon(self) -> None:
        """Leave no trace."""
        ...


def open_sink(target: Path | str, *, overwrite: bool = False, resume: bool = False) -> Sink:
    """A sink for `target`, a path or "-" for standard output.

    With `resume` what an earlier transfer left is there as `held`: `go_on` from it or `begin` before writing. Without,
    it has begun. Raises TransferError when the target exists and is not to be overwritten, is a folder, is being
    written by another transfer, or cannot be made.
    """
    if target == STDOUT:
        return InPlace(os.dup(1), Sentence("standard output"))
    path = Path(target)
    mode = _mode(path)
    if stat.S_ISDIR(mode) or str(target).endswith("/"):
        raise TransferError(
            "{path} is a folder; -o names a file, --output-dir a folder", path=str(target), exit_code=23
        )
    if not stat.S_ISREG(mode):
        return InPlace(_opened(path, os.O_WRONLY, path), str(path))
    folder = _opened(path.parent, os.O_RDONLY, path)
    partial = PartialFile(folder, path.name, str(path), overwrite=overwrite)
    return _whole_file(partial, str(path), hash_of_transfer, resume=resume)


def open_sink_in(folder: OpenFolder, name: str, *, overwrite: bool = False) -> Sink:
    """A sink for a regular file `name`, a single component, in a folder that a share has opened: for an upload.

    No path is walked again, so a folder swapped for a link since it was opened leads nowhere else. It has begun.
    Otherwise, and in what it raises, as `open_sink`; the errors name no path of the disk.
    """
    partial = PartialFile(os.dup(folder.fd), name, name, overwrite=overwrite)
    # Of uploads there may be hundreds at once: none has a thread of its own, with megabytes that wait to be hashed.
    return _whole_file(partial, name, new_hash, resume=False)


def _whole_file(partial: PartialFile, name: str, make_hash: Callable[[str], Hash], *, resume: bool) -> WholeFile:
    sink = WholeFile(partial, name, make_hash)
    if partial.held is None or not resume:
        try:
            sink.begin(None)
        except TransferError:
            sink.abandon()
            raise
    return sink


class _Writer:
    """Counts and hashes what it writes to a descriptor."""

    def __init__(self, fd: int, name: str, make_hash: Callable[[str], Hash] = hash_of_transfer) -> None:
        self.written = 0
        self._fd = fd
        self._name = name
        self._hashes = Hashes(make_hash)
        self._open = True

    def write(self, data: Buffer) -> None:
        left = memoryview(data)
        self._hashes.update(left)
        try:
            while left:
                count = os.write(self._fd, left)
                left = left[count:]
                self.written += count
        except OSError as error:
            raise TransferError(
                "{path} cannot be written: {reason}", path=self._name, reason=reason_of(error), exit_code=23
            ) from None

    def digest(self, algorithm: str) -> bytes | None:
        return self._hashes.digest(algorithm)


class InPlace(_Writer):
    """A device, a FIFO or standard output: what was written is gone, so nothing is held and nothing taken back.

    On a terminal the line that it leaves begun is ended: what is told next would run into it.
    """

    held: Sidecar | None = None
    _is_within_line = False

    def write(self, data: Buffer) -> None:
        super().write(data)
        if data:
            self._is_within_line = data[-1] != _LINE_FEED

    def go_on(self, offset: int) -> None:
        raise TransferError("{path} cannot be gone on with at {offset:,}", path=self._name, offset=offset, exit_code=23)

    def begin(self, origin: Origin | None) -> None:
        """Nothing is left of it for a later transfer."""

    def can_hash(self, algorithm: str) -> bool:
        return not self.written or algorithm in self._hashes

    def keep_hash(self, algorithm: str) -> None:
        if not self.written and algorithm not in self._hashes:
            self._hashes.begin(algorithm)

    def checkpoint(self) -> None:
        """Whoever reads it has it."""

    def finish(self) -> None:
        if self._open:
            self._open = False
            if self._is_within_line and os.isatty(self._fd):
                with suppress(OSError):  # one that has hung up meanwhile
                    os.write(self._fd, b"\n")
            os.close(self._fd)

    def leave(self) -> None:
        self.abandon()

    def abandon(self) -> None:
        if self._open:
            self._hashes.forget()
        self.finish()


class WholeFile(_Writer):
    """A regular file that appears when it is finished."""

    def __init__(self, partial: PartialFile, name: str, make_hash: Callable[[str], Hash]) -> None:
        super().__init__(partial.fd, name, make_hash)
        self._partial = partial
        self._origin: Origin | None = None

    @property
    def held(self) -> Sidecar | None:
        return self._partial.held

    def go_on(self, offset: int) -> None:
        held = self._partial.held
        if held is None or offset > held.durable:
            raise TransferError(
                "{path} cannot be gone on with at {offset:,}", path=self._name, offset=offset, exit_code=23
            )
        self._partial.seek(offset)
        self._origin, self.written = held.origin, offset

    def begin(self, origin: Origin | None) -> None:
        self._partial.empty()
        self._origin, self.written = origin, 0
        self._hashes.restart()

    def can_hash(self, algorithm: str) -> bool:  # noqa: ARG002 (what was written is there to be read back)
        return True

    def keep_hash(self, algorithm: str) -> None:
        if algorithm not in self._hashes:
            with self._partial.errors():
                self._hashes.begin(algorithm, read_pieces(self._fd, self.written))

    def checkpoint(self) -> None:
        if self._origin is not None and self.written:
            self._partial.hold(self._origin, self.written)

    def finish(self) -> None:
        if self._open:
            self._partial.appear(self.written)
            self._open = False

    def leave(self) -> int | None:
        if not self._open:
            return None
        self._hashes.forget()
        if not self._partial.is_there:
            self.abandon()
            return None
        with suppress(TransferError):  # what was held before is all there is to leave then
            self._hold_at_last()
        held = self._partial.held
        if held is None:
            self.abandon()
            return 0
        self._open = False
        self._partial.leave()
        return held.durable

    def abandon(self) -> None:
        if self._open:
            self._open = False
            self._hashes.forget()
            self._partial.remove()

    def _hold_at_last(self) -> None:
        """A disk that is full of the file has no room to say so, unless a little of the file makes some."""
        try:
            self.checkpoint()
        except TransferError:
            held = self._partial.held
            if self._origin is None or self.written - _FOR_A_SIDECAR <= (held.durable if held else 0):
                raise
            self.written -= _FOR_A_SIDECAR
            self._partial.shorten(self.written)
            self.checkpoint()


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
        if isinstance(error, FileNotFoundError) and path != target:
            raise TransferError(
                "{path} cannot be written: there is no folder {folder}; --create-dirs makes it",
                path=target,
                folder=path,
                exit_code=23,
            ) from None
        raise TransferError(
            "{path} cannot be written: {reason}", path=target, reason=reason_of(error), exit_code=23
        ) from None
