"""The timeline: what happened in a conversation, in order, as data. Whoever shows anything shows this.

A live transfer and a capture make the same items. Nothing here is text for people: the words are the shower's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from transom.errors import DecodeError, Sentence
from transom.http.messages import Headers
from transom.tls.iana.alerts import AlertDescription, AlertLevel
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.messages.frame import Frame
from transom.tls.sightings import Record
from transom.trust.verdict import Verdict
from transom.value import value
from transom.wire.struct import Struct
from transom.wire.tap import Ending, Endpoints, Side

Structure = type[Struct]
"""A message's declaration."""


@value
class Moment:
    """When, in nanoseconds since the epoch, and in which captured packet (0 for a live transfer)."""

    time: int
    packet: int = 0


@value
class Opened:
    """The conversation begins."""

    moment: Moment
    endpoints: Endpoints


@value
class Message:
    """One TLS message that is not application data.

    `step` is its number in the nine steps (None: it has none). `name` is the RFC's ("ClientHello", "ChangeCipherSpec",
    "Alert", "EncryptedHandshakeMessage" for one that stays shut). `length` is the handshake body without its four-byte
    header, else the record's fragment. `sealed`: the path could not read it. `opened`: we could.
    `proof`, `structure`: see `tls.sightings.HandshakeSeen`. `frame`, `value` and `error` are a handshake message's.
    """

    moment: Moment
    side: Side
    step: int | None
    name: str
    length: int
    sealed: bool
    opened: bool
    records: tuple[Record, ...]
    type: HandshakeType | None = None
    frame: Frame | None = None
    value: Struct | None = None
    structure: Structure | None = None
    error: DecodeError | None = None
    proof: bool | None = None
    alert: tuple[AlertLevel, AlertDescription] | None = None
    fragment: bytes = b""


@value
class ChainJudged:
    """Follows the Certificate message it judges; `verdict` says each step of the chain and the outcome."""

    moment: Moment
    side: Side
    verdict: Verdict


@value
class SealedFromHere:
    """From this side's next record on, the path cannot read (RFC 8446 §7.3, RFC 5246 §7.1)."""

    moment: Moment
    side: Side


@value
class ApplicationData:
    """One run of application-data records from one side: given when the run has ended.

    `wire_bytes` counts record headers and tags, `length` is the plaintext's (None where any of it stays shut).
    `sealed`: the path could not read it, which is so of all but the null suites. `offset` is where the first record
    begins in its side's stream, `end` where the last one ends: more than `wire_bytes` on where bytes were lost.
    """

    moment: Moment
    last: Moment
    side: Side
    records: int
    wire_bytes: int
    length: int | None
    sealed: bool = True
    step: int = 9
    offset: int = 0
    end: int = 0


@value
class HttpRequest:
    """The head of a request. `stream` counts the exchanges of the conversation from 0; `head` is its size in bytes.

    `offset` is where it begins in what its side said in HTTP: in the stream, or in the plaintext of TLS. In HTTP/2
    `stream` is the stream's number, and `side` the server where that promises an answer (RFC 9113 §8.4).
    """

    moment: Moment
    stream: int
    method: str
    target: str
    authority: str | None
    version: str
    headers: Headers
    head: int
    offset: int = 0
    side: Side = Side.CLIENT


@value
class HttpResponse:
    """The head of the answer to request `stream`; informational (1xx) ones come as their own items."""

    moment: Moment
    stream: int
    status: int
    reason: str
    version: str
    headers: Headers
    head: int
    offset: int = 0


WhyWithheld = Literal["masked", "unseen"]


@value
class Withheld:
    """Why a digest is not told: of what it is over a part is `masked`, or it was not looked through for what would be.

    `same` is that of another body if the digests are the same, and says nothing of them.
    """

    why: WhyWithheld
    same: str


@value
class HttpBody:
    """A message has ended, or was cut short (`complete` False): every head is followed by one.

    `length` is what came of the body, with transfer coding undone, 0 for a message without one; `sha256` is over that,
    None where no hash was wanted, there is no body, part of it is missing, or it is `withheld`; `missing` names the
    holes by offset, `[start, end)`; `expected` is the announced length.
    """

    moment: Moment
    side: Side
    stream: int
    length: int
    sha256: str | None
    complete: bool
    expected: int | None
    missing: tuple[tuple[int, int], ...] = ()
    withheld: Withheld | None = None

    @property
    def identity(self) -> str | None:
        """The digest or what stands for it: the same where it is. None where it is not known."""
        return self.withheld.same if self.withheld else self.sha256


@value
class Problem:
    """Anything odd, with a stable code; `what` may hold escaped peer bytes."""

    moment: Moment
    side: Side | None
    code: str
    where: Sentence
    what: Sentence


@value
class Closed:
    """`side` sends no more."""

    moment: Moment
    side: Side
    how: Ending


Item = (
    Opened
    | Message
    | ChainJudged
    | SealedFromHere
    | ApplicationData
    | HttpRequest
    | HttpResponse
    | HttpBody
    | Problem
    | Closed
)

Listener = Callable[[Item], None]
"""Who is told each item as it happens."""
