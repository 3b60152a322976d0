"""Handshake framing: a type, a three-byte length, a body; across as many records as it takes (RFC 8446 §4, §5.1)."""

from __future__ import annotations

from collections.abc import Iterator

from transom.errors import DecodeError
from transom.tls.iana.handshake_types import HandshakeType
from transom.value import value
from transom.wire.tap import Buffer

_TYPES = HandshakeType.by_number()

HEADER = 4
LONGEST = 2**17
"""What we are willing to hold of one message: a chain of certificates is rarely a tenth of it."""


@value
class Frame:
    """One handshake message as it crossed: `raw` is what the transcript hashes, header included."""

    raw: bytes

    @property
    def type(self) -> HandshakeType:
        return _TYPES.get(self.raw[0]) or HandshakeType(self.raw[0])

    @property
    def body(self) -> bytes:
        return self.raw[HEADER:]

    @classmethod
    def of(cls, kind: HandshakeType, body: bytes) -> Frame:
        """A message to send."""
        return cls(bytes((kind,)) + len(body).to_bytes(3, "big") + body)


class Framer:
    """Joins handshake fragments and cuts them into messages."""

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._held = bytearray()

    def receive(self, fragment: Buffer) -> None:
        """The content of the next handshake record."""
        self._held += fragment

    def frames(self) -> Iterator[Frame]:
        """The messages that are whole by now."""
        while len(self._held) >= HEADER:
            length = int.from_bytes(self._held[1:HEADER], "big")
            if length > self._longest:
                kind = HandshakeType(self._held[0]).message
                raise DecodeError(
                    "a {kind} of {length:,} bytes; we take {most:,}",
                    kind=kind,
                    length=length,
                    most=self._longest,
                    alert="decode_error",
                    rfc="8446 §4",
                )
            if len(self._held) < HEADER + length:
                return
            raw = bytes(self._held[: HEADER + length])
            del self._held[: HEADER + length]
            yield Frame(raw)

    @property
    def held(self) -> int:
        """Bytes of a message that is not whole yet."""
        return len(self._held)
