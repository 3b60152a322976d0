"""A program of its own, run by every Python there is: senders that reuse their memory, and a slow reader.

From Python 3.12 on asyncio keeps what `transport.write` is given; a pump that handed over a buffer which is used again
would corrupt the stream there, and seem right on 3.11. Exit code 0: every byte arrived as it was sent.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence

from transom.channel.interface import Established, Fill
from transom.channel.plain import PlainChannel
from transom.errors import TransomError
from transom.net.listen import Accepted, Listener
from transom.net.session import Connection, Timeouts
from transom.tls.record.header import MAX_PLAINTEXT
from transom.tls.record.sealing_room import RECORDS, SealingRoom, Wire
from transom.wire.tap import Buffer

PIECE, PIECES = RECORDS * MAX_PLAINTEXT, 64


class Lending(PlainChannel):
    """Sends as a TLS channel does, from a room that is used again; only the cipher is missing."""

    def __init__(self, room: SealingRoom) -> None:
        super().__init__()
        self._room = room
        self._waiting: memoryview | None = None
        self._lent: list[Wire] = []
        self.wires: set[Wire] = set()

    def send_from(self, most: int, fill: Fill) -> int:
        wire = self._room.take_wire()
        for records in wire.rounds(RECORDS):
            fill(self._room.slots)
            for _, content, fragment in records:
                fragment[: len(content)] = content
        self._waiting = wire.first(RECORDS)
        self._lent.append(wire)
        self.wires.add(wire)
        return PIECE

    def take_outgoing(self) -> Buffer:
        taken, self._waiting = self._waiting, None
        return b"" if taken is None else taken

    def outgoing_is_out(self) -> None:
        for wire in self._lent:
            self._room.give_back(wire)
        self._lent.clear()

    @property
    def holds_memory(self) -> bool:
        return bool(self._lent)


class Reuser:
    """Sends pieces of its own number, all from one buffer: those it gives away, and those it is asked to fill."""

    def __init__(self, *, by_filling: bool) -> None:
        self._by_filling = by_filling
        self._buffer = bytearray(PIECE)
        self._sent = 0

    def opened(self, connection: Connection) -> None:
        self._connection = connection

    def established(self, info: Established) -> None:
        self._connection.wake()

    def data(self, data: Buffer) -> None: ...

    def writable(self) -> bool:
        if self._by_filling:
            self._connection.send_from(self, PIECE)
        else:
            self._buffer[:] = bytes([self._sent]) * PIECE
            self._connection.send(memoryview(self._buffer))
        self._sent += 1
        if self._sent == PIECES:
            self._connection.close()
        return self._sent < PIECES

    def fill(self, buffers: Sequence[memoryview]) -> None:
        for buffer in buffers:
            buffer[:] = bytes([self._sent]) * len(buffer)

    def place(self) -> None:
        return None

    def peer_closed(self, clean: bool) -> None: ...

    def lost(self, error: TransomError | None) -> None: ...

    rests = False

    def stop(self) -> None: ...


async def read_slowly(accepted: Accepted, meanwhile: Callable[[], None] = lambda: None) -> bytes:
    """What arrives of what that session sends; `meanwhile` is called when it has to wait."""
    listener = Listener(lambda: accepted, Timeouts(linger=1))
    await listener.start("127.0.0.1", 0)
    endpoint = listener.endpoints[0]
    reader, writer = await asyncio.open_connection(endpoint.address, endpoint.port, limit=64 * 1024)
    await asyncio.sleep(0.2)  # slow: the sender has to wait, with its pieces in asyncio's hands
    meanwhile()
    received = await reader.read()
    writer.close()
    await listener.stop(1)
    return received


async def main() -> int:
    given = await read_slowly(Accepted(PlainChannel(), Reuser(by_filling=False)))
    if given != b"".join(bytes([number]) * PIECE for number in range(PIECES)):
        return 1
    channel = Lending(SealingRoom(b"", b""))
    waited: list[bool] = []
    sender = Accepted(channel, Reuser(by_filling=True))
    filled = await read_slowly(sender, lambda: waited.append(channel.holds_memory))
    records = ((bytes([number]) * MAX_PLAINTEXT + bytes(16)) * RECORDS for number in range(PIECES))
    if filled != b"".join(records):
        return 2
    if waited != [True] or channel.holds_memory:
        return 3
    return 0 if len(channel.wires) == 1 else 4  # it waits, and then is used again


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
