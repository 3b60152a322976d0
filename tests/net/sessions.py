"""Sessions, channels and taps that write down what they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from transom.channel.interface import ChannelEvent, Data, Established, PeerClosed
from transom.channel.plain import PlainChannel
from transom.errors import PeerMisbehaved, TransomError
from transom.net.session import Connection, Timeouts
from transom.wire.tap import Buffer, Ending, Endpoints, Side

QUICK = Timeouts(connect=5, handshake=5, idle=5, linger=5)


class Recorder:
    """A session that keeps everything, and does nothing but what a test adds to it."""

    def __init__(self) -> None:
        self.connection: Connection
        self.received = bytearray()
        self.log: list[str] = []
        self.error: TransomError | None = None
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def opened(self, connection: Connection) -> None:
        self.connection = connection
        self.log.append("opened")

    def established(self, info: Established) -> None:
        self.log.append("established")

    def data(self, data: Buffer) -> None:
        self.received += data

    def writable(self) -> bool:
        return False

    def peer_closed(self, clean: bool) -> None:
        self.log.append("peer closed")

    def lost(self, error: TransomError | None) -> None:
        self.log.append("lost")
        self.error = error
        self.over.set_result(None)

    rests = False

    def stop(self) -> None:
        self.connection.close()


class Reader(Recorder):
    """Closes when the peer does."""

    def peer_closed(self, clean: bool) -> None:
        super().peer_closed(clean)
        self.connection.close()


class Echo(Reader):
    """Sends back what comes."""

    def data(self, data: Buffer) -> None:
        super().data(data)
        self.connection.send(data)


class Sender(Recorder):
    """Sends `pieces` times what `piece` gives, each when there is room, then closes."""

    def __init__(self, piece: Callable[[], Buffer], pieces: int) -> None:
        super().__init__()
        self.piece = piece
        self.left = pieces

    def established(self, info: Established) -> None:
        super().established(info)
        self.connection.wake()

    def writable(self) -> bool:
        self.connection.send(self.piece())
        self.left -= 1
        if not self.left:
            self.connection.close()
        return self.left > 0


class Tapped:
    """A tap that keeps both streams and how each ended."""

    def __init__(self) -> None:
        self.endpoints: Endpoints | None = None
        self.streams = {Side.CLIENT: bytearray(), Side.SERVER: bytearray()}
        self.ends: dict[Side, str] = {}
        self.times: list[int] = []

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        self.endpoints = endpoints
        self.times.append(time)

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        self.streams[side] += data
        self.times.append(time)

    def lost(self, side: Side, count: int, time: int) -> None:
        raise AssertionError("a live connection loses nothing")

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        assert side not in self.ends
        self.ends[side] = how
        self.times.append(time)


class SilentChannel(PlainChannel):
    """A handshake that never ends."""

    def start(self) -> list[ChannelEvent]:
        return []


class RefusingChannel(PlainChannel):
    """Answers the first bytes with an alert."""

    ALERT = b"this is the alert"

    def receive(self, wire: Buffer) -> list[ChannelEvent]:
        if wire:
            self.send(self.ALERT)
            raise PeerMisbehaved("it is not allowed")
        return [PeerClosed(clean=False)]


class HalfGoodChannel(PlainChannel):
    """What comes is good, and then something is wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.failure = None

    def receive(self, wire: Buffer) -> list[ChannelEvent]:
        events = super().receive(wire)
        self.failure = PeerMisbehaved("what came behind it is not allowed")
        super().send(b"alert")
        return events

    def send(self, plaintext: Buffer) -> None:
        assert self.failure is None
        super().send(plaintext)


class ClosingChannel(PlainChannel):
    """Says goodbye in band, as TLS does: `close` sends a dot, and one that comes is the peer's clean end."""

    def close(self) -> None:
        self.send(b".")

    def receive(self, wire: Buffer) -> list[ChannelEvent]:
        text = bytes(wire)
        if not text.endswith(b"."):
            return super().receive(wire)
        return [Data(text[:-1]), PeerClosed(clean=True)]
