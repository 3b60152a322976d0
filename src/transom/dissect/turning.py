"""Who is the client of a conversation whose opening was not captured: who sent the ClientHello or the request.

Until that is clear what comes is held; then it is told with the sides as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from transom.dissect.protocol import recognise
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.handshake_types import HandshakeType
from transom.wire.tap import NEITHER, Buffer, Ending, Endpoints, Side, Tap

MOST_HELD = 64 * 1024
"""Bytes after which the first guess stands: who was seen to send first."""

_HELLO_AT = 5
_ENOUGH = 16


class Turning:
    """A tap before another: it turns the two sides round where the first guess was wrong."""

    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        self._decided = False
        self._turned = False
        self._first = {Side.CLIENT: b"", Side.SERVER: b""}
        self._held: list[Callable[[], None]] = []
        self._held_bytes = 0
        self._closed = NEITHER

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        self._held.append(partial(self._open, endpoints, time, packet))

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        if self._decided:
            self._tap.data(self._really(side), data, time, packet)
            return
        self._held.append(partial(self.data, side, bytes(data), time, packet))
        self._held_bytes += len(data)
        self._first[side] = (self._first[side] + bytes(data[:_ENOUGH]))[:_ENOUGH]
        roles = {side: _role(first) for side, first in self._first.items()}
        if roles[Side.CLIENT] is Side.SERVER or roles[Side.SERVER] is Side.CLIENT:
            self._decide(turned=True)
        elif roles[Side.CLIENT] is Side.CLIENT or roles[Side.SERVER] or self._held_bytes > MOST_HELD:
            self._decide(turned=False)

    def lost(self, side: Side, count: int, time: int) -> None:
        if self._decided:
            self._tap.lost(self._really(side), count, time)
        else:
            self._held.append(partial(self.lost, side, count, time))

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        if self._decided:
            self._tap.closed(self._really(side), time, how, packet)
            return
        self._held.append(partial(self.closed, side, time, how, packet))
        self._closed |= {side}
        if len(self._closed) == len(Side):
            self._decide(turned=False)

    def finish(self) -> None:
        """Nothing more comes: if it is not clear by now, the first guess stands."""
        if not self._decided:
            self._decide(turned=False)

    def _decide(self, *, turned: bool) -> None:
        self._decided, self._turned = True, turned
        held, self._held = self._held, []
        for tell in held:
            tell()

    def _open(self, endpoints: Endpoints, time: int, packet: int) -> None:
        ends = Endpoints(endpoints.server, endpoints.client) if self._turned else endpoints
        self._tap.opened(ends, time, packet)

    def _really(self, side: Side) -> Side:
        return side.peer if self._turned else side


def _role(first: bytes) -> Side | None:
    """Which side a stream that begins like this is; None where that does not show."""
    if recognise(Side.SERVER, first) in ("http", "http2"):
        return Side.SERVER
    spoken = recognise(Side.CLIENT, first)
    if spoken != "tls":
        return None if spoken in (None, "unknown") else Side.CLIENT
    if first[0] != ContentType.handshake or len(first) <= _HELLO_AT:
        return None
    return {HandshakeType.client_hello: Side.CLIENT, HandshakeType.server_hello: Side.SERVER}.get(
        HandshakeType(first[_HELLO_AT])
    )
