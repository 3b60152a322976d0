"""The block structure of pcapng (draft-ietf-opsawg-pcapng §3): what the reader and the trace writer both go by."""

from __future__ import annotations

from enum import IntEnum
from struct import Struct
from typing import TYPE_CHECKING

from transom.capture.source import MAX_RECORD, Source
from transom.errors import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SECTION_HEADER = b"\x0a\x0d\x0d\x0a"
"""The block type that opens every section: the same four bytes in either byte order."""

BYTE_ORDER_MAGIC = 0x1A2B3C4D
MAJOR_VERSION = 1

TLS_KEY_LOG = 0x544C534B
"""The secrets type of a key log, RFC 9850, in a Decryption Secrets Block: "TLSK"."""

APART = "transom: the connections of this section are its own"
"""The comment of a section's header by which a file says that another capture begins with it."""

_BYTE_ORDERS = {BYTE_ORDER_MAGIC.to_bytes(4, "little"): "<", BYTE_ORDER_MAGIC.to_bytes(4, "big"): ">"}
_FRAME_SIZE = 12  # type and length before the body, the length again after it


SHORTEST_PACKET = _FRAME_SIZE + 20
"""The length of an Enhanced Packet Block without a byte of a packet."""


ENOUGH = 32
"""Packets in a row that are worth to be looked at together."""


class BlockType(IntEnum):
    """The blocks that Transom reads or writes; every other is skipped by its length."""

    INTERFACE_DESCRIPTION = 1
    PACKET = 2  # obsolete
    SIMPLE_PACKET = 3
    INTERFACE_STATISTICS = 5
    ENHANCED_PACKET = 6
    DECRYPTION_SECRETS = 0x0A
    SECTION_HEADER = 0x0A0D0D0A


class OptionCode(IntEnum):
    """Option codes, each within the block that its name begins with."""

    END = 0
    COMMENT = 1
    SECTION_APPLICATION = 4
    INTERFACE_NAME = 2
    INTERFACE_TIME_RESOLUTION = 9
    INTERFACE_TIME_OFFSET = 14
    STATISTICS_INTERFACE_DROPS = 5
    STATISTICS_SYSTEM_DROPS = 7


def is_pcapng(head: bytes) -> bool:
    """Whether a file that begins with `head` (twelve bytes or more) is a pcapng capture."""
    return head[:4] == SECTION_HEADER and head[8:12] in _BYTE_ORDERS


class Blocks:
    """Finds the blocks of a file. `order` is the byte order of the section at hand, as `struct` writes it."""

    def __init__(self, source: Source) -> None:
        self.order = "<"
        self._source = source

    def in_window(self) -> Iterator[tuple[int, int, int]]:
        """(type, begin and end of the body) of every whole block; leaves `source.used` after the last of them."""
        source = self._source
        data, at = source.data, source.used
        pair = Struct(f"{self.order}II")
        while at + _FRAME_SIZE <= len(data):
            if data[at : at + 4] == SECTION_HEADER:
                if not self._begin_section(at):
                    return
                pair = Struct(f"{self.order}II")
            kind, length = pair.unpack_from(data, at)
            if length < _FRAME_SIZE or length % 4 or length > MAX_RECORD:
                odd = "a block of {length} bytes, expected a multiple of 4 up to {most}"
                source.damaged(at, Sentence(odd, length=length, most=MAX_RECORD))
                return
            end = at + length
            if end > len(data):
                break
            if data[end - 4 : end] != data[at + 4 : at + 8]:
                two = "a block whose length at its end is not the {length} at its beginning"
                source.damaged(at, Sentence(two, length=length))
                return
            source.used = end
            yield kind, at + 8, end - 4
            at = end

    def packets_in_a_row(self) -> tuple[list[int], bool]:
        """Where the Enhanced Packet Blocks begin that come next, all whole by their headers, and last where they end.

        And whether they may be taken together: there are enough of them, and their ends say what their headers say.
        `source.used` stays where it is.
        """
        data, at = self._source.data, self._source.used
        unpack, wanted = Struct(f"{self.order}II").unpack_from, int(BlockType.ENHANCED_PACKET)
        available = len(data)
        starts = [at]
        while at + SHORTEST_PACKET <= available:
            kind, length = unpack(data, at)
            at += length
            if kind != wanted or length % 4 or not SHORTEST_PACKET <= length <= MAX_RECORD or at > available:
                break
            starts.append(at)
        return starts, len(starts) > ENOUGH and self._ends_agree(starts)

    def _ends_agree(self, starts: Sequence[int]) -> bool:
        import numpy as np  # here: who writes a trace knows of blocks too, and has nothing to do with it

        from transom.capture.window import Fields

        edges = np.array(starts, np.int64)
        ends = Fields(self._source.data).octets(edges[1:] - 4, 4).view(np.dtype(f"{self.order}u4"))
        return bool((ends[:, 0] == np.diff(edges)).all())

    def _begin_section(self, at: int) -> bool:
        """The byte order stands inside the body, and is needed before the length can be read."""
        data = self._source.data
        magic = data[at + 8 : at + 12]
        if magic not in _BYTE_ORDERS:
            what = "a section whose byte order is told by {magic}, expected 1a2b3c4d"
            self._source.damaged(at, Sentence(what, magic=magic.hex()))
            return False
        self.order = _BYTE_ORDERS[magic]
        return True


def options(data: bytes, at: int, end: int, order: str) -> Iterator[tuple[int, bytes]]:
    """(code, value) of the options in `data[at:end]`, up to `opt_endofopt` or to what no longer fits."""
    header = Struct(f"{order}HH")
    while at + header.size <= end:
        code, length = header.unpack_from(data, at)
        at += header.size
        if code == OptionCode.END or at + length > end:
            return
        yield code, data[at : at + length]
        at += padded(length)


def padded(length: int) -> int:
    """`length` rounded up to the 32-bit boundary that everything in pcapng is aligned to."""
    return (length + 3) & ~3
