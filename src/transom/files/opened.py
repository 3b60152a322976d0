"""What a shared path opened: a file to be read, or a folder to be listed, each with its descriptor."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from transom.errors import HttpError, TransferError, reason_of
from transom.files.request_path import is_shared_name
from transom.value import value


class FileIdentity(NamedTuple):
    """What a file's bytes are known by without reading them; `modified` and `changed` are ns since the epoch.

    `modified` anybody may set, and `cp -p`, `rsync -t` and `tar` do; `changed` is the system's own. Two builds of one
    length with one date, the second written into the first one's place, differ in nothing else.
    """

    device: int
    inode: int
    modified: int
    size: int
    changed: int
    links: int

    @classmethod
    def of(cls, fd: int) -> FileIdentity:
        """Of an open file, now."""
        facts = os.fstat(fd)
        return cls(facts.st_dev, facts.st_ino, facts.st_mtime_ns, facts.st_size, facts.st_ctime_ns, facts.st_nlink)

    def still_holds(self, fd: int) -> bool:
        """Whether the open file has not been written to since.

        Who writes into it with its date kept cannot keep `changed`. That moves too when the file loses its name to
        another one or is given a second name; then its links are others, and nothing was said of its bytes.
        """
        now = FileIdentity.of(fd)
        if (now.modified, now.size) != (self.modified, self.size):
            return False
        return now.changed == self.changed or now.links != self.links


class OpenFile:
    """A regular file, described by one fstat of its descriptor. `name` is its last component, as text.

    `modified` is in nanoseconds since the epoch. `etag` is a strong validator, quotes included (RFC 9110 §8.8.3).
    """

    def __init__(self, fd: int, name: str) -> None:
        self.name = name
        self._file = io.FileIO(fd, "rb")
        self.identity = FileIdentity.of(fd)
        self.size = self.identity.size
        self.modified = self.identity.modified
        self.etag = _etag(self.identity)

    @property
    def fd(self) -> int:
        return self._file.fileno()

    def read_into(self, buffers: Sequence[memoryview], offset: int) -> int:
        """Fill `buffers`, in order, from `offset` on; returns how many bytes were read, at least one.

        They must end within the size the file was opened with. Raises TransferError when the file has become shorter.
        """
        try:
            count = os.preadv(self.fd, buffers, offset)
        except OSError as error:
            raise TransferError(
                "{path} cannot be read: {reason}", path=self.name, reason=reason_of(error), exit_code=26
            ) from None
        self.has_gone(offset, count)
        return count

    def has_gone(self, offset: int, count: int) -> None:
        """`count` bytes were read at `offset`, here or by another way; raises as `read_into` does."""
        if not count:
            raise TransferError(
                "{path} was cut short at {offset:,} of {size:,} bytes",
                path=self.name,
                offset=offset,
                size=self.size,
                exit_code=26,
            )

    def check_unchanged(self) -> None:
        """Raises TransferError when the file was changed since it was opened: what was read belongs to no one file."""
        if not self.identity.still_holds(self.fd):
            raise TransferError("{path} was changed while it was sent", path=self.name, exit_code=26)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@value
class FolderEntry:
    """A line of a listing: a file or folder one may ask for. `modified` is in nanoseconds since the epoch."""

    name: str
    is_folder: bool
    size: int
    modified: int


class OpenFolder:
    """A folder; `resolve` gives the facts of a name in it that is a symbolic link, or None when it is not shared."""

    def __init__(self, fd: int, resolve: Callable[[str], os.stat_result | None]) -> None:
        self.fd = fd
        self._resolve = resolve

    def entries(self, limit: int) -> tuple[list[FolderEntry], bool]:
        """At most `limit` entries, sorted, folders first; and whether there are more. Hidden names are left out."""
        found: list[FolderEntry] = []
        for entry in self._shared():
            if len(found) == limit:
                return _sorted(found), True
            found.append(entry)
        return _sorted(found), False

    def _shared(self) -> Iterator[FolderEntry]:
        try:
            with os.scandir(self.fd) as entries:
                for entry in entries:
                    facts = self._facts(entry) if is_shared_name(os.fsencode(entry.name)) else None
                    if facts is not None and is_shareable(facts.st_mode):
                        yield _entry(entry.name, facts)
        except OSError as error:
            raise refused(error) from None

    def _facts(self, entry: os.DirEntry[str]) -> os.stat_result | None:
        if entry.is_symlink():
            return self._resolve(entry.name)
        try:
            return entry.stat(follow_symlinks=False)
        except OSError:
            return None  # gone since the folder was read

    def close(self) -> None:
        os.close(self.fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def is_shareable(mode: int) -> bool:
    """Only regular files and folders: a FIFO would block, a device be read without end."""
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def not_shared() -> HttpError:
    """The one answer for whatever may not be seen, so that it tells nothing about what is there."""
    return HttpError("nothing of that name is shared", status=404)


_TOO_MANY_OPEN = (errno.EMFILE, errno.ENFILE)


def refused(error: OSError) -> HttpError:
    """The answer to an open that failed."""
    if isinstance(error, PermissionError):
        return HttpError("this may not be read", status=403)
    if error.errno in _TOO_MANY_OPEN:
        return HttpError("too many files are open", status=503)
    return not_shared()


def _entry(name: str, facts: os.stat_result) -> FolderEntry:
    return FolderEntry(name, stat.S_ISDIR(facts.st_mode), facts.st_size, facts.st_mtime_ns)


def _sorted(entries: list[FolderEntry]) -> list[FolderEntry]:
    return sorted(entries, key=lambda entry: (not entry.is_folder, entry.name))


def _etag(identity: FileIdentity) -> str:
    # Hashed, so that the inode numbers of the server's disk are nobody's to read.
    text = " ".join(map(str, identity))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
