"""The vocabulary of a handshake script: what it asks of the driver, one step at a time."""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum
from typing import TypeVar, cast, overload

from transom.tls.handshake.transcript import Transcript
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.frame import Frame
from transom.tls.messages.grammar import Grammar
from transom.tls.record.traffic_keys import TrafficKeys
from transom.value import value
from transom.wire.struct import Struct

S = TypeVar("S", bound=Struct)
R = TypeVar("R", bound=Struct)
T = TypeVar("T")


class Direction(Enum):
    """Which way keys are for, seen from this side."""

    READ = "read"
    WRITE = "write"


@value
class Expect:
    """The next handshake message must be one of these; the driver answers with a `Received`."""

    state: str
    kinds: tuple[type[Struct], ...]


@value
class Received:
    """A handshake message and its bytes as they crossed."""

    frame: Frame
    value: Struct


@value
class ExpectChangeCipherSpec:
    """TLS 1.2: the next record must be ChangeCipherSpec."""

    state: str


@value
class Send:
    """A handshake message to send."""

    frame: Frame


@value
class SendChangeCipherSpec:
    """The one byte; in TLS 1.3 for middleboxes only (RFC 8446 §D.4)."""


@value
class InstallKeys:
    """From the next record on, one direction is protected by these."""

    direction: Direction
    version: ProtocolVersion
    keys: TrafficKeys


@value
class PassOverEarlyData:
    """The client announced early data, which is not taken: its records are dropped (RFC 8446 §4.2.10)."""


@value
class Agree:
    """How the messages that follow are to be read."""

    grammar: Grammar


@value
class LogSecret:
    """A line for the key log."""

    line: str


Step = (
    Expect | ExpectChangeCipherSpec | Send | SendChangeCipherSpec | InstallKeys | PassOverEarlyData | Agree | LogSecret
)
Script = Generator[Step, "Received | None", T]
"""A script that comes to a `T`. Only `Expect` is answered, with what was received."""


@overload
def expect(transcript: Transcript, state: str, kind: type[S], /) -> Script[S]: ...
@overload
def expect(transcript: Transcript, state: str, kind: type[S], other: type[R], /) -> Script[S | R]: ...
def expect(transcript: Transcript, state: str, /, *kinds: type[Struct]) -> Script[Struct]:
    """Wait in `state` for one of `kinds`; it joins the transcript, exactly as it was received."""
    received = cast(Received, (yield Expect(state, kinds)))
    transcript.add(received.frame)
    return received.value


def send(transcript: Transcript, kind: HandshakeType, message: Struct) -> Script[None]:
    """Send a message; it joins the transcript."""
    frame = Frame.of(kind, message.encode())
    transcript.add(frame)
    yield Send(frame)
