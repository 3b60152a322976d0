"""What each side of one conversation sent, packet by packet, as one place on the path saw it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path

from transom.capture.connections import SEQUENCE_MODULUS, Directory
from transom.capture.packets import ACK, SYN, TCP, Segment, flow_endpoints, parse_packets
from transom.capture.problems import Findings
from transom.capture.reader import read_windows
from transom.wire.tap import Endpoints, Side

_MOST_GAPS = 10_000


@dataclass
class Sent:
    """What one side sent. Bytes are TCP payload; `bytes_in_all` counts one that came again once more.

    `again` are bytes that had come before, `missing` those of gaps that nothing filled.
    """

    packets: int = 0
    bytes_in_all: int = 0
    again: int = 0
    _start: int | None = None
    _end: int = 0
    _gaps: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    @property
    def missing(self) -> int:
        return sum(end - start for start, end in self._gaps)

    def take(self, sequence: int, length: int) -> None:
        """A segment with so many bytes of payload, one or more."""
        self.packets += 1
        self.bytes_in_all += length
        if self._start is None:
            self._start = sequence
        # The position nearest to where the stream stands: the numbers begin anew every 4 GiB.
        here = self._start + self._end
        start = self._end + (sequence - here + SEQUENCE_MODULUS // 2) % SEQUENCE_MODULUS - SEQUENCE_MODULUS // 2
        end = start + length
        if start > self._end and len(self._gaps) < _MOST_GAPS:
            self._gaps.append((self._end, start))
        new = max(end - max(start, self._end), 0)
        self.again += length - new - self._fill(start, min(end, self._end))
        self._end = max(self._end, end)

    def _fill(self, start: int, end: int) -> int:
        """How many bytes of `[start, end)` were missing, and now are not."""
        filled = 0
        at = max(bisect_left(self._gaps, (start, start)) - 1, 0)
        while at < len(self._gaps) and self._gaps[at][0] < end:
            left, right = self._gaps[at]
            low, high = max(left, start), min(right, end)
            if low >= high:
                at += 1
                continue
            filled += high - low
            rest = [gap for gap in ((left, low), (high, right)) if gap[0] < gap[1]]
            self._gaps[at : at + 1] = rest
            at += len(rest)
        return filled


@dataclass
class Traffic:
    """One conversation. Times are nanoseconds since the epoch, None for what was not captured."""

    sent: dict[Side, Sent] = field(default_factory=lambda: {side: Sent() for side in Side})
    opened: int | None = None
    """When the SYN came by."""
    answered: int | None = None
    """When the SYN/ACK did."""

    @property
    def answer_took(self) -> int | None:
        """From the SYN to its answer: there and back between this place and the server."""
        if self.opened is None or self.answered is None or self.answered < self.opened:
            return None
        return self.answered - self.opened


def traffic(path: Path, number: int, endpoints: Endpoints) -> Traffic:
    """Of conversation `number` of the capture, in one pass. Raises CaptureError."""
    found, directory = Traffic(), Directory()
    unread = Findings()  # whoever reads the conversations tells what is odd
    for window in read_windows(path, unread):
        for segment in parse_packets(window, unread).segments(TCP):
            if directory.find(segment)[0].number == number:
                is_client = flow_endpoints(segment.flow)[0] == endpoints.client
                _take(found, Side.CLIENT if is_client else Side.SERVER, segment)
    return found


def _take(found: Traffic, side: Side, segment: Segment) -> None:
    if segment.flags & SYN and side is Side.CLIENT and found.opened is None:
        found.opened = segment.time
    if segment.flags & SYN and segment.flags & ACK and found.answered is None:
        found.answered = segment.time
    if segment.length:
        found.sent[side].take(segment.sequence + bool(segment.flags & SYN), segment.length)
