"""A trace: the pcapng file a live transfer leaves behind, with its packets rebuilt and its keys in it.

Addresses, ports, times and payload are what they were. The Ethernet addresses, the sizes of segments and the
acknowledgements are made up: a program that is no root user cannot see them. Wireshark opens the file decrypted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from transom.capture.frames import MAX_SEGMENT, Way
from transom.capture.packets import ACK, FIN, PSH, RST, SYN
from transom.capture.trace_file import TraceFile
from transom.capture.trace_secrets import Promise, TraceSecrets, client_random
from transom.wire.tap import Buffer, Ending, Endpoints, Side

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_COMMENT = (
    "Packets rebuilt from the bytes of each connection: addresses, ports, times and payload are true, "
    "Ethernet addresses, segment sizes and acknowledgements are not. Holds TLS secrets."
)
_ETHERNET = 1
_TO_SERVER = bytes.fromhex("020000000002020000000001")  # locally administered, destination first
_TO_CLIENT = _TO_SERVER[6:] + _TO_SERVER[:6]


class TraceWriter:
    """Writes a trace; one `conversation()` for every TCP connection, one `secret()` for every key-log line.

    The file has mode 0600, since whoever reads it reads the plaintext. Nothing is held back but a write buffer.
    Raises TransferError (exit code 23) if the file cannot be written.
    """

    def __init__(self, path: Path, application: str) -> None:
        """`application` is the name and version that the file's header gives as its writer."""
        self._file = TraceFile(path)
        self._read_meanwhile = False
        self._file.section(application, _COMMENT)
        self._file.interface(_ETHERNET)
        self._secrets = TraceSecrets(self._file)

    def read_meanwhile(self) -> None:
        """Somebody reads the file while it grows: nothing is held back any more that could be read."""
        self._read_meanwhile = True
        self._file.flush()

    def conversation(self) -> TracedConversation:
        """The tap for one more TCP connection."""
        return TracedConversation(self._file, self._secrets, read_meanwhile=self._read_meanwhile)

    def secret(self, line: str) -> None:
        """A key-log line (RFC 9850) without its end; it reaches the file at once, before the packets it opens."""
        self._secrets.add(line)

    def close(self) -> None:
        """Ends the file. Connections that are still open are left open in it."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class TracedConversation:
    """A tap that turns what it is told into packets."""

    def __init__(self, file: TraceFile, secrets: TraceSecrets, *, read_meanwhile: bool = False) -> None:
        self._file = file
        self._read_meanwhile = read_meanwhile
        self._secrets = secrets
        self._ways: dict[Side, Way] = {}
        self._next: dict[Side, int] = {}
        self._ended = self._reset = self._client_spoke = False
        self._promise: Promise | None = None

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:  # noqa: ARG002 -- packets get new numbers
        self._promise = self._secrets.promise()
        self._ways = {
            Side.CLIENT: Way(endpoints.client, endpoints.server, _TO_SERVER),
            Side.SERVER: Way(endpoints.server, endpoints.client, _TO_CLIENT),
        }
        # The clock of RFC 9293 §3.4.1, a tick in 4 µs: an address and port used again begin somewhere else.
        initial = time // 4000 % 2**32
        self._next = {Side.CLIENT: initial, Side.SERVER: initial + 2**31}
        self._send(Side.CLIENT, SYN, time)
        self._send(Side.SERVER, SYN | ACK, time)
        self._send(Side.CLIENT, ACK, time)

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:  # noqa: ARG002 (a tap's signature)
        if side is Side.CLIENT and not self._client_spoke:
            self._client_spoke = True
            self._name_secrets(data)
        rest = memoryview(data)
        while rest:
            segment, rest = rest[:MAX_SEGMENT], rest[MAX_SEGMENT:]
            self._send(side, ACK if rest else PSH | ACK, time, segment)
        self._send(side.peer, ACK, time)
        if self._read_meanwhile:
            self._file.flush()

    def lost(self, side: Side, count: int, time: int) -> None:  # noqa: ARG002 -- nothing is written for what is not there
        self._next[side] += count

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:  # noqa: ARG002 (a tap's signature)
        if self._reset:
            return
        if how != "fin" or self._ended:
            self._release()
        self._ended = True
        if how != "fin":
            self._reset = True
            self._send(side, RST | ACK, time)
        else:
            self._send(side, FIN | ACK, time)
            self._send(side.peer, ACK, time)
        self._file.flush()

    def _name_secrets(self, hello: Buffer) -> None:
        """By the random of a ClientHello, if that is how the client begins."""
        random = client_random(hello)
        if self._promise is not None and random is not None:
            self._secrets.expect(self._promise, random)

    def _release(self) -> None:
        """No more secrets are waited for."""
        if self._promise is not None:
            self._secrets.release(self._promise)

    def _send(self, side: Side, flags: int, time: int, payload: Buffer = b"") -> None:
        """Writes one packet; SYN and FIN take a sequence number each (RFC 9293 §3.4)."""
        acknowledgement = self._next[side.peer] if flags & ACK else 0
        header = self._ways[side].header(self._next[side], acknowledgement, flags, payload)
        self._next[side] += len(payload) + bool(flags & (SYN | FIN))
        self._file.packet(0, time, len(header) + len(payload), header, payload)
