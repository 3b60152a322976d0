"""The partial file beside a target: made or taken over, locked, and in the end renamed, removed, or left to go on from.

The folder is held open and every name is taken relative to it, so that moving the folder meanwhile does no harm.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager

from transom.errors import TransferError, reason_of
from transom.files.sidecar import Origin, Sidecar, read_sidecar, write_sidecar

PARTIAL_PREFIX, PARTIAL_SUFFIX = ".", ".transom-part"
"""The target's name goes between: hidden from listings, on the same file system, and known as ours."""

_SIDECAR_SUFFIX, _SPARE_SUFFIX = ".transom-from", ".transom-temp"  # no longer than the partial's: see files.names

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)

_sync_data = getattr(os, "fdatasync", os.fsync)


class PartialFile:
    """The partial file of `name` in the folder that the descriptor `folder` is open on, locked.

    `fd` is open for reading and writing; `folder` is closed with it. `shown` is what messages call the target. `held`
    is what of an earlier transfer is in it, None for nothing that can be told. Raises TransferError (as every method
    does) when the target exists and must not be replaced, or when another transfer holds the partial.
    """

    def __init__(self, folder: int, name: str, shown: str, *, overwrite: bool) -> None:
        self._folder = folder
        self._target = name
        self._partial, self._sidecar, self._spare = (
            PARTIAL_PREFIX + name + suffix for suffix in (PARTIAL_SUFFIX, _SIDECAR_SUFFIX, _SPARE_SUFFIX)
        )
        self._shown = shown
        self._overwrite = overwrite
        try:
            with self.errors():
                self.fd = self._claim()
        except BaseException:
            os.close(folder)
            raise
        self.held = self._held()

    def empty(self) -> None:
        """Begin again: what was held is forgotten first, and durably, so that no sidecar ever tells of other bytes."""
        self.held = None
        with self.errors():
            if self._forget():
                os.fsync(self._folder)
            os.ftruncate(self.fd, 0)
            os.lseek(self.fd, 0, os.SEEK_SET)

    def seek(self, offset: int) -> None:
        """Go on at `offset`; whatever was there and behind is written over."""
        with self.errors():
            os.lseek(self.fd, offset, os.SEEK_SET)

    def hold(self, origin: Origin, count: int) -> None:
        """Make the first `count` bytes durable, then say that they are here and what they are of."""
        with self.errors():
            _sync_data(self.fd)
            self._check_there()
            held = Sidecar(origin, count)
            write_sidecar(self._sidecar, self._spare, self._folder, held)
        self.held = held

    def shorten(self, length: int) -> None:
        """Keep the first `length` bytes alone: there is room on the disk then."""
        with self.errors():
            os.ftruncate(self.fd, length)

    def appear(self, length: int) -> None:
        """Make the first `length` bytes durable and all, then give them the target's name in one step.

        The partial's name is gone after. When that fails, the partial is still there, to be removed or left.
        """
        with self.errors():
            os.ftruncate(self.fd, length)
            os.fsync(self.fd)
            self._check_there()
            self._take_name()
            self._forget()
            os.fsync(self._folder)
        self.leave()

    def leave(self) -> None:
        """Let go of the partial, for the next transfer to take over."""
        os.close(self.fd)
        os.close(self._folder)

    def remove(self) -> None:
        """Remove the partial and what is known of it; not those of another transfer."""
        try:
            with self.errors():
                if self.is_there:
                    self._forget()
                    self._removed(self._partial)
        finally:
            self.leave()

    @property
    def is_there(self) -> bool:
        """Whether the partial still has its name: somebody may have removed it, and another transfer begun its own."""
        return self._has_name(self.fd)

    @contextmanager
    def errors(self) -> Generator[None]:
        """Around what may fail with OSError: it becomes the TransferError that names the target."""
        try:
            yield
        except OSError as error:
            raise TransferError(
                "{path} cannot be written: {reason}", path=self._shown, reason=reason_of(error), exit_code=23
            ) from None

    # -- taking over ---------------------------------------------------------------------------------------------

    def _claim(self) -> int:
        """Open and lock the partial, a fresh one or one that was left behind."""
        if not self._overwrite and self._target_exists():
            raise self._exists()
        while True:
            fd = os.open(self._partial, _FLAGS, 0o666, dir_fd=self._folder)
            try:
                self._lock(fd)
                if self._is_ours(fd):
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
            raise TransferError("{path} is being written by another transfer", path=self._shown, exit_code=23) from None

    def _is_ours(self, fd: int) -> bool:
        """Whether the locked file is what the name stands for, and nobody else's.

        It is not when its transfer finished between our open and our lock: then it is somebody's whole file. One
        planted by another user, or that has a second name, is taken away first: its owner could write into it.
        """
        facts = os.fstat(fd)
        if not self._has_name(fd):
            return False
        if stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1 and facts.st_uid == os.geteuid():
            return True
        os.unlink(self._partial, dir_fd=self._folder)
        return False

    def _has_name(self, fd: int) -> bool:
        """Whether the partial's name stands for the open file."""
        try:
            named = os.stat(self._partial, dir_fd=self._folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return os.path.samestat(os.fstat(fd), named)

    def _held(self) -> Sidecar | None:
        """What the sidecar says; a partial that is shorter than that is not the one it was written for."""
        found = read_sidecar(self._sidecar, self._folder)
        return found if found and found.durable <= os.fstat(self.fd).st_size else None

    def _forget(self) -> bool:
        """Remove the sidecar; whether there was one."""
        removed = [self._removed(name) for name in (self._spare, self._sidecar)]
        return any(removed)

    def _removed(self, name: str) -> bool:
        try:
            os.unlink(name, dir_fd=self._folder)
        except FileNotFoundError:
            return False
        return True

    def _check_there(self) -> None:
        """What has the partial's name is to be what was written: it may be another transfer's, and not whole yet."""
        if not self.is_there:
            raise TransferError(
                "{path} cannot be written: {partial}, in which it was, has been removed",
                path=self._shown,
                partial=self._partial,
                exit_code=23,
            )

    # -- giving the name -----------------------------------------------------------------------------------------

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
        return TransferError(
            "{path} exists, and is not written over unless -o names it", path=self._shown, exit_code=23
        )
