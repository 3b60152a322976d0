"""The partial file beside a target: made, locked, and in the end renamed or removed.

The folder is held open and every name is taken relative to it, so that moving the folder meanwhile does no harm.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress

from transom.errors import TransferError

PARTIAL_PREFIX, PARTIAL_SUFFIX = ".", ".transom-part"
"""The target's name goes between: hidden from listings, on the same file system, and known as ours."""

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class PartialFile:
    """The partial file of `name` in the folder that the descriptor `folder` is open on, empty and locked.

    `fd` is open for writing; `folder` is closed with it. `shown` is what messages call the target. Raises
    TransferError (as every method does) when the target exists and must not be replaced, or when another transfer
    holds the partial.
    """

    def __init__(self, folder: int, name: str, shown: str, *, overwrite: bool) -> None:
        self._folder = folder
        self._target = name
        self._partial = PARTIAL_PREFIX + name + PARTIAL_SUFFIX
        self._shown = shown
        self._overwrite = overwrite
        try:
            with self._errors():
                self.fd = self._claim()
        except BaseException:
            os.close(folder)
            raise

    def appear(self) -> None:
        """Make the bytes durable, then give them the target's name in one step; the partial's name is gone after.

        When that fails, the partial is still there, to be removed.
        """
        with self._errors():
            os.fsync(self.fd)
            self._take_name()
            os.fsync(self._folder)
        self._close()

    def remove(self) -> None:
        """Remove the partial."""
        try:
            with self._errors(), suppress(FileNotFoundError):
                os.unlink(self._partial, dir_fd=self._folder)
        finally:
            self._close()

    def _claim(self) -> int:
        """Open and lock the partial, a fresh one or one that a crash left behind."""
        if not self._overwrite and self._target_exists():
            raise self._exists()
        while True:
            fd = os.open(self._partial, _FLAGS, 0o666, dir_fd=self._folder)
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
            raise TransferError(f"{self._shown} is being written by another transfer", exit_code=23) from None

    def _is_ours(self, fd: int) -> bool:
        """Whether the locked file is what the name stands for, and nobody else's.

        It is not when its transfer finished between our open and our lock: then it is somebody's whole file. One
        planted by another user, or that has a second name, is taken away first: its owner could write into it.
        """
        facts = os.fstat(fd)
        try:
            named = os.stat(self._partial, dir_fd=self._folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        if not os.path.samestat(facts, named):
            return False
        if stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1 and facts.st_uid == os.geteuid():
            return True
        os.unlink(self._partial, dir_fd=self._folder)
        return False

    def _take_name(self) -> None:
        names = (self._partial, self._target)
        if self._overwrite:
            os.replace(*names, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            return
        try:
            # A rename would replace whatever came to be there meanwhile; a link refuses.
            os.link(*names, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except FileExistsError:
            raise self._exists() from None
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            self._rename(*names)
        else:
            os.unlink(self._partial, dir_fd=self._folder)

    def _rename(self, name: str, target: str) -> None:
        """Where a file system has no hard links (FAT), looking first and renaming then is the best there is."""
        if self._target_exists():
            raise self._exists()
        os.rename(name, target, src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def _target_exists(self) -> bool:
        try:
            os.stat(self._target, dir_fd=self._folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def _exists(self) -> TransferError:
        return TransferError(f"{self._shown} exists, and is not to be overwritten", exit_code=23)

    def _close(self) -> None:
        os.close(self.fd)
        os.close(self._folder)

    @contextmanager
    def _errors(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise TransferError(f"{self._shown} cannot be written: {error.strerror}", exit_code=23) from None
