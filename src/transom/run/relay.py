"""Two sockets joined: what one side sends goes to the other unchanged, at the pace of the slower one.

A direction reads only when all that it has read is on its way: a receiver that is slow holds the sender up by TCP's own
window, as if nobody stood between. An end of stream is passed on as one, a reset as a reset. Whoever looks on is told
after the bytes have gone on.

Where bytes come faster than they are moved, each move costs more than its bytes: who is woken for every record takes
the time that sender and receiver need. So bulk is left to gather for a millisecond
([decision 16](../../../docs/decisions/0016-the-tunnel-copies-and-lets-bulk-gather.md)).
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from contextlib import suppress

from transom.wire.tap import Side, Tap, wants_of

BUFFER = 1024 * 1024
"""Bytes that are read at once: what a fast sender has sent in a millisecond."""

_BULK = 32 * 1024
"""Bytes in one turn from which on it is bulk, and waits for more to come."""

_GATHERING = 0.001
"""Seconds that it waits. A loop has no shorter ones."""

_TURN = 4
"""How often it is read before others have their turn: while bulk is there, the loop need not be asked for it."""

_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER on, no seconds: close with a reset


class Relay:
    """A joined pair, until both directions have ended. It owns both sockets, and `close` closes them.

    `buffer` may be shared by all the relays of a loop: nothing stays in it between two calls.
    """

    def __init__(self, client: socket.socket, server: socket.socket, buffer: memoryview, tap: Tap) -> None:
        self._tap = tap
        self._sockets = {Side.CLIENT: client, Side.SERVER: server}
        self._ways = {
            Side.CLIENT: _Way(Side.CLIENT, client, server, buffer, self),
            Side.SERVER: _Way(Side.SERVER, server, client, buffer, self),
        }
        self.wants = wants_of(tap)
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self, first: bytes = b"") -> None:
        """Begin; `first` came from the client already."""
        if first:
            self._ways[Side.CLIENT].take(first)
        for way in self._ways.values():
            way.start()

    def client_is_over(self) -> bool:
        """Whether the client has said all that it will, and that has gone on."""
        return self._ways[Side.CLIENT].over

    def heard(self, side: Side, data: memoryview | bytes) -> None:
        """Some bytes of `side` have gone on."""
        self._tap.data(side, data, time.time_ns())

    def ended(self, side: Side) -> None:
        """One direction is over."""
        self._tap.closed(side, time.time_ns())
        if all(way.over for way in self._ways.values()):
            self._finish()

    def broke(self, side: Side) -> None:
        """The connection of `side` was reset: so is the other."""
        if self.done.done():
            return
        self._tap.closed(side, time.time_ns(), "reset")
        with suppress(OSError):
            self._sockets[side.peer].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._finish()

    def close(self) -> None:
        """Drop it, whatever is still to come."""
        if not self.done.done():
            for side, way in self._ways.items():
                if not way.over:
                    self._tap.closed(side, time.time_ns(), "reset")
                    break
            self._finish()

    def _finish(self) -> None:
        for way in self._ways.values():
            way.stop()
        for one in self._sockets.values():
            one.close()
        self.done.set_result(None)


class _Way:
    """One direction."""

    def __init__(
        self, side: Side, source: socket.socket, target: socket.socket, buffer: memoryview, relay: Relay
    ) -> None:
        self._side = side
        self._source = source
        self._target = target
        self._buffer = buffer
        self._relay = relay
        self._loop = asyncio.get_running_loop()
        self._rest = memoryview(b"")
        self._gathering: asyncio.TimerHandle | None = None
        self.over = False

    def start(self) -> None:
        """Read, unless something waits to be sent on first."""
        if not self._rest and not self.over:
            self._loop.add_reader(self._source, self._read)

    def stop(self) -> None:
        """Neither read nor write any more."""
        if self._gathering is not None:
            self._gathering.cancel()
        self._loop.remove_reader(self._source)
        self._loop.remove_writer(self._target)

    def take(self, data: memoryview | bytes) -> bool:
        """Send it on; whether all of it has gone and more may be read. If not, that is seen to."""
        view = memoryview(data)
        sent = self._send(view)
        if sent is None:
            return False
        self._relay.heard(self._side, data)
        if sent == len(view):
            return True
        self._rest = memoryview(bytes(view[sent:]))
        self._loop.remove_reader(self._source)
        self._loop.add_writer(self._target, self._write)
        return False

    def _read(self) -> None:
        came = 0
        for _ in range(_TURN):
            wanted = self._relay.wants(self._side, len(self._buffer))
            try:
                count = self._source.recv_into(self._buffer, wanted)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                self._relay.broke(self._side)
                return
            if not count:
                self._end()
                return
            if not self.take(self._buffer[:count]):
                return
            came += count
            if count < wanted:  # that was all that there was
                break
        else:
            return
        if came >= _BULK:
            self._gather()

    def _gather(self) -> None:
        self._loop.remove_reader(self._source)
        self._gathering = self._loop.call_later(_GATHERING, self.start)

    def _end(self) -> None:
        self.over = True
        self._loop.remove_reader(self._source)
        with suppress(OSError):  # it has gone, which its own direction tells
            self._target.shutdown(socket.SHUT_WR)
        self._relay.ended(self._side)

    def _write(self) -> None:
        sent = self._send(self._rest)
        if sent is None:
            return
        self._rest = self._rest[sent:]
        if not self._rest:
            self._loop.remove_writer(self._target)
            self.start()

    def _send(self, data: memoryview) -> int | None:
        """How many bytes went; None when the target takes no more for good."""
        try:
            return self._target.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self._relay.broke(self._side.peer)
            return None
