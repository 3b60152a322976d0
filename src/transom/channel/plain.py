"""Plain TCP as a channel: what goes in comes out."""

from __future__ import annotations

from transom.channel.interface import ChannelEvent, Data, Established, Fill, PeerClosed
from transom.errors import PeerError
from transom.wire.tap import Buffer

SEND_SIZE = 256 * 1024


class PlainChannel:
    """HTTP without TLS. The end of the stream is always `clean=False`: nothing in TCP says that a peer was done."""

    certificate_missed = False
    failure: PeerError | None = None

    def __init__(self) -> None:
        self._outgoing: list[bytes | bytearray] = []
        self.outgoing_size = 0

    def start(self) -> list[ChannelEvent]:
        return [Established()]

    def wants(self, most: int) -> int:
        return most

    def receive(self, wire: Buffer) -> list[ChannelEvent]:
        if not wire:
            return [PeerClosed(clean=False)]
        return [Data(wire)]

    def send(self, plaintext: Buffer) -> None:
        self._append(bytes(plaintext))  # the one copy: the buffer is the sender's to use again

    def send_from(self, most: int, fill: Fill) -> int:
        plaintext = bytearray(min(most, SEND_SIZE))
        fill([memoryview(plaintext)])
        self._append(plaintext)
        return len(plaintext)

    def close(self) -> None:
        """TCP's own FIN is all there is."""

    def take_outgoing(self) -> Buffer:
        outgoing, self._outgoing, self.outgoing_size = self._outgoing, [], 0
        return outgoing[0] if len(outgoing) == 1 else b"".join(outgoing)

    def outgoing_is_out(self) -> None:
        """Every piece has memory of its own."""

    def ended(self) -> None:
        """Nothing is held for what comes."""

    def _append(self, piece: bytes | bytearray) -> None:
        self._outgoing.append(piece)
        self.outgoing_size += len(piece)
