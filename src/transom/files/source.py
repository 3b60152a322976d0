"""The server's side: opening what a request names, beneath the shared folder and nowhere else.

A path is walked from a descriptor of the root, one component at a time, none opened through a symbolic link. No string
is compared with the root's own path, so no spelling fools it; and what was opened is what is looked at, so nothing can
be swapped between a check and its use.

A symbolic link is followed by the walk itself: its text takes the place of its name, and may lead beneath the root to
whatever could be asked for itself. One that leads out, by an absolute target or by "..", is refused, and so is one that
leads to a hidden name or through one: else a visible name would hand out what is hidden.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote_to_bytes

from transom.errors import HttpError, UsageError, reason_of
from transom.files.opened import OpenFile, OpenFolder, is_shareable, not_shared, refused
from transom.files.request_path import is_shared_name, path_components

_MOST_LINKS = 40  # as many as Linux follows in one path

# O_NONBLOCK: a FIFO swapped in must not make the open wait. A system that lacks a flag opens without it.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


class Share(Protocol):
    """What a server offers: a folder, or one file."""

    def open(self, path: str) -> OpenFile | OpenFolder:
        """What `path` names: a request's path, percent-encoded, beginning with "/" and without its query.

        Raises HttpError: 400 for a path that cannot be decoded, 404 for what is not there, is hidden, leads out of the
        share or is neither file nor folder (all alike, so that the answer tells nothing), 403 for what may not be read.
        """
        ...

    def close(self) -> None:
        """Stop sharing; what is open stays so."""
        ...


def share(path: Path) -> Share:
    """The share of the folder or the single file at `path`. Raises UsageError when it is neither, or cannot be read."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise UsageError("{path} cannot be shared: {reason}", path=path, reason=reason_of(error)) from None
    if stat.S_ISDIR(mode):
        return SharedFolder(path)
    if stat.S_ISREG(mode):
        return SharedFile(path)
    raise UsageError("{path} is neither a file nor a folder", path=path)


class SharedFolder:
    """A folder and what is beneath it."""

    def __init__(self, root: Path) -> None:
        if os.open not in os.supports_dir_fd:
            raise UsageError("this system cannot open a file relative to a folder, which sharing one rests on")
        try:
            self._root = os.open(root, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        except OSError as error:
            raise UsageError("{path} cannot be shared: {reason}", path=root, reason=reason_of(error)) from None

    def open(self, path: str) -> OpenFile | OpenFolder:
        names = path_components(path)
        fd = self._walk(names)
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            return OpenFolder(fd, lambda name: self._facts([*names, os.fsencode(name)]))
        if path.endswith("/"):
            os.close(fd)
            raise not_shared()
        return OpenFile(fd, os.fsdecode(names[-1]))

    def close(self) -> None:
        os.close(self._root)

    def _walk(self, names: Sequence[bytes]) -> int:
        trail = _Trail(self._root)
        try:
            return trail.walk(names)
        except OSError as error:
            raise refused(error) from None
        finally:
            trail.close()

    def _facts(self, names: Sequence[bytes]) -> os.stat_result | None:
        try:
            fd = self._walk(names)
        except HttpError:
            return None
        try:
            return os.fstat(fd)
        finally:
            os.close(fd)


class SharedFile:
    """One file and nothing beside it: at "/" and at "/" with its name.

    A link that the owner named is followed, wherever it leads by then; not one that comes in the file's place later,
    which may be anybody's.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._flags = _FLAGS & ~getattr(os, "O_NOFOLLOW", 0) if path.is_symlink() else _FLAGS
        self._paths = ("/", "/" + quote(os.fsencode(self._path.name)))

    @property
    def path(self) -> str:
        """The percent-encoded path to ask for."""
        return self._paths[1]

    def open(self, path: str) -> OpenFile | OpenFolder:
        if path != "/" and unquote_to_bytes(path.removeprefix("/")) != os.fsencode(self._path.name):
            path_components(path)  # raises what is wrong with it, if it could name nothing anywhere
            raise not_shared()
        try:
            fd = os.open(self._path, self._flags)
        except OSError as error:
            raise refused(error) from None
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise not_shared()
        return OpenFile(fd, self._path.name)

    def close(self) -> None:
        """Nothing is kept open between two requests."""


class _Trail:
    """The folders opened on the way from the root, so that ".." in a link is a step back and never out."""

    def __init__(self, root: int) -> None:
        self._opened = [os.dup(root)]
        self._links = 0

    def walk(self, names: Sequence[bytes]) -> int:
        """The descriptor of what `names` lead to, the caller's to close."""
        ahead = list(reversed(names))
        while ahead:
            name = ahead.pop()
            if name == b"..":
                self._step_back()
            elif name not in (b"", b"."):
                ahead += reversed(self._step(name))
        return self._opened.pop()

    def close(self) -> None:
        for fd in self._opened:
            os.close(fd)

    def _step(self, name: bytes) -> list[bytes]:
        """Open `name`; when it is a link, give the names in its text instead."""
        if not is_shared_name(name):  # of a request none comes this far: it stands in a link
            raise not_shared()
        here = self._opened[-1]
        mode = os.stat(name, dir_fd=here, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            return self._link(name)
        # Looked at before it is opened, since opening a device can do something; and again after, as it may have
        # been swapped. A link swapped in fails to open.
        if not is_shareable(mode):
            raise not_shared()
        fd = os.open(name, _FLAGS, dir_fd=here)
        self._opened.append(fd)
        if not is_shareable(os.fstat(fd).st_mode):
            raise not_shared()
        return []

    def _link(self, name: bytes) -> list[bytes]:
        target = os.readlink(name, dir_fd=self._opened[-1])
        self._links += 1
        if target.startswith(b"/") or self._links > _MOST_LINKS:
            raise not_shared()
        return target.split(b"/")

    def _step_back(self) -> None:
        if len(self._opened) == 1:
            raise not_shared()
        os.close(self._opened.pop())
