"""One side's bytes put in order: what came twice is dropped, what came early is held, what never came is named.

A capture is not what the receiver saw. Packets were lost by the capturing machine that the receiver got, and on a
machine with several processors they stand in the file in an order in which they never crossed: an acknowledgement
may well come before its data. So a gap that the receiver has acknowledged is not given up at once, but when a good
deal of later data is held, and for the rest at the end of the conversation.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from transom.capture.connections import SEQUENCE_MODULUS

if TYPE_CHECKING:
    from transom.wire.tap import Buffer

HOLD_ACKNOWLEDGED = 2**20
"""Bytes held behind a gap that the receiver has acknowledged, before it is given up."""

_HALF = SEQUENCE_MODULUS // 2
_FARTHEST = 2**30  # the largest window of RFC 7323 §2.2: nothing in order is further ahead than this
_OVERHEAD = 200  # what a held segment costs beside its bytes, so that tiny ones count for what they take

How = Literal["fin", "reset"]


class Receiver(Protocol):
    """Told what becomes of one side's stream, in its order."""

    def data(self, data: Buffer, time: int, packet: int) -> None: ...

    def lost(self, count: int, time: int) -> None: ...

    def closed(self, time: int, how: How, packet: int) -> None: ...

    def strayed(self, packet: int) -> None:
        """A segment too far from where the stream stands to be a part of it."""
        ...


class _Held(NamedTuple):
    position: int
    packet: int
    time: int
    data: bytes


class _Ending(NamedTuple):
    position: int
    packet: int
    time: int
    how: How


class Holding:
    """Bounds the bytes all streams hold together: past `limit`, whoever has held longest gives up its first gap."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._streams: dict[Stream, None] = {}  # in the order in which they began to hold

    def grew(self, stream: Stream, size: int) -> None:
        self._streams.setdefault(stream)
        self._size += size
        while self._size > self._limit:
            next(iter(self._streams)).give_up_gap()

    def shrank(self, stream: Stream, size: int) -> None:
        self._size -= size
        if not stream.held_size:
            del self._streams[stream]


class Stream:
    """Positions are sequence numbers that do not wrap: the first byte's number, and counting on from there."""

    def __init__(self, start: int, receiver: Receiver, holding: Holding) -> None:
        self.held_size = 0
        self.closed = False
        self._receiver = receiver
        self._holding = holding
        self._next = start
        self._sent = start  # beyond the last byte known to have been sent, captured or not
        self._acknowledged = start
        self._held: list[_Held] = []
        self._ending: _Ending | None = None
        self._clock = 0

    @property
    def settled(self) -> bool:
        """Whether nothing more can be told of it, whatever comes: all before its FIN is told, and nothing is held."""
        return self.closed and not self._held and self._ending is not None and self._ending.how == "fin"

    def segment(self, sequence: int, length: int, data: memoryview, time: int, packet: int) -> None:
        """A segment of `length` bytes, of which `data` was captured."""
        position = self._position(sequence)
        if self.closed:
            return
        if not -_FARTHEST < position - self._next < _FARTHEST:
            self._receiver.strayed(packet)
            return
        self._sent = max(self._sent, position + length)
        if position > self._next:
            self._hold(_Held(position, packet, time, bytes(data)))
        else:
            self._deliver(position, data, time, packet)
            if self._held or self._ending:
                self._release()

    def acknowledged(self, number: int) -> None:
        """The other side has received everything before this sequence number."""
        position = self._position(number)
        if self._acknowledged < position < self._next + _FARTHEST:
            self._acknowledged = position

    def ends(self, sequence: int, time: int, packet: int, how: How) -> None:
        """A FIN stands at this sequence number; a reset ends the stream after all that was sent."""
        if self._ending is None:
            position = self._sent if how == "reset" else self._position(sequence)
            self._ending = _Ending(max(position, self._next), packet, time, how)
            self._release()

    def give_up_gap(self) -> None:
        """The bytes before the first held segment will not come any more."""
        self._lose(self._held[0].position, self._held[0].time)
        self._release()

    def finish(self) -> None:
        """Nothing comes any more: every gap is lost, and so is what was acknowledged beyond the last segment."""
        while self._held:
            self.give_up_gap()
        end = max(self._sent, self._acknowledged)
        if self._ending is not None and self._ending.how == "fin":
            end = min(end, self._ending.position)
        elif end == self._sent + 1:
            end = self._sent  # an acknowledged FIN that was not captured, far likelier than a single byte
        if end > self._next:
            self._lose(end, self._clock)
        self._close()

    def _position(self, sequence: int) -> int:
        """The position nearest to where the stream stands that has this sequence number."""
        return self._next + (sequence - self._next + _HALF) % SEQUENCE_MODULUS - _HALF

    def _hold(self, segment: _Held) -> None:
        if not segment.data:
            return
        size = len(segment.data) + _OVERHEAD
        heapq.heappush(self._held, segment)
        self.held_size += size
        self._holding.grew(self, size)
        while self.held_size > HOLD_ACKNOWLEDGED and self._acknowledged >= self._held[0].position:
            self.give_up_gap()

    def _release(self) -> None:
        """Delivers what is held as far as there is no gap."""
        while self._held and self._held[0].position <= self._next:
            segment = heapq.heappop(self._held)
            size = len(segment.data) + _OVERHEAD
            self.held_size -= size
            self._holding.shrank(self, size)
            self._deliver(segment.position, memoryview(segment.data), segment.time, segment.packet)
        if self._ending is not None and self._next >= self._ending.position:
            self._close()

    def _deliver(self, position: int, data: memoryview, time: int, packet: int) -> None:
        fresh = data[self._next - position :]
        if not fresh:
            return
        # Bytes that had to wait are the receiver's only now: times never run backwards within a stream.
        self._clock = max(self._clock, time)
        self._next += len(fresh)
        self._receiver.data(fresh, self._clock, packet)

    def _lose(self, position: int, time: int) -> None:
        self._clock = max(self._clock, time)
        self._receiver.lost(position - self._next, self._clock)
        self._next = position

    def _close(self) -> None:
        if self._ending is None or self.closed:
            return
        self.closed = True
        self._clock = max(self._clock, self._ending.time)
        self._receiver.closed(self._clock, self._ending.how, self._ending.packet)
