"""pcapng (draft-ietf-opsawg-pcapng): sections of either byte order, their interfaces, packets, and TLS secrets."""

from __future__ import annotations

from itertools import islice
from math import gcd
from struct import Struct
from typing import TYPE_CHECKING

import numpy as np

from transom.capture.blocks import (
    APART,
    MAJOR_VERSION,
    SHORTEST_PACKET,
    TLS_KEY_LOG,
    Blocks,
    BlockType,
    OptionCode,
    options,
)
from transom.capture.growth import GrowingSecrets
from transom.capture.window import Column, Columns, Fields, PacketRecord, Window, columns_of
from transom.errors import Sentence
from transom.value import value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transom.capture.growth import Growth
    from transom.capture.source import Source

_LATEST = 2**63 - 1  # what a column of times can hold: the year 2262


def read_pcapng(source: Source, growth: Growth | None = None) -> Iterator[Window]:
    """The packets of a pcapng capture, window by window; `source` stands at its first byte.

    Of one that grows, the secrets are heard before the packets are given, and an empty window stands for its end.
    """
    reader = _Reader(source, GrowingSecrets(growth) if growth else None)
    packet = 1
    while True:
        parts = reader.packets()
        if parts:
            reader.look_for_secrets()
            if growth is not None:
                growth.before_packets()
            window = Window.of(source.data, packet, *parts, capture=reader.capture)
            yield window
            packet += len(window)
        if reader.begin_capture():
            continue
        over = growth is None or growth.is_over()  # asked before the rest is read: nothing is written after that
        if not source.refill():
            if over:
                break
            yield Window.none(packet)
    source.check_end()
    reader.report_drops()


def read_secrets(source: Source) -> Iterator[bytes]:
    """The key-log text of the Decryption Secrets Blocks, window by window, wherever in the file they stand."""
    blocks = Blocks(source)
    while True:
        yield b"\n".join(_secrets_in_window(blocks, source))
        if not source.refill():
            return


def _secrets_in_window(blocks: Blocks, source: Source) -> Iterator[bytes]:
    for kind, begin, end in _without_packets(blocks, source):
        if kind == BlockType.DECRYPTION_SECRETS and end - begin >= 8:
            secrets_type, length = Struct(f"{blocks.order}II").unpack_from(source.data, begin)
            if secrets_type == TLS_KEY_LOG:
                yield source.data[begin + 8 : min(begin + 8 + length, end)]


def _without_packets(blocks: Blocks, source: Source) -> Iterator[tuple[int, int, int]]:
    """The blocks of the window, but for packets that can be passed over together."""
    while True:
        starts, together = blocks.packets_in_a_row()
        if together:
            source.used = starts[-1]
            continue
        taken = 0
        for block in islice(blocks.in_window(), len(starts)):
            yield block
            taken += 1
        if taken < len(starts):
            return


@value
class _Interface:
    """What an Interface Description Block says that matters: a time is `ticks * numerator // denominator + offset`."""

    link_type: int
    snap_length: int
    numerator: int = 1000
    denominator: int = 1
    offset: int = 0

    def nanoseconds(self, high: int, low: int) -> int:
        """Since the epoch: any number, since a file may say any."""
        ticks = high << 32 | low
        return ticks * self.numerator // self.denominator + self.offset

    def times(self, high: Column, low: Column) -> Column | None:
        """The same of many; None where one is beyond what a column can hold, or some step on the way to it."""
        most, least = int(high.max()), int(high.min())
        if (most + 1 << 32) * self.numerator > _LATEST:
            return None
        earliest, latest = self.nanoseconds(least, 0), self.nanoseconds(most, 0xFFFFFFFF)
        if earliest < 0 or latest > _LATEST:
            return None
        times = (high << 32 | low) * self.numerator
        return (times if self.denominator == 1 else times // self.denominator) + self.offset


class _Reader:
    """Turns blocks into packet records; a section's interfaces are numbered from 0 anew."""

    def __init__(self, source: Source, secrets: GrowingSecrets | None) -> None:
        self._source = source
        self._secrets = secrets
        self._blocks = Blocks(source)
        self._interfaces: list[_Interface] = []
        self._records: list[PacketRecord] = []
        self._drops: dict[tuple[int, int], int] = {}
        self._sections = 0
        self._begins = False
        self.capture = 0
        """The number of the capture at hand, in a file of several."""

    def begin_capture(self) -> bool:
        """Whether the window at hand has packets of another capture, which are the next."""
        begins, self._begins = self._begins, False
        self.capture += begins
        return begins

    def packets(self) -> list[Columns]:
        """Those of the window at hand, up to where another capture begins."""
        parts: list[Columns] = []
        self._records = []
        while True:
            starts, together = self._blocks.packets_in_a_row()
            row = self._row(starts[:-1]) if together else None
            if row is not None:
                parts += [columns_of(self._records)] if self._records else []
                parts.append(row)
                self._records = []
                self._source.used = starts[-1]
            elif not self._take_blocks(len(starts)):
                break
        return [*parts, columns_of(self._records)] if self._records else parts

    def _row(self, starts: Sequence[int]) -> Columns | None:
        """The Enhanced Packet Blocks that begin at these, taken apart at once; None if one is odd."""
        at = np.array(starts, np.int64)
        words = Fields(self._source.data).octets(at, 28).view(np.dtype(f"{self._blocks.order}u4")).astype(np.int64)
        _, length, interface, high, low, captured, original = words.T
        if (captured > length - SHORTEST_PACKET).any():
            return None
        time, link_type = np.zeros((2, len(at)), np.int64)
        mentioned: list[int] = np.unique(interface).tolist()
        for each in mentioned:
            if each >= len(self._interfaces):
                return None
            rows, known = np.flatnonzero(interface == each), self._interfaces[each]
            times = known.times(high[rows], low[rows])
            if times is None:
                return None
            time[rows], link_type[rows] = times, known.link_type
        return np.stack((at + 28, captured, original, time, link_type))

    def _take_blocks(self, most: int) -> bool:
        """Take so many one by one; whether there may be more."""
        for count, (kind, begin, end) in enumerate(self._blocks.in_window(), 1):
            if kind == BlockType.ENHANCED_PACKET:
                self._packet("IIIII", begin, end)
            elif kind == BlockType.SIMPLE_PACKET:
                self._simple_packet(begin, end)
            elif kind == BlockType.PACKET:
                self._packet("HxxIIII", begin, end)
            elif kind == BlockType.INTERFACE_DESCRIPTION:
                self._interface(begin, end)
            elif kind == BlockType.INTERFACE_STATISTICS:
                self._statistics(begin, end)
            elif kind == BlockType.DECRYPTION_SECRETS and self._secrets is not None:
                self._secrets.add(self._source.start + begin + 8, end - begin - 8)
            elif kind == BlockType.SECTION_HEADER:
                self._begins = self._sections > 0 and self._is_apart(begin, end)
                if not self._section(begin, end) or self._begins:
                    return False
            if count == most:
                return True
        return False

    def look_for_secrets(self) -> None:
        """Hear those that came since the last time, of a file that grows."""
        if self._secrets is not None:
            self._secrets.look_again(self._source.descriptor)

    def _packet(self, layout: str, begin: int, end: int) -> None:
        """An Enhanced Packet Block, or the obsolete Packet Block, which has a drop count beside the interface."""
        header = Struct(self._blocks.order + layout)
        at = begin + header.size
        if at > end:
            self._unusable(begin, Sentence("a packet block without room for its header"))
            return
        interface, high, low, captured, original = header.unpack_from(self._source.data, begin)
        if at + captured > end or interface >= len(self._interfaces):
            self._unusable(begin, Sentence("a packet longer than its block, or on an interface the section has not"))
            return
        known = self._interfaces[int(interface)]
        time = known.nanoseconds(high, low)
        if not 0 <= time <= _LATEST:
            time = self._nearest(begin, time)
        self._records.append((at, captured, original, time, known.link_type))

    def _simple_packet(self, begin: int, end: int) -> None:
        """It has no time and no captured length: that is what the interface's snap length leaves of it (§4.4)."""
        if end - begin < 4 or not self._interfaces:
            self._unusable(begin, Sentence("a simple packet block without a length or an interface"))
            return
        (original,) = Struct(f"{self._blocks.order}I").unpack_from(self._source.data, begin)
        interface = self._interfaces[0]
        captured = min(original, end - begin - 4, interface.snap_length or original)
        self._records.append((begin + 4, captured, original, 0, interface.link_type))

    def _interface(self, begin: int, end: int) -> None:
        order = self._blocks.order
        if end - begin < 8:
            self._unusable(begin, Sentence("an interface description of less than 8 bytes"))
            return
        link_type, snap_length = Struct(f"{order}HxxI").unpack_from(self._source.data, begin)
        numerator, denominator, offset = 1000, 1, 0
        for code, content in options(self._source.data, begin + 8, end, order):
            if code == OptionCode.INTERFACE_TIME_RESOLUTION and len(content) == 1:
                numerator, denominator = _time_unit(content[0])
            elif code == OptionCode.INTERFACE_TIME_OFFSET and len(content) == 8:
                offset = Struct(f"{order}q").unpack(content)[0] * 10**9
        common = gcd(numerator, denominator)
        unit = numerator // common, denominator // common
        self._interfaces.append(_Interface(link_type, snap_length, *unit, offset))

    def report_drops(self) -> None:
        """Called at the end: an interface's statistics may come several times, and the last count is its total."""
        count = sum(self._drops.values())
        if count:
            what = Sentence("the capturing side dropped {count} packets", count=count)
            self._source.findings.add("packets-dropped", Sentence("the capture"), what)

    def _statistics(self, begin: int, end: int) -> None:
        if end - begin < 12:
            self._unusable(begin, Sentence("interface statistics of less than 12 bytes"))
            return
        order = self._blocks.order
        (interface,) = Struct(f"{order}I").unpack_from(self._source.data, begin)
        counted = (OptionCode.STATISTICS_INTERFACE_DROPS, OptionCode.STATISTICS_SYSTEM_DROPS)
        found = options(self._source.data, begin + 12, end, order)
        dropped = [value for code, value in found if code in counted and len(value) == 8]
        if interface < len(self._interfaces):
            count = sum(int(Struct(f"{order}Q").unpack(value)[0]) for value in dropped)
            self._drops[self._sections, interface] = count

    def _section(self, begin: int, end: int) -> bool:
        self._interfaces = []
        self._sections += 1
        version = self._source.data[begin + 4 : begin + 8]
        major: int
        minor: int
        major, minor = Struct(f"{self._blocks.order}HH").unpack(version) if end - begin >= 16 else (0, 0)
        if major != MAJOR_VERSION:
            what = "a section of version {major}.{minor}, expected {expected}.0"
            self._source.damaged(begin, Sentence(what, major=major, minor=minor, expected=MAJOR_VERSION))
        return major == MAJOR_VERSION

    def _is_apart(self, begin: int, end: int) -> bool:
        found = options(self._source.data, begin + 16, end, self._blocks.order)
        return any(code == OptionCode.COMMENT and content == APART.encode() for code, content in found)

    def _nearest(self, at: int, time: int) -> int:
        """The nearest time there is to one that cannot be kept, which is told."""
        if time < 0:
            what = Sentence("a packet's time is before 1970: the first there is stands for it")
        else:
            what = Sentence("a packet's time is after the year 2262: the last there is stands for it")
        self._source.findings.add("time-out-of-range", self._source.place(at), what)
        return 0 if time < 0 else _LATEST

    def _unusable(self, at: int, what: Sentence) -> None:
        self._source.findings.add("block-damaged", self._source.place(at), what)


def _time_unit(resolution: int) -> tuple[int, int]:
    """The option if_tsresol in nanoseconds, as a fraction: 10^-n, or 2^-n when the high bit is set (§4.2)."""
    exponent = resolution & 0x7F
    return 10**9, (2 if resolution & 0x80 else 10) ** exponent
