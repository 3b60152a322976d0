"""The partial file beside a target: made, locked, and in the end renamed or removed.

The folder is held open and every name is taken relative to it, so that moving the folder meanwhile does no harm.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from transom.errors import TransferError

PARTIAL_PREFIX, PARTIAL_SUFFIX = ".", ".transom-part"
"""The target's name goes between: hidden from listings, on the same file system, and known as ours."""

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class PartialFile:
    """The partial file of `target`, empty and locked; `fd` is open for writing.

    Raises TransferError (as every method does) when the target exists and must not be replaced, or when another
    transfer holds the partial.
    """

    def __init__(self, target: Path, *, overwrite: bool) -> None:
        self._target = target
        self._overwrite = overwrite
        self._name = PARTIAL_PREFIX + target.name + PARTIAL_SUFFIX
        if not overwrite and os.path.lexists(target):
            raise _exists(target)
        with self._errors():
            self._folder = os.open(target.parent, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            with self._errors():
                self.fd = self._claim()
        except BaseException:
            os.close(self._folder)
            raise

    def appear(self) -> None:
        """Make the bytes durable, then give them the target's name in one step; the partial's name is gone after."""
        try:
            with self._errors():
                os.fsync(self.fd)
                self._take_name()
                os.fsync(self._folder)
        finally:
            self._close()

    def remove(self) -> None:
        """Remove the partial."""
        try:
            with self._errors(), suppress(FileNotFoundError):
                os.unlink(self._name, dir_fd=self._folder)
        finally:
            self._close()

    def _claim(self) -> int:
        """Open and lock the partial, a fresh one or one that a crash left behind."""
        while True:
            fd = os.open(self._name, _FLAGS, 0o666, dir_fd=self._folder)
            try:
                self._lock(fd)
                if self._is_ours(fd):
                    os.ftruncate(fd, 0)
                    return fd
            except BaseException:
                os.close(fd)
                raise
            os.close(fd)

    def _lock(self, fd: int) -> None:
        import fcntl

        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TransferError(f"{self._target} is being written by another transfer", exit_code=23) from None

    def _is_ours(self, fd: int) -> bool:
        """Whether the locked file is what the name stands for, and nobody else's.

        It is not when its transfer finished between our open and our lock: then it is somebody's whole file. One
        planted by another user, or that has a second name, is taken away first: its owner could write into it.
        """
        facts = os.fstat(fd)
        try:
            named = os.stat(self._name, dir_fd=self._folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        if not os.path.samestat(facts, named):
            return False
        if stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1 and facts.st_uid == os.geteuid():
            return True
        os.unlink(self._name, dir_fd=self._folder)
        return False

    def _take_name(self) -> None:
        names = (self._name, self._target.name)
        if self._overwrite:
            os.replace(*names, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            return
        try:
            # A rename would replace whatever came to be there meanwhile; a link refuses.
            os.link(*names, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except FileExistsError:
            raise _exists(self._target) from None
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            self._rename(*names)
        else:
            os.unlink(self._name, dir_fd=self._folder)

    def _rename(self, name: str, target: str) -> None:
        """Where a file system has no hard links (FAT), looking first and renaming then is the best there is."""
        if os.path.lexists(self._target):
            raise _exists(self._target)
        os.rename(name, target, src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def _close(self) -> None:
        os.close(self.fd)
        os.close(self._folder)

    @contextmanager
    def _errors(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise TransferError(f"{self._target} cannot be written: {error.strerror}", exit_code=23) from None


def _exists(target: Path) -> TransferError:
    return TransferError(f"{target} exists, and is not to be overwritten", exit_code=23)
