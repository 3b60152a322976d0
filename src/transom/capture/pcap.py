"""The classic capture format (draft-ietf-opsawg-pcap): a file header, then packets, each behind sixteen bytes."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

import numpy as np

from transom.capture.source import MAX_RECORD, Source
from transom.capture.window import Columns, Fields, Window
from transom.errors import CaptureError, Sentence
from transom.value import value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transom.capture.growth import Growth

_BYTE_ORDERS = {
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\x3c\x4d": (">", 1),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
}
"""First four bytes of the file: the byte order, and the nanoseconds in one unit of a time stamp's fraction."""

_FILE_HEADER_SIZE = 24
_RECORD_HEADER_SIZE = 16
_LINK_TYPE_MASK = 0xFFFF  # above it stand the length of a frame check sequence and reserved bits


@value
class _Layout:
    order: str
    fraction: int
    link_type: int


def is_pcap(head: bytes) -> bool:
    """Whether a file that begins with `head` is a classic capture."""
    return head[:4] in _BYTE_ORDERS


def read_pcap(source: Source, growth: Growth | None = None) -> Iterator[Window]:
    """The packets of a classic capture, window by window; `source` stands at its first byte.

    Of one that grows an empty window stands for its end. Raises CaptureError if the file header cannot be used.
    """
    layout = _file_header(source)
    packet = 1
    while True:
        begins = _begins(source, layout)
        if begins:
            if growth is not None:
                growth.before_packets()
            yield Window.of(source.data, packet, _columns(source.data, begins, layout))
            packet += len(begins)
        over = growth is None or growth.is_over()  # asked before the rest is read: nothing is written after that
        if not source.refill():
            if over:
                break
            yield Window.none(packet)
    source.check_end()


def _file_header(source: Source) -> _Layout:
    head = source.data[:_FILE_HEADER_SIZE]
    if len(head) < _FILE_HEADER_SIZE:
        raise CaptureError(
            "{path}: the pcap file header is cut: {count} of {size} bytes",
            path=source.name,
            count=len(head),
            size=_FILE_HEADER_SIZE,
        )
    order, fraction = _BYTE_ORDERS[head[:4]]
    major, minor, link_type = Struct(f"{order}4xHH12xI").unpack(head)
    if major != 2:
        raise CaptureError(
            "{path}: pcap version {major}.{minor}, expected 2.4", path=source.name, major=major, minor=minor
        )
    source.used = _FILE_HEADER_SIZE
    return _Layout(order, fraction, link_type & _LINK_TYPE_MASK)


def _begins(source: Source, layout: _Layout) -> list[int]:
    """Where the whole records of the window begin; leaves `source.used` after the last of them."""
    data, at = source.data, source.used
    unpack = Struct(f"{layout.order}8xI").unpack_from
    last_header = len(data) - _RECORD_HEADER_SIZE
    begins: list[int] = []
    while at <= last_header:
        (captured,) = unpack(data, at)
        if captured > MAX_RECORD:
            what = "a packet of {captured} bytes, expected at most {most}"
            source.damaged(at, Sentence(what, captured=captured, most=MAX_RECORD))
            return begins
        end = at + _RECORD_HEADER_SIZE + captured
        if end > len(data):
            break
        begins.append(at)
        at = end
    source.used = at
    return begins


def _columns(data: bytes, begins: Sequence[int], layout: _Layout) -> Columns:
    """What the headers of these records say."""
    at = np.array(begins, np.int64)
    words = Fields(data).octets(at, _RECORD_HEADER_SIZE).view(np.dtype(f"{layout.order}u4")).astype(np.int64)
    seconds, ticks, captured, original = words.T
    time = seconds * 10**9 + ticks * layout.fraction
    return np.stack((at + _RECORD_HEADER_SIZE, captured, original, time, np.full_like(at, layout.link_type)))
