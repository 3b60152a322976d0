"""The packets of all, sorted: the command's are handed on, those of others forgotten.

In a thread of its own, so that the owner of a connection is looked for while there is one, whatever else is being done.
"""

from __future__ import annotations

import select
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from transom.capture.packets import TCP, UDP, Packets, Segment, parse_packets
from transom.capture.problems import Findings
from transom.capture.window import PacketRecord, Window, columns_of
from transom.net.packet_socket import LINKTYPE_LINUX_SLL2, Frame, PacketSocket
from transom.run.candidates import Candidates
from transom.run.datagrams import Datagrams
from transom.run.programs import Program
from transom.value import value
from transom.wire.tap import Endpoint

MOST_WAITING = 2**28
"""Bytes of the command's packets that wait to be told, before no more are taken."""

_AT_ONCE = 2**20
"""Bytes that are taken at a time."""

_OFTEN = 0.05
"""Seconds between two looks for owners where no packets come."""

_TURN = 0.0002
"""Seconds that another thread may go on once a packet is there: with Python's 5 ms for each the owner is long gone."""


@value
class Batch:
    """Frames that came together, taken apart: the packet with the number n is the frame before place n.

    `rows` are the places of the command's; `programs` what has the connections that begin with it, by their two ends.
    """

    frames: Sequence[Frame]
    packets: Packets
    rows: Sequence[int]
    programs: Mapping[frozenset[Endpoint], Program]

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.packets.window.data)


class Sorting:
    """Goes on from `start` to `finish`. Each batch that has any of the command's packets is handed to `sorted_`."""

    def __init__(
        self, source: PacketSocket, candidates: Candidates, datagrams: Datagrams, sorted_: Callable[[Batch], None]
    ) -> None:
        self.come_to = 0
        """All that came before this time is sorted: nanoseconds since the epoch."""
        self._source = source
        self._candidates = candidates
        self._datagrams = datagrams
        self._sorted = sorted_
        self._waiting = 0
        self._room = threading.Condition()
        self._until: int | None = None
        self._programs: dict[frozenset[Endpoint], Program] = {}
        """Of connections that were decided, and of which nothing was handed on yet."""
        self._switch_interval = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._switch_interval = sys.getswitchinterval()
        sys.setswitchinterval(_TURN)
        self._thread.start()

    def told(self, batch: Batch) -> None:
        """It waits no more."""
        with self._room:
            self._waiting -= batch.size
            self._room.notify()

    def finish(self) -> None:
        """Sort what has come by now, and no more: others may go on for ever. To be joined."""
        with self._room:
            self._until = time.time_ns()
            self._room.notify()

    def join(self) -> None:
        self._thread.join()
        sys.setswitchinterval(self._switch_interval)

    def _run(self) -> None:
        self._candidates.prepare()
        poll = select.poll()
        poll.register(self._source.fileno(), select.POLLIN)
        while self._until is None or self.come_to < self._until:
            poll.poll(0 if self._until is not None else int(_OFTEN * 1000))
            now = time.time_ns()
            frames = self._source.read(_AT_ONCE)
            if frames:
                self._sort(frames)
            else:
                self._decide()
            self.come_to = frames[-1].time if frames else now
        self._decide(at_last=True)

    def _sort(self, frames: Sequence[Frame]) -> None:
        packets = _taken_apart(frames)
        data = memoryview(packets.window.data)
        segments = list(packets.segments(TCP))
        owners = [self._candidates.of(segment, frames[segment.number - 1].index) for segment in segments]
        self._decide()
        datagrams = list(packets.segments(UDP))
        if datagrams:
            self._datagrams.take(datagrams, data, lambda datagram: frames[datagram.number - 1].index)
        ours: list[int] = []
        for segment, owner in zip(segments, owners, strict=True):
            if owner.whose == "ours":
                ours.append(segment.number - 1)
            elif owner.whose == "nobody's":
                owner.hold(frames[segment.number - 1], _payload(segment, data))
        if ours:
            self._hand_on(frames, packets, ours)

    def _decide(self, *, at_last: bool = False) -> None:
        self._datagrams.decide()
        for decided in self._candidates.decide(at_last=at_last):
            if decided.program is not None:
                self._programs[decided.between] = decided.program
            if held := decided.held:
                self._hand_on(held, _taken_apart(held), range(len(held)))

    def _hand_on(self, frames: Sequence[Frame], packets: Packets, rows: Sequence[int]) -> None:
        programs, self._programs = self._programs, {}
        batch = Batch(frames, packets, rows, programs)
        with self._room:
            self._room.wait_for(lambda: self._waiting < MOST_WAITING or self._until is not None)
            self._waiting += batch.size
        self._sorted(batch)


def _taken_apart(frames: Sequence[Frame]) -> Packets:
    records: list[PacketRecord] = []
    at = 0
    for frame in frames:
        records.append((at, len(frame.data), frame.original, frame.time, LINKTYPE_LINUX_SLL2))
        at += len(frame.data)
    window = Window.of(b"".join(frame.data for frame in frames), 1, columns_of(records))
    # What is odd about packets of others is nobody's business; of the command's, whoever is told of them says it.
    return parse_packets(window, Findings())


def _payload(segment: Segment, data: memoryview) -> memoryview:
    return data[segment.start : segment.start + segment.captured]
