"""What a connection and the application above it say to each other. Neither is a socket: a test can be either."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from transom.channel.interface import Established
from transom.errors import TransomError
from transom.value import value
from transom.wire.tap import Buffer, Endpoints


@value
class Timeouts:
    """How long each stage of a connection may take, in seconds."""

    connect: float = 30.0
    """Resolving the name and reaching one of its addresses, together."""
    handshake: float = 10.0
    """From the TCP connection to `Established`."""
    idle: float = 60.0
    """The longest time in which not one byte crosses in either direction, where a session has set no deadline."""
    linger: float = 5.0
    """After our last byte: how long the peer may take to close its side."""


class Place(NamedTuple):
    """An offset in an open file; `has_gone` is to be told how many bytes were sent from there."""

    descriptor: int
    offset: int
    has_gone: Callable[[int], None]


class Supply(Protocol):
    """Bytes to send, taken in order. All of its methods raise TransferError when they are not there any more."""

    def fill(self, buffers: Sequence[memoryview]) -> None:
        """Put the next bytes into these, each to its end; never more than there are."""
        ...

    def place(self) -> Place | None:
        """Where the next bytes lie in a file, if they may be sent from there without being read."""
        ...


class Connection(Protocol):
    """What a session may ask of its connection."""

    @property
    def endpoints(self) -> Endpoints: ...

    def send(self, plaintext: Buffer) -> None:
        """Plaintext for the peer. The buffer may be reused once this returns."""
        ...

    def send_from(self, supply: Supply, most: int) -> int:
        """Send some of what comes next of `supply`, up to `most` bytes; how many. Only while `writable` is running.

        None of them while the socket can take no more: `writable` is called again when it can.
        """
        ...

    def wake(self) -> None:
        """Call `writable` whenever there is room, until it says False."""
        ...

    def pause_reading(self) -> None:
        """Take no more from the socket. What the channel has already opened may still come."""
        ...

    def resume_reading(self) -> None: ...

    def close(self) -> None:
        """Nothing more to send: what was sent is delivered, the end announced, the peer's own end awaited."""
        ...

    def set_deadline(self, seconds: float, expired: Callable[[], None]) -> None:
        """Call `expired` once, in `seconds` from now: in place of the deadline before, and of any limit on idling."""
        ...

    def clear_deadline(self) -> None: ...


class Session(Protocol):
    """An application over one connection: called in order, never from two threads.

    Any `TransomError` one of these methods raises ends the connection and comes back through `lost`.
    """

    def opened(self, connection: Connection) -> None:
        """TCP is there; nothing may be sent yet."""
        ...

    def established(self, info: Established) -> None:
        """Data may be sent from now on."""
        ...

    def data(self, data: Buffer) -> None:
        """Plaintext from the peer; the view is valid until this returns."""
        ...

    def writable(self) -> bool:
        """There is room: send the next piece, and say whether there is more."""
        ...

    def peer_closed(self, clean: bool) -> None:
        """The peer sends no more; not `clean` means that it did not say so."""
        ...

    def lost(self, error: TransomError | None) -> None:
        """The connection is over: called once, and last. No error means that `close` came to its end."""
        ...
