"""The command's own packets, taken from the interfaces: for programs that take no notice of a proxy.

Nothing stands on the path here. The packets of all of this machine's connections are seen, and those of others let go
of: only what belongs to a socket of the command's processes is told and written.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from transom.capture.conversation import Conversation
from transom.capture.packets import TCP
from transom.capture.problems import Findings
from transom.capture.tcp import Conversations
from transom.capture.write_packets import TakesPackets
from transom.dissect.captured import CapturedTap
from transom.errors import TransomError
from transom.net.packet_socket import LINKTYPE_LINUX_SLL2, Frame, PacketSocket
from transom.run.candidates import Candidates
from transom.run.child import Spawn
from transom.run.datagrams import Datagrams
from transom.run.ended_sockets import OF_TCP, OF_UDP, EndedSockets
from transom.run.environment import environment_for
from transom.run.family import Family
from transom.run.java import ForJava
from transom.run.noticed import Noticed
from transom.run.outward import Asked, PastTunnel
from transom.run.ownership import Ownership
from transom.run.programs import Program
from transom.run.sockets import TcpSockets, UdpSockets
from transom.run.sorting import Batch, Sorting
from transom.run.watch import Missed, Watch
from transom.wire.tap import Endpoint, Tap

_OFTEN = 0.05
"""Seconds between two looks at what waits for something else than packets."""

_A_WHILE = 20
"""So many of those looks are time enough for packets that came out of order."""


class Capturing:
    """From when it is made packets are kept for it; `started` tells whose they are to be."""

    def __init__(self, watch: Watch, environ: Mapping[str, str], key_log: Path, java: ForJava) -> None:
        self._watch = watch
        self._environ = environ
        self._key_log = key_log
        self._java = java
        self._socket = PacketSocket()
        self._noticed = Noticed(self._socket.fileno())
        self._ended, self._ended_udp = _ended_sockets(OF_TCP), _ended_sockets(OF_UDP)
        self._conversations = Conversations(self._tap_for, Findings())
        self._taps: list[CapturedTap] = []
        self._count = 0
        self._programs: dict[frozenset[Endpoint], Program] = {}
        self._logged: frozenset[bytes] = frozenset()
        self._sorted: deque[Batch] = deque()
        self._candidates: Candidates | None = None
        self._sorting: Sorting | None = None
        self._datagrams: Datagrams | None = None
        self._ticking: asyncio.Task[None] | None = None

    def environment(self) -> dict[str, str]:
        """For the command: it goes its own way, and logs its keys."""
        return self._java.environment(environment_for(self._environ, None, self._key_log), self._key_log, None)

    @property
    def spawn(self) -> Spawn:
        """Each of its connections waits until it is noticed."""
        return self._noticed.spawn

    def started(self, command: int) -> None:
        """The command's process."""
        loop = asyncio.get_running_loop()

        def sorted_(batch: Batch) -> None:
            self._sorted.append(batch)
            loop.call_soon_threadsafe(self._tell_all)

        # A process that was adopted by another is known by the name of the log, which no other run has.
        family = Family(command, str(self._key_log))
        ownership = Ownership(family, self._noticed, self._ended)
        self._candidates = Candidates(ownership, lambda random: random in self._logged)
        self._datagrams = Datagrams(Ownership(family, self._noticed, self._ended_udp, UdpSockets))
        self._sorting = Sorting(self._socket, self._candidates, self._datagrams, sorted_)
        self._sorting.start()
        self._ticking = asyncio.create_task(self._tick())

    async def all_over(self, seconds: float) -> None:
        """Wait until the command's connections have ended, for so long at most."""
        began, over_at = time.time_ns(), time.monotonic() + seconds
        while time.monotonic() < over_at and (self._behind(began) or self._has_open()):
            await asyncio.sleep(_OFTEN)

    async def close(self) -> None:
        """Take what is there, and then no more."""
        if self._ticking is not None:
            self._ticking.cancel()
        if self._sorting is not None and self._candidates is not None:
            self._logged = self._watch.logged()
            self._sorting.finish()
            await asyncio.to_thread(self._sorting.join)
            self._tell_all()
            self._conversations.finish()
            for tap in self._taps:
                tap.finish()
            self._watch.missed = self._missed(self._candidates.forgotten)
            self._watch.unread = self._datagrams.unread() if self._datagrams is not None else []
            self._to_trace(lambda trace: trace.dropped(time.time_ns(), self._watch.missed.packets))
        self._noticed.close()
        for ended in (self._ended, self._ended_udp):
            if ended is not None:
                ended.close()
        self._socket.close()

    def _missed(self, connections: int) -> Missed:
        noticed = self._noticed
        unnoticed = None if noticed.complete else noticed.why_not
        return Missed(self._socket.dropped(), connections, unnoticed, noticed.without_privileges)

    def _behind(self, moment: int) -> bool:
        """Whether packets that came before then are still to be told."""
        return bool(self._sorted) or (self._sorting is not None and self._sorting.come_to < moment)

    def _has_open(self) -> bool:
        """Whether there are any but those that were given up before they were answered, of which no packet tells."""
        asked = self._conversations.unanswered()
        if self._conversations.open > len(asked):
            return True
        with closing(TcpSockets()) as sockets:
            return any(sockets.find(ends.client, ends.server) for ends in asked)

    def _tell_all(self) -> None:
        while self._sorted and self._sorting is not None:
            batch = self._sorted.popleft()
            self._tell(batch)
            self._sorting.told(batch)

    def _tell(self, batch: Batch) -> None:
        data = memoryview(batch.packets.window.data)
        packets = batch.packets.only(np.array(batch.rows, np.int64), self._count + 1)
        self._count += len(batch.rows)
        self._programs |= batch.programs
        for segment in packets.segments(TCP):
            self._conversations.receive(segment, data)
        self._write([batch.frames[row] for row in batch.rows])

    def _write(self, frames: Sequence[Frame]) -> None:
        """Behind what is told, which has made room for the secrets before them."""

        def write(trace: TakesPackets) -> None:
            for frame in frames:
                trace.packet(frame.interface, LINKTYPE_LINUX_SLL2, frame.time, frame.original, frame.data)

        self._to_trace(write)

    def _to_trace(self, write: Callable[[TakesPackets], None]) -> None:
        try:
            if self._watch.packets is not None:
                write(self._watch.packets)
        except TransomError as error:
            self._watch.give_up(error)

    def _tap_for(self, conversation: Conversation) -> Tap:
        server = conversation.endpoints.server
        program = self._programs.pop(frozenset((conversation.endpoints.client, server)), None)
        seen = PastTunnel(Asked(server.address, server.port), conversation.start, "packets", program)
        captured = CapturedTap(self._watch.begin(seen), conversation)
        self._taps.append(captured)
        return captured.tap

    async def _tick(self) -> None:
        passed = 0
        while True:
            await asyncio.sleep(_OFTEN)
            self._logged = self._watch.logged()
            self._to_trace(lambda trace: trace.flush())
            passed += 1
            if not passed % _A_WHILE:
                self._conversations.end_window()


def _ended_sockets(groups: int) -> EndedSockets | None:
    try:
        return EndedSockets(groups)
    except OSError:  # then what was connected is looked for while it is
        return None
