"""A stretch of a capture with the places of its packets, as columns: what every reader gives and everything reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from transom.value import value

if TYPE_CHECKING:
    from collections.abc import Sequence

Column = npt.NDArray[np.int64]
"""One number a packet."""

Mask = npt.NDArray[np.bool_]
"""One yes or no a packet."""

Octets = npt.NDArray[np.uint8]
"""Bytes: of a window, or some of every packet (one row each)."""

PacketRecord = tuple[int, int, int, int, int]
"""(offset in the window, captured length, original length, nanoseconds since the epoch, link type)."""

Columns = npt.NDArray[np.int64]
"""The same of several packets: a row for each of these five, in that order."""


def columns_of(records: Sequence[PacketRecord]) -> Columns:
    """Of one packet or more."""
    return np.ascontiguousarray(np.array(records, np.int64).T)


@value
class Window:
    """Packets of one stretch of the file; row `i` is the packet with the number `first_packet + i` (from 1).

    `capture` counts from 0 in a file of several captures, whose connections have nothing to do with each other's.
    """

    data: bytes
    first_packet: int
    offset: Column
    captured: Column
    original: Column
    time: Column
    link_type: Column
    capture: int = 0

    @classmethod
    def of(cls, data: bytes, first_packet: int, part: Columns, *more: Columns, capture: int = 0) -> Window:
        """What a reader found in `data`, in one part or more."""
        columns = np.concatenate((part, *more), axis=1) if more else part
        offset, captured, original, time, link_type = columns
        return cls(data, first_packet, offset, captured, original, time, link_type, capture)

    @classmethod
    def none(cls, first_packet: int) -> Window:
        """No packet: whoever reads a file that is still being written has come to its end."""
        offset, captured, original, time, link_type = np.zeros((5, 0), np.int64)
        return cls(b"", first_packet, offset, captured, original, time, link_type)

    def only(self, rows: Column, first_packet: int) -> Window:
        """The packets of these rows, numbered anew."""
        return Window(
            self.data,
            first_packet,
            self.offset[rows],
            self.captured[rows],
            self.original[rows],
            self.time[rows],
            self.link_type[rows],
            self.capture,
        )

    def __len__(self) -> int:
        return len(self.offset)


class Fields:
    """Big-endian numbers of a window read at many offsets at once.

    An offset beyond the window reads its last byte: whoever asks has a mask that tells which answers mean something.
    """

    def __init__(self, data: bytes) -> None:
        self._octets: Octets = np.frombuffer(data, np.uint8)

    def u8(self, at: Column) -> Column:
        return self._octets.take(at, mode="clip").astype(np.int64)

    def u16(self, at: Column) -> Column:
        return self.u8(at) << 8 | self.u8(at + 1)

    def u32(self, at: Column) -> Column:
        return self.u16(at) << 16 | self.u16(at + 2)

    def octets(self, at: Column, size: int) -> Octets:
        """`size` bytes from each offset, one row each."""
        return self._octets.take(at[:, np.newaxis] + np.arange(size), mode="clip")
