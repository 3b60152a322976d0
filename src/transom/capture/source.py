"""A capture file as bytes: plain or gzip, on disk or from a pipe, seen through a window that only moves forward.

Memory stays within a few windows whatever the size of the file: a capture is meant to be read twice (secrets first,
then packets) and not to be kept.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sys
import tempfile
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from transom.errors import CaptureError, Sentence, reason_of

if TYPE_CHECKING:
    from collections.abc import Generator
    from io import BufferedReader

    from transom.capture.problems import Findings

WINDOW = 8 * 2**20
"""Bytes read at a time."""

MAX_RECORD = 16 * 2**20
"""A record that claims to be longer is damage: it is Wireshark's limit for a pcapng block as well."""

_GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def spooled(path: Path) -> Generator[Path]:
    """A regular file with the bytes of `path`, which may be `-` (standard input), a pipe or a device.

    A regular file is given back as it is; anything else is copied to a private temporary file, since it can be read
    only once. Raises CaptureError if it cannot be read.
    """
    if _is_regular(path):
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="transom-", suffix=".spool") as spool:
        try:
            if str(path) == "-":
                shutil.copyfileobj(sys.stdin.buffer, spool)
            else:
                with path.open("rb") as stream:
                    shutil.copyfileobj(stream, spool)
        except OSError as error:
            raise _unreadable(path, error) from error
        spool.flush()
        yield Path(spool.name)


@contextmanager
def open_source(path: Path, findings: Findings) -> Generator[Source]:
    """Opens a capture file, unwrapping gzip; raises CaptureError if that is impossible."""
    with spooled(path) as regular:
        try:
            stream = regular.open("rb")
        except OSError as error:
            raise _unreadable(path, error) from error
        with stream:
            yield Source(str(path), stream, findings)


class Source:
    """The bytes of a capture. `data` is the window, `used` how much of it is done with, `start` where it begins."""

    def __init__(self, name: str, stream: BufferedReader, findings: Findings) -> None:
        self.name = name
        self.data = b""
        self.used = 0
        self.start = 0
        self.findings = findings
        self._ended = False
        wrapped = stream.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
        stream.seek(0)
        self._descriptor = stream.fileno()
        self._stream: BufferedReader | gzip.GzipFile = gzip.GzipFile(fileobj=stream) if wrapped else stream

    @property
    def position(self) -> int:
        """How much of the file has been taken from it; of one in gzip, as it lies there."""
        return os.lseek(self._descriptor, 0, os.SEEK_CUR)

    @property
    def descriptor(self) -> int:
        """Of the file itself."""
        return self._descriptor

    def refill(self) -> bool:
        """Moves the window: drops what is used, appends what comes next. False when nothing comes any more."""
        more = b"" if self._ended else self._read()
        if not more:
            return False
        self.start += self.used
        self.data = self.data[self.used :] + more
        self.used = 0
        return True

    def damaged(self, at: int, what: Sentence) -> None:
        """Nothing can be made of the bytes from window offset `at` on: the file ends here for the reader."""
        self.findings.add("file-damaged", self.place(at), what)
        self.data = self.data[:at]
        self.used = at
        self._ended = True

    def check_end(self) -> None:
        """Called when reading is over: bytes that are left are a record that was cut off."""
        left = len(self.data) - self.used
        if left:
            what = Sentence(
                "the file ends inside a record, of which it holds {left} bytes; everything before it was read",
                left=left,
            )
            self.findings.add("file-truncated", self.place(self.used), what)

    def place(self, at: int) -> Sentence:
        """Window offset `at`, as a finding says where it is."""
        return Sentence("byte {offset}", offset=self.start + at)

    def _read(self) -> bytes:
        chunks: list[bytes] = []
        missing = WINDOW
        while missing and (chunk := self._read_some(missing)):
            chunks.append(chunk)
            missing -= len(chunk)
        return b"".join(chunks)

    def _read_some(self, size: int) -> bytes:
        # read1, not read: when a cut gzip file raises, what it gave before is not lost with the exception.
        try:
            return self._stream.read1(size)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            what = Sentence("cannot be unpacked further: {error}", error=str(error))
            self.findings.add("file-truncated", Sentence("the gzip wrapping"), what)
        except OSError as error:
            raise _unreadable(Path(self.name), error) from error
        self._ended = True
        return b""


def _is_regular(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:  # a folder on the way that may not be entered
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> CaptureError:
    return CaptureError("{path}: cannot be read: {reason}", path=path, reason=reason_of(error))
