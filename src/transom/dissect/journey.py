"""What a story is told from: one crossing of the file, as two observers saw it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from transom.dissect.facts import Facts
from transom.dissect.leaks import Eavesdropper, Leaks
from transom.dissect.session import Session
from transom.dissect.timeline import ApplicationData, ChainJudged, HttpBody, Item, Message, WhyWithheld
from transom.value import value
from transom.wire.tap import Side

Kind = Literal["http", "ecdhe", "rsa", "tls13"]


@value
class Carried:
    """The file that crosses: its name, its size in bytes, its SHA-256 in hex.

    Where `withheld` says why that is not told, `sha256` is what stands for it: to be compared, never to be told.
    """

    name: str
    size: int
    sha256: str
    withheld: WhyWithheld | None = None


@value
class Seen:
    """What one observer made of the bytes."""

    items: tuple[Item, ...]
    facts: Facts


@value
class Journey:
    """One crossing. `duration` is in nanoseconds; `arrived_sha256` is as `Carried` has it, of the file that the client
    wrote.

    `opened_by_private_key`: whether an observer given the recorded bytes and, afterwards, the server's private key
    could read the file; None where nothing was sealed.
    """

    kind: Kind
    with_keys: Seen
    without_keys: Seen
    duration: int
    arrived_sha256: str
    opened_by_private_key: bool | None = None

    @cached_property
    def session(self) -> Session:
        return Session.of(self.with_keys.items)

    @cached_property
    def leaks(self) -> Leaks:
        """What the third party knows: the sum of the observer that had no keys."""
        eavesdropper = Eavesdropper()
        for item in self.without_keys.items:
            eavesdropper.take(item)
        return eavesdropper.leaks(self.without_keys.facts)

    @property
    def wire_bytes(self) -> int:
        """TCP payload in both directions."""
        return sum(self.with_keys.facts.wire_bytes.values())

    @property
    def messages(self) -> Iterator[Message]:
        """The messages of the handshake; what closes the connection is no part of the story."""
        return (item for item in self.with_keys.items if isinstance(item, Message) and item.alert is None)

    @property
    def chain(self) -> ChainJudged | None:
        return next((item for item in self.with_keys.items if isinstance(item, ChainJudged)), None)

    @property
    def data(self) -> list[ApplicationData]:
        """The runs of application data, both directions."""
        return [item for item in self.with_keys.items if isinstance(item, ApplicationData)]

    @property
    def taken(self) -> HttpBody | None:
        """The body that the third party holds, if it could put one together."""
        bodies = (item for item in self.without_keys.items if isinstance(item, HttpBody))
        return next((body for body in bodies if body.side is Side.SERVER and body.complete), None)
