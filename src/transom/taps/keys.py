"""The secrets that OpenSSL logs, of every context that is used while the taps are in.

Python's ssl logs them only into a file it is given by name, one for each context. A context that has none is lent a
private one, which is in no folder; one that logs already is left as it is, and its file is read along.
"""

from __future__ import annotations

import os
import stat
import tempfile
import threading
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Container, Iterator

_ENOUGH = 2**16


class KeyLogs:
    """All key logs of this process. `read` gives what was logged since it was last asked."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        descriptor, self._name = tempfile.mkstemp(prefix="transom-keys-")  # mode 0600
        by_descriptor = f"/proc/self/fd/{descriptor}"
        self._has_name = not os.path.exists(by_descriptor)  # noqa: PTH110 -- pathlib costs more than all of this
        if not self._has_name:
            os.unlink(self._name)  # noqa: PTH108
            self._name = by_descriptor
        self._private = _Tail(descriptor, 0)
        self._lent: weakref.WeakSet[ssl.SSLContext] = weakref.WeakSet()
        self._others: dict[str, _Tail] = {}

    def log(self, context: ssl.SSLContext, known: Container[str]) -> None:
        """See to it that the secrets of `context` are read here, unless they go into a file that is known already."""
        name = getattr(context, "keylog_filename", "")  # an ssl without key logs has no such attribute
        if name is None:
            context.keylog_filename = self._name
            with self._lock:
                self._lent.add(context)
        elif name and name != self._name and os.fspath(name) not in known:
            self._read_along(os.fspath(name))

    def read(self) -> Iterator[tuple[str, bytes]]:
        """Whole lines, and the name of the log that they are in: none for what was lent."""
        with self._lock:
            found = [("", self._private.read()), *((name, tail.read()) for name, tail in self._others.items())]
        return ((name, lines) for name, lines in found if lines)

    def leave(self, known: Container[str]) -> None:
        """Read these no more."""
        with self._lock:
            for name in [name for name in self._others if name in known]:
                self._others.pop(name).close()

    def close(self) -> None:
        """Every context is as it was."""
        with self._lock:
            for context in self._lent:
                if context.keylog_filename == self._name:
                    context.keylog_filename = None  # type: ignore[assignment]  # typeshed: a string alone
            for tail in (self._private, *self._others.values()):
                tail.close()
            if self._has_name:
                os.unlink(self._name)  # noqa: PTH108

    def forked(self) -> None:
        """In a new process: whoever held the lock is not in it."""
        self._lock = threading.RLock()

    def _read_along(self, name: str) -> None:
        """A pipe or a device cannot be read by two: there the secrets stay unknown here."""
        with self._lock:
            try:
                status = os.stat(name)  # noqa: PTH116
                if name not in self._others and stat.S_ISREG(status.st_mode):
                    self._others[name] = _Tail(os.open(name, os.O_RDONLY), status.st_size)
            except OSError:
                pass


class _Tail:
    """The end of one file. A program may close all descriptors it has, this one too: then there is nothing to read."""

    def __init__(self, descriptor: int, position: int) -> None:
        self._descriptor = descriptor
        self._position = position
        self._inode = os.fstat(descriptor).st_ino
        self._rest = b""

    def read(self) -> bytes:
        text = self._rest
        try:
            if os.fstat(self._descriptor).st_ino == self._inode:
                while piece := os.pread(self._descriptor, _ENOUGH, self._position):
                    self._position += len(piece)
                    text += piece
        except OSError:
            pass
        lines, end, self._rest = text.rpartition(b"\n")
        return lines + end

    def close(self) -> None:
        try:
            if os.fstat(self._descriptor).st_ino == self._inode:
                os.close(self._descriptor)
        except OSError:
            pass
