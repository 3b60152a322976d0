"""A capture that somebody else is writing, as `tcpdump -w` does: followed until its writer closes it."""

from __future__ import annotations

import fcntl
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from transom.capture.growth import Growth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

QUIET = 10.0
"""Seconds without a byte after which a file is taken to be whole, where the system does not say who writes it."""

_POLL = 0.1
"""Seconds."""

Change = Literal["grown", "shorter", "replaced", "gone"]
"""What became of a file since it was read."""

_F_SETSIG = 10  # fcntl(2); Python has no name for it
_GZIP_MAGIC = b"\x1f\x8b"


def followed(path: Path, logs: Iterable[Path], hear: Callable[[bytes], None]) -> Followed | None:
    """Of a file that somebody writes; None for any other, which costs no more than that look.

    `hear` is told what the key logs say by and by.
    """
    try:
        with path.open("rb") as file:
            if file.read(2) == _GZIP_MAGIC:
                return None  # it cannot be unpacked up to where it is
            written = is_written(file.fileno())
        grew = time.time() - path.stat().st_mtime
    except OSError:
        return None  # whoever reads it says why
    if written is False or (written is None and grew > QUIET):
        return None
    return Followed(path, logs, hear)


def await_first_bytes(path: Path, waiting: Callable[[], object]) -> None:
    """Of an empty file that somebody has open to write; `waiting` is called once, if there is anything to wait for."""
    told = False
    while _is_begun(path):
        if not told:
            waiting()
        told = True
        time.sleep(_POLL)


def _is_begun(path: Path) -> bool:
    """Whether nothing is in it yet and it is open for writing."""
    try:
        if not path.is_file() or path.stat().st_size:
            return False
        with path.open("rb") as file:
            return is_written(file.fileno()) is True
    except OSError:
        return False  # whoever reads it says why


class Followed(Growth):
    """Is over when its writer has closed it, or it is another file."""

    def __init__(self, path: Path, logs: Iterable[Path], hear: Callable[[bytes], None]) -> None:
        super().__init__(hear)
        self._path = path
        self._logs = dict.fromkeys(logs, 0)
        self._known = Stamp.of(path)
        self._grew = time.monotonic()

    def is_over(self) -> bool:
        """Asked at the end of what there is."""
        self.over = self.over or self._has_ended()
        return self.over

    def before_packets(self) -> None:
        """Hear what was logged meanwhile."""
        for log, known in self._logs.items():
            try:
                with log.open("rb") as file:
                    file.seek(known)
                    text = file.read()
            except OSError:
                continue
            if text:
                self._logs[log] = known + len(text)
                self.hear(text)

    def _has_ended(self) -> bool:
        change = self._known.change(self._path)
        if change == "grown":
            self._known = Stamp.of(self._path)
            self._grew = time.monotonic()
            return False
        if change is not None:
            return True
        written = None
        try:
            with self._path.open("rb") as file:
                written = is_written(file.fileno())
        except OSError:
            return True
        return not written if written is not None else time.monotonic() - self._grew > QUIET


class Stamp:
    """Which file stands at a path, and how long it is."""

    def __init__(self, device: int, inode: int, size: int) -> None:
        self.file = (device, inode)
        self.size = size

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """Raises OSError."""
        status = path.stat()
        return cls(status.st_dev, status.st_ino, status.st_size)

    def change(self, path: Path) -> Change | None:
        """What became of it."""
        try:
            now = Stamp.of(path)
        except OSError:
            return "gone"
        if now.file != self.file:
            return "replaced"
        return "grown" if now.size > self.size else "shorter" if now.size < self.size else None


def is_written(descriptor: int) -> bool | None:
    """Whether any process has the file open for writing; None where the system does not say.

    A read lease (fcntl(2)) is given only where nobody has, to the file's owner or root, and is given back at once.
    """
    try:
        # Whoever opens it for writing between these lines makes the system signal us: with one that is ignored.
        fcntl.fcntl(descriptor, _F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return None
    return False
