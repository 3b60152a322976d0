"""The secrets of a trace: Decryption Secrets Blocks that stand before the packets and are filled while these follow.

Wireshark decrypts only with secrets that come before the packets in the file, and a secret is known only after the
packets of its hello. So a block is written full of comment lines, and key-log lines take their place later.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING

from transom.capture.blocks import TLS_KEY_LOG, BlockType, padded

if TYPE_CHECKING:
    from transom.capture.trace_file import TraceFile
    from transom.wire.tap import Buffer

CAPACITY = 16 * 2**10
"""Bytes of key log in one block: some fifteen TLS 1.3 connections."""

ROOM_FOR_A_CONVERSATION = 2 * 2**10
"""The six key-log lines of one TLS 1.3 connection with 48-byte secrets, and some to spare."""

_LINE = 64
_HEADER = Struct("<II")


_RANDOM = slice(11, 43)
"""Where a client's first record has it: behind the headers of record and message, and the version."""

_SHORTEST_LINE = 128
"""Less room than this is none: a line of the key log has 64 digits of a random and as many of a secret."""


def client_random(begins: Buffer) -> bytes | None:
    """The random of the ClientHello that a client begins with, if that is what it is (RFC 8446 §4.1.2, §5.1)."""
    head = bytes(begins[: _RANDOM.stop])
    is_hello = len(head) == _RANDOM.stop and head[:2] == b"\x16\x03" and head[5] == 1
    return head[_RANDOM] if is_hello else None


@dataclass
class _Block:
    """Where its next line goes, and where it ends."""

    at: int
    end: int

    @property
    def room(self) -> int:
        return self.end - self.at


class Promise:
    """A conversation's room for its secrets: in blocks before `limit`, where its first packet stands."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.random: str | None = None
        """The client's, in hex, under which its secrets are logged."""


class TraceSecrets:
    """Places each key-log line before the packets it opens, and appends a block when there is no room.

    Every conversation that is open has room promised to it, so that of hundreds that began before any had keys each
    finds them in time. A line goes into the last block that is early enough: the first are for those that began first.
    """

    def __init__(self, file: TraceFile) -> None:
        self._file = file
        self._blocks: list[_Block] = []
        self._promises: set[Promise] = set()
        self._limits: dict[str, int] = {}
        self._append_block(CAPACITY)

    def promise(self) -> Promise:
        """Called before a conversation's first packet: its secrets shall stand before it."""
        if sum(block.room for block in self._blocks) < (len(self._promises) + 1) * ROOM_FOR_A_CONVERSATION:
            self._append_block(CAPACITY)
        promise = Promise(self._file.end)
        self._promises.add(promise)
        return promise

    def expect(self, promise: Promise, client_random: bytes) -> None:
        """Under which name that conversation's secrets will come."""
        promise.random = client_random.hex()
        self._limits[promise.random] = promise.limit

    def release(self, promise: Promise) -> None:
        """The conversation is over, and what it needed is written."""
        if promise in self._promises:
            self._promises.remove(promise)
            if promise.random is not None:
                self._limits.pop(promise.random, None)

    def add(self, line: str) -> None:
        """One line of a key log (RFC 9850 §2), without its end."""
        text = line.encode() + b"\n"
        block = self._block_for(line, len(text))
        rest_of_comment = (block.room - len(text)) % _LINE
        self._file.overwrite(block.at, text + _comment(rest_of_comment))
        block.at += len(text)
        if block.room < _SHORTEST_LINE:
            self._blocks.remove(block)

    def _block_for(self, line: str, size: int) -> _Block:
        _label, _, rest = line.partition(" ")
        limit = self._limits.get(rest.partition(" ")[0].lower(), self._file.end)
        roomy = [block for block in self._blocks if block.room >= size]
        early = [block for block in roomy if block.end <= limit]
        if early or roomy:
            return (early or roomy)[-1]
        return self._append_block(max(CAPACITY, padded(size)))

    def _append_block(self, capacity: int) -> _Block:
        begin = self._file.end + 8 + _HEADER.size
        block = _Block(begin, begin + capacity)
        self._file.block(BlockType.DECRYPTION_SECRETS, _HEADER.pack(TLS_KEY_LOG, capacity), _comments(capacity))
        self._blocks.append(block)
        return block


def _comments(size: int) -> bytes:
    """Comment lines that fill `size` bytes; all but the first are of equal length, counted from the end."""
    return _comment(size % _LINE) + _comment(_LINE) * (size // _LINE)


def _comment(size: int) -> bytes:
    """One comment line of `size` bytes with its end; of a single byte it can only be empty, of none there is none."""
    return b"#".ljust(size - 1, b".") + b"\n" if size > 1 else b"\n" * size
