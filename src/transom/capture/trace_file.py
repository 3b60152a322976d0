"""A pcapng file that is written: private from its first moment, appended block by block."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from struct import Struct
from typing import TYPE_CHECKING

from transom.capture.blocks import BYTE_ORDER_MAGIC, MAJOR_VERSION, BlockType, OptionCode, padded
from transom.errors import TransferError, reason_of

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from transom.wire.tap import Buffer

WRITE_FAILED = 23

_BUFFER = 256 * 2**10
_PAIR = Struct("<II")
_LENGTH = Struct("<I")
_NANOSECONDS = bytes([9])
_SECTION_HEADER = Struct("<IHHq")
_INTERFACE = Struct("<HxxI")
_PACKET = Struct("<IIIII")
_OPTION = Struct("<HH")
_STATISTICS = Struct("<III")


class TraceFile:
    """A little-endian pcapng file. Every method raises TransferError (exit code 23) if the disk does not play along."""

    def __init__(self, path: Path) -> None:
        """Creates the file with mode 0600.

        A regular file of that name is removed, not overwritten: who has it open, or may read it, does not get the
        keys. Anything else of that name (a link, a device) is refused.
        """
        self._path = path
        with self._disk_errors():
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if path.is_file() and not path.is_symlink():
                path.unlink()
            self._file = open(path, "xb", buffering=_BUFFER, opener=_private)  # noqa: SIM115 -- Path.open takes no opener, and close() is ours
        self._end = 0
        self._interfaces = 0

    @property
    def end(self) -> int:
        """The length of the file: where the next block will stand."""
        return self._end

    def block(self, kind: int, *body: Buffer) -> None:
        """Appends a block; its body is padded to the 32-bit boundary."""
        length = sum(map(len, body))
        padding = bytes(padded(length) - length)
        total = 12 + length + len(padding)
        with self._disk_errors():
            self._file.writelines([_PAIR.pack(kind, total), *body, padding, _LENGTH.pack(total)])
        self._end += total

    def section(self, application: str, comment: str = "") -> None:
        """Begins the file, or another section of it, whose interfaces are numbered anew.

        `application` is the name and version that its header gives as its writer.
        """
        self._interfaces = 0
        self.block(
            BlockType.SECTION_HEADER,
            _SECTION_HEADER.pack(BYTE_ORDER_MAGIC, MAJOR_VERSION, 0, -1),
            _option(OptionCode.COMMENT, comment.encode()) if comment else b"",
            _option(OptionCode.SECTION_APPLICATION, application.encode()),
            _option(OptionCode.END, b""),
        )

    def interface(self, link_type: int, name: str = "") -> int:
        """One more interface, whose times are nanoseconds; its number."""
        self.block(
            BlockType.INTERFACE_DESCRIPTION,
            _INTERFACE.pack(link_type, 0),
            _option(OptionCode.INTERFACE_NAME, name.encode()) if name else b"",
            _option(OptionCode.INTERFACE_TIME_RESOLUTION, _NANOSECONDS),
            _option(OptionCode.END, b""),
        )
        self._interfaces += 1
        return self._interfaces - 1

    def packet(self, interface: int, time: int, original: int, *frame: Buffer) -> None:
        """A packet; of `original` bytes those of `frame` were captured."""
        preamble = _PACKET.pack(interface, time >> 32, time & 0xFFFFFFFF, sum(map(len, frame)), original)
        self.block(BlockType.ENHANCED_PACKET, preamble, *frame)

    def dropped(self, interface: int, time: int, count: int) -> None:
        """So many packets were there that are not here, because nobody took them in time."""
        options = _option(OptionCode.STATISTICS_SYSTEM_DROPS, count.to_bytes(8, "little"))
        preamble = _STATISTICS.pack(interface, time >> 32, time & 0xFFFFFFFF)
        self.block(BlockType.INTERFACE_STATISTICS, preamble, options, _option(OptionCode.END, b""))

    def overwrite(self, at: int, data: bytes) -> None:
        """Replaces bytes that are written already, and hands everything to the operating system."""
        with self._disk_errors():
            self._file.seek(at)
            self._file.write(data)
            self._file.seek(self._end)
            self._file.flush()

    def flush(self) -> None:
        with self._disk_errors():
            self._file.flush()

    def close(self) -> None:
        with self._disk_errors():
            self._file.close()

    @contextmanager
    def _disk_errors(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise TransferError(
                "{path}: the trace cannot be written: {reason}",
                path=self._path,
                reason=reason_of(error),
                exit_code=WRITE_FAILED,
            ) from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _option(code: int, value: bytes) -> bytes:
    return _OPTION.pack(code, len(value)) + value.ljust(padded(len(value)), b"\0")
