"""A channel: plaintext on one side, wire bytes on the other, no socket in it.

Plain TCP, our own TLS engine and OpenSSL are three channels; whoever drives one (`net.pump`, a test that shuttles two
of them in memory) cannot tell which.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from transom.errors import PeerError
from transom.value import value
from transom.wire.tap import Buffer


@value
class Established:
    """The channel may carry data. For plain TCP every field is None.

    `version`, `cipher_suite` and `group` are IANA names ("TLSv1.3", "TLS_AES_128_GCM_SHA256", "x25519").
    """

    version: str | None = None
    cipher_suite: str | None = None
    group: str | None = None
    alpn: str | None = None


@value
class Data:
    """Plaintext from the peer. `data` is valid until the channel's next `receive`, or while its `Room` is kept."""

    data: Buffer


@value
class PeerClosed:
    """The peer sends no more. Not `clean` means the end was not announced: the data before it may be cut short."""

    clean: bool


ChannelEvent = Established | Data | PeerClosed

Fill = Callable[[Sequence[memoryview]], None]
"""Puts plaintext into these buffers, in order, each to its end."""


class Channel(Protocol):
    """What every channel does. Errors are `PeerError`s; after one, `take_outgoing` holds the alert to send."""

    def start(self) -> list[ChannelEvent]:
        """Begin: a TLS client puts its ClientHello into the outgoing bytes; plain TCP is established at once."""
        ...

    def wants(self, most: int) -> int:
        """How many bytes to take from the socket next, from 1 to `most`: what ends with a record is not copied."""
        ...

    def receive(self, wire: Buffer) -> list[ChannelEvent]:
        """Bytes from the socket; an empty buffer is the end of the stream.

        Raises PeerError, unless something came whole before what is wrong: that is given, and `failure` has the error.
        """
        ...

    @property
    def failure(self) -> PeerError | None:
        """What ended the channel. After that `send` is not to be called: the alert was the last."""
        ...

    def send(self, plaintext: Buffer) -> None:
        """Plaintext for the peer; allowed once `Established` was seen."""
        ...

    def send_from(self, most: int, fill: Fill) -> int:
        """The same for up to `most` bytes, put by `fill` where they are wanted: a file is read straight there.

        Returns how many it were: as many as this channel sends at a time with the least effort.
        """
        ...

    def close(self) -> None:
        """Say that no more will be sent (close_notify)."""
        ...

    def take_outgoing(self) -> Buffer:
        """The wire bytes to send now; also after a `receive` that raised, since the alert is in them.

        They are the caller's: the channel does not write to that buffer again, unless `outgoing_is_out` is called.
        """
        ...

    def outgoing_is_out(self) -> None:
        """Nothing that `take_outgoing` gave is held by anybody any more: its memory may be used for what comes next."""
        ...

    def ended(self) -> None:
        """Nothing crosses any more: memory that was held for it is let go, except by whoever keeps its `Room`."""
        ...

    @property
    def certificate_missed(self) -> bool:
        """Whether the server asked for a certificate of the client's and was shown none: a refusal may be for that."""
        ...

    @property
    def outgoing_size(self) -> int:
        """How many bytes `take_outgoing` would give: what back-pressure is measured by."""
        ...
