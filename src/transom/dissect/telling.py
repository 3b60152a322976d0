"""What every view of one conversation shares: what is known by now, who is told, and how closely to look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from transom.dissect.exchanges import Exchange
from transom.dissect.facts import Facts
from transom.dissect.handshake_end import HandshakeEnd
from transom.dissect.timeline import Item, Listener, Moment, Problem, Withheld
from transom.errors import Sentence
from transom.tls.keys.keylog import KeyLog
from transom.tls.observed.held import HeldBytes
from transom.trust.store import TrustStore
from transom.value import value
from transom.wire.tap import Buffer, Side

NOT_REACHED = "not-reached"
"""The code of the problem that a server was asked for in vain."""


class BodySink(Protocol):
    """Takes one HTTP body as it passes, transfer coding undone."""

    def write(self, data: Buffer) -> None:
        """The next bytes, valid until this call returns."""
        ...

    def skip(self, count: int) -> None:
        """The next `count` bytes were never seen."""
        ...

    def end(self, *, complete: bool) -> None:
        """The body is over; not `complete` when it was cut or has holes."""
        ...


BodyConsumer = Callable[[Side, Exchange], BodySink | None]
"""Asked at each head whose body may follow: who sends it, and the exchange so far. None: not wanted."""


class DigestJudge(Protocol):
    """Says of one body, which it is told as it passes, whether its digest may be told."""

    def write(self, data: Buffer) -> None:
        """The next bytes, valid until this call returns."""
        ...

    def judge(self, sha256: str) -> Withheld | None:
        """The body is over, and this is its digest in hex. None: it may."""
        ...

    def forget(self) -> None:
        """There is no digest: part of the body is missing."""
        ...


DigestJudges = Callable[[Side, Exchange], DigestJudge | None]
"""Asked as `BodyConsumer` is. None: its digest may be told whatever it is."""

PlaintextListener = Callable[[Side, Buffer], None]
"""Told what sealed records open to, in order; the bytes are valid until it returns."""


@value
class Looking:
    """How closely to look, and who is told more than the timeline holds.

    An empty `keys` is to look without them. `private_keys` open static-RSA handshakes. `store` is what chains are
    compared with; without one they are described and not judged. `hash_bodies` costs as much as the cipher does;
    `judges` say which of these digests may be told, all if there are none.
    With `pass_over_bodies` records are not opened that hold nothing but a body that nobody wants: their lengths count.
    `held` bounds what all the conversations looked at in this way hold together of what is not whole yet.
    """

    keys: KeyLog = field(default_factory=KeyLog)
    private_keys: Sequence[RSAPrivateKey] = ()
    store: TrustStore | None = None
    hash_bodies: bool = False
    judges: DigestJudges | None = None
    pass_over_bodies: bool = False
    bodies: BodyConsumer | None = None
    plaintext: PlaintextListener | None = None
    held: HeldBytes = field(default_factory=HeldBytes)


@dataclass
class Telling:
    """One conversation being told. `streams` counts the HTTP exchanges of all its layers, a tunnel's included."""

    facts: Facts
    listener: Listener
    looking: Looking
    streams: int = 0
    handshake: HandshakeEnd = field(default_factory=HandshakeEnd)

    def tell(self, item: Item) -> None:
        """Tell of something that happened."""
        self.handshake.see(item)
        self.listener(item)

    def problem(self, moment: Moment, side: Side | None, code: str, where: Sentence, what: Sentence) -> None:
        """Tell of something odd."""
        self.tell(Problem(moment, side, code, where, what))


class View(Protocol):
    """One layer's reading of two byte streams. `Moment` is when the bytes given came to be whole."""

    def receive(self, side: Side, data: Buffer, moment: Moment) -> None:
        """The next bytes of `side`'s stream."""
        ...

    def lost(self, side: Side, count: int | None, moment: Moment) -> None:
        """The next `count` bytes were not seen; None: nobody knows how many."""
        ...

    def unwanted(self, side: Side) -> int:
        """How many of the next bytes nobody wants: they may be told by `passed` alone."""
        ...

    def passed(self, side: Side, count: int) -> None:
        """The next `count` bytes are some that nobody wanted."""
        ...

    def ended(self, side: Side, moment: Moment, *, clean: bool) -> None:
        """`side` sends no more; `clean` when nothing better could have announced it. Told once a side."""
        ...

    def pending(self, moment: Moment) -> Iterator[Item]:
        """What is not told before it has ended, as it is now; nothing changes by it."""
        ...
