"""Who may look on: the two sides of a conversation, and the tap that is told every byte of it in order.

A live connection and a capture file speak to the same `Tap`, so whoever listens (the observer, the trace writer)
cannot tell a transfer that is happening from one that happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Literal, Protocol, runtime_checkable

from transom.value import value

Buffer = bytes | bytearray | memoryview
"""Anything with bytes in it. A memoryview given to a callee is valid until that call returns, unless it says more."""


class Side(Enum):
    """Which end of a conversation: the client is who sent the SYN, else the ClientHello or the request."""

    CLIENT = "client"
    SERVER = "server"

    __hash__ = object.__hash__  # there is one of each; Enum hashes the name, in Python, at every look into a dict

    @property
    def peer(self) -> Side:
        """The other end."""
        return Side.SERVER if self is Side.CLIENT else Side.CLIENT


NEITHER: frozenset[Side] = frozenset()
"""The sides of which something is so, while it is of none: there is one such set, and in a capture many beginnings."""


@value
class Endpoint:
    """An IP address and a TCP or UDP port; as text `ip:port`, or `[ip6]:port`."""

    address: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


@value
class Endpoints:
    """The two ends of one conversation."""

    client: Endpoint
    server: Endpoint


Ending = Literal["fin", "reset", "refused", "unanswered"]
"""How a side came to send no more. The last two are the server's alone, whom the client's SYN did not reach: it was
answered with a reset, or by the time nothing more comes not at all."""


class Tap(Protocol):
    """Told everything that crosses one conversation, each side's bytes in stream order.

    Times are nanoseconds since the epoch. `packet` is the number of the captured packet that completed these bytes
    (from 1, as Wireshark counts), or 0 for a live transfer.
    """

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        """The conversation begins: the SYN was seen, or the first bytes."""
        ...

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        """`side` sent these bytes, the next of its stream."""
        ...

    def lost(self, side: Side, count: int, time: int) -> None:
        """The next `count` bytes of this side's stream were never captured."""
        ...

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        """`side` sends no more."""
        ...


class Finishing(Tap, Protocol):
    """A tap that wants to know when nothing more comes."""

    def finish(self) -> None:
        """Nothing more comes."""
        ...


Wants = Callable[[Side, int], int]
"""How many of a side's next bytes are best told at once: from 1 to this many."""


@runtime_checkable
class Choosy(Tap, Protocol):
    """A tap that is told in some amounts with less work than in others. Any amount will do."""

    def wants(self, side: Side, most: int) -> int:
        """How many of this side's next bytes are best told at once: from 1 to `most`."""
        ...


def wants_of(tap: Tap) -> Wants:
    """What it wants: as much as may be if it has no wish."""
    return tap.wants if isinstance(tap, Choosy) else _all


def _all(_side: Side, most: int) -> int:
    return most


class Taps:
    """Several taps as one: each is told everything, in the order they were given."""

    def __init__(self, taps: Iterable[Tap]) -> None:
        self._taps = tuple(taps)

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:
        for tap in self._taps:
            tap.opened(endpoints, time, packet)

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:
        for tap in self._taps:
            tap.data(side, data, time, packet)

    def lost(self, side: Side, count: int, time: int) -> None:
        for tap in self._taps:
            tap.lost(side, count, time)

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:
        for tap in self._taps:
            tap.closed(side, time, how, packet)
