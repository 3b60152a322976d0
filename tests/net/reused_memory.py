"""A program of its own, run by every Python there is: a sender that reuses its one buffer, and a slow reader.

From Python 3.12 on asyncio keeps what `transport.write` is given; a pump that handed over a buffer which is used again
would corrupt the stream there, and seem right on 3.11. Exit code 0: every byte arrived as it was sent.
"""

from __future__ import annotations

import asyncio
import sys

from transom.channel.interface import Established
from transom.channel.plain import PlainChannel
from transom.errors import TransomError
from transom.net.listen import Accepted, Listener
from transom.net.session import Connection, Timeouts
from transom.wire.tap import Buffer

PIECE, PIECES = 256 * 1024, 64


class Reuser:
    """Sends pieces of its own number, all from one buffer."""

    def __init__(self) -> None:
        self._buffer = bytearray(PIECE)
        self._sent = 0

    def opened(self, connection: Connection) -> None:
        self._connection = connection

    def established(self, info: Established) -> None:
        self._connection.wake()

    def data(self, data: Buffer) -> None: ...

    def writable(self) -> bool:
        self._buffer[:] = bytes([self._sent]) * PIECE
        self._connection.send(memoryview(self._buffer))
        self._sent += 1
        if self._sent == PIECES:
            self._connection.close()
        return self._sent < PIECES

    def peer_closed(self, clean: bool) -> None: ...

    def lost(self, error: TransomError | None) -> None: ...

    def stop(self) -> None: ...


async def main() -> int:
    listener = Listener(lambda: Accepted(PlainChannel(), Reuser()), Timeouts(linger=1))
    await listener.start("127.0.0.1", 0)
    endpoint = listener.endpoints[0]
    reader, writer = await asyncio.open_connection(endpoint.address, endpoint.port, limit=64 * 1024)
    await asyncio.sleep(0.2)  # slow: the sender has to wait, with its pieces in asyncio's hands
    received = await reader.read()
    writer.close()
    await listener.stop(1)
    return 0 if received == b"".join(bytes([number]) * PIECE for number in range(PIECES)) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
