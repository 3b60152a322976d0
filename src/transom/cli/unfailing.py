"""A trace that is written for the page alone: that it cannot be written, or is full, is nothing to the transfer."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from transom.errors import TransferError
from transom.wire.tap import Buffer, Ending, Endpoints, Side, Tap

if TYPE_CHECKING:
    from collections.abc import Callable

    from transom.capture.write import TraceWriter
    from transom.capture.write_packets import PacketTrace

MOST_RECORDED = 2**30
"""Bytes of a transfer that are recorded for its page alone: what comes after is told as missing."""

_HEADERS = 160
"""Bytes of a packet that are enough for all before TCP's payload: of LINKTYPE_LINUX_SLL2 20, of IPv6 40, of TCP 60."""


class Recorder(Protocol):
    """What a trace is written by."""

    def conversation(self) -> Tap: ...

    def secret(self, line: str) -> None: ...

    def close(self) -> None: ...


class _Unfailing:
    def __init__(self, writer: Recorder) -> None:
        self._writer = writer
        self._failed = False
        self.left = MOST_RECORDED

    def conversation(self) -> Tap:
        return _UnfailingTap(self, self._writer.conversation())

    def secret(self, line: str) -> None:
        self.attempt(lambda: self._writer.secret(line))

    def close(self) -> None:
        with suppress(TransferError):
            self._writer.close()

    def attempt(self, tell: Callable[[], None]) -> None:
        """Unless it has failed before."""
        if not self._failed:
            try:
                tell()
            except TransferError:
                self._failed = True


class UnfailingTrace(_Unfailing):
    """Of packets that are rebuilt."""

    def __init__(self, writer: TraceWriter) -> None:
        super().__init__(writer)

    def conversation(self) -> Tap:
        return _BoundedTap(self, self._writer.conversation())


class UnfailingPackets(_Unfailing):
    """Of packets as they were captured: of those for which there is no room left the headers are kept."""

    def __init__(self, writer: PacketTrace) -> None:
        super().__init__(writer)
        self._packets = writer

    def packet(self, interface: str, link_type: int, time: int, original: int, frame: Buffer) -> None:
        kept = frame if len(frame) <= self.left else frame[:_HEADERS]
        self.left -= min(len(kept), self.left)
        self.attempt(lambda: self._packets.packet(interface, link_type, time, original, kept))

    def dropped(self, time: int, count: int) -> None:
        self.attempt(lambda: self._packets.dropped(time, count))

    def flush(self) -> None:
        self.attempt(self._packets.flush)


class _UnfailingTap:
    def __init__(self, trace: _Unfailing, tap: Tap) -> None:
        self._trace = trace
        self._tap = tap

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        self._trace.attempt(lambda: self._tap.opened(endpoints, time, packet))

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        self._trace.attempt(lambda: self._tap.data(side, data, time, packet))

    def lost(self, side: Side, count: int, time: int) -> None:
        self._trace.attempt(lambda: self._tap.lost(side, count, time))

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        self._trace.attempt(lambda: self._tap.closed(side, time, how, packet))


class _BoundedTap(_UnfailingTap):
    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        if self._trace.left < len(data):
            self.lost(side, len(data), time)
        else:
            self._trace.left -= len(data)
            super().data(side, data, time, packet)
