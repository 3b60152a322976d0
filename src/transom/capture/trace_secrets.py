"""The secrets of a trace: Decryption Secrets Blocks that stand before the packets and are filled while these follow.

Wireshark decrypts only with secrets that come before the packets in the file, and a secret is known only after the
packets of its hello. So a block is written full of comment lines, and key-log lines take their place later.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from transom.capture.blocks import TLS_KEY_LOG, BlockType, padded

if TYPE_CHECKING:
    from transom.capture.trace_file import TraceFile

CAPACITY = 16 * 2**10
"""Bytes of key log in one block: some fifteen TLS 1.3 connections."""

ROOM_FOR_A_CONVERSATION = 2 * 2**10
"""The six key-log lines of one TLS 1.3 connection with 48-byte secrets, and some to spare."""

_LINE = 64
_HEADER = Struct("<II")


class TraceSecrets:
    """Places key-log lines into the current block, and appends another when it is full."""

    def __init__(self, file: TraceFile) -> None:
        self._file = file
        self._append_block(CAPACITY)

    def reserve(self) -> None:
        """Called before a conversation's first packet: its secrets shall stand before it."""
        if self._room < ROOM_FOR_A_CONVERSATION:
            self._append_block(CAPACITY)

    def add(self, line: str) -> None:
        """One line of a key log (RFC 9850 §2), without its end."""
        text = line.encode() + b"\n"
        if len(text) > self._room:
            self._append_block(max(CAPACITY, padded(len(text))))
        rest_of_comment = (self._room - len(text)) % _LINE
        self._file.overwrite(self._at, text + _comment(rest_of_comment))
        self._at += len(text)

    @property
    def _room(self) -> int:
        return self._end - self._at

    def _append_block(self, capacity: int) -> None:
        self._at = self._file.end + 8 + _HEADER.size
        self._end = self._at + capacity
        self._file.block(BlockType.DECRYPTION_SECRETS, _HEADER.pack(TLS_KEY_LOG, capacity), _comments(capacity))


def _comments(size: int) -> bytes:
    """Comment lines that fill `size` bytes; all but the first are of equal length, counted from the end."""
    return _comment(size % _LINE) + _comment(_LINE) * (size // _LINE)


def _comment(size: int) -> bytes:
    """One comment line of `size` bytes with its end; of a single byte it can only be empty, of none there is none."""
    return b"#".ljust(size - 1, b".") + b"\n" if size > 1 else b"\n" * size
