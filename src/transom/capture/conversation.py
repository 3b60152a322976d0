"""One TCP conversation as a reader of captures sees it, and what was read in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from transom.value import value
from transom.wire.tap import Side

if TYPE_CHECKING:
    from transom.capture.problems import Problem
    from transom.wire.tap import Endpoints

Opening = Literal["syn", "syn-ack", "payload", "none"]


@dataclass
class Conversation:
    """A conversation, numbered from 0 in order of first packet; the counters grow while the capture is read.

    `opening` tells how the client is known: it sent the SYN, it was sent the SYN/ACK, or it is only a guess, being
    who sent the first payload, or the first packet at all. Times are nanoseconds since the epoch. Bytes are TCP
    payload, each counted once; missing bytes were sent and never captured.
    """

    number: int
    endpoints: Endpoints
    opening: Opening
    start: int
    end: int
    packets: int = 0
    client_bytes: int = 0
    server_bytes: int = 0
    client_missing: int = 0
    server_missing: int = 0
    starts: tuple[int, int] | None = None
    """The sequence numbers of the client's and the server's first byte, once it is over and if its opening was seen."""

    @property
    def missing_bytes(self) -> int:
        """What was lost in both directions."""
        return self.client_missing + self.server_missing

    def count_bytes(self, side: Side, count: int) -> None:
        """`side` sent `count` more bytes, and they were captured."""
        if side is Side.CLIENT:
            self.client_bytes += count
        else:
            self.server_bytes += count

    def count_missing(self, side: Side, count: int) -> None:
        """`side` sent `count` more bytes, and they were not captured."""
        if side is Side.CLIENT:
            self.client_missing += count
        else:
            self.server_missing += count


@value
class CaptureSummary:
    """All that was read: packets of every kind, the names of the link types they had, and what was odd."""

    packets: int
    link_types: tuple[str, ...]
    conversations: tuple[Conversation, ...]
    problems: tuple[Problem, ...]
