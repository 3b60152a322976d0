"""What the observer sees of a TLS conversation, each thing with the records that carried it."""

from __future__ import annotations

from transom.errors import DecodeError, Sentence
from transom.tls.iana.alerts import AlertDescription, AlertLevel
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.frame import Frame
from transom.value import value
from transom.wire.struct import Struct
from transom.wire.tap import Buffer, Side


@value
class Record:
    """One record's header and place: `offset` is that of the header in its side's stream, `length` the fragment's.

    `sealed` says that the path could not read the fragment; `content_type` is the outer one, `inner_type` what it
    turned out to be (None where it was not opened).
    """

    offset: int
    content_type: ContentType
    version: ProtocolVersion
    length: int
    sealed: bool
    inner_type: ContentType | None = None


@value
class HandshakeSeen:
    """A handshake message that could be read. `value` is None, and `error` says why, if it does not parse.

    `structure` is the declaration it should follow (None: this engine has none for it here).

    `proof` is the outcome of what this message proves, recomputed here: the signature of ServerKeyExchange and
    CertificateVerify, the MAC of Finished. None: it proves nothing, or what is needed to check it is not known.
    """

    side: Side
    records: tuple[Record, ...]
    frame: Frame
    value: Struct | None
    structure: type[Struct] | None = None
    error: DecodeError | None = None
    proof: bool | None = None

    @property
    def sealed(self) -> bool:
        return self.records[0].sealed


@value
class SealedHandshakeSeen:
    """A handshake record that stays shut: Wireshark's "Encrypted Handshake Message"."""

    side: Side
    record: Record


@value
class ChangeCipherSpecSeen:
    """One byte, 1."""

    side: Side
    record: Record
    fragment: bytes


@value
class AlertSeen:
    """An alert; level and description are None where it stays shut."""

    side: Side
    record: Record
    level: AlertLevel | None
    description: AlertDescription | None


@value
class ApplicationDataSeen:
    """A run of application-data records that arrived together, the first of them given.

    `wire_bytes` counts headers and tags; `plaintext` is None where they stay shut and valid until the next call.
    `passed` is how much of it there is by their lengths where nobody wanted it, and they were not opened for that.
    """

    side: Side
    first: Record
    records: int
    wire_bytes: int
    plaintext: Buffer | None
    passed: int | None = None


@value
class TroubleSeen:
    """Something odd, with a stable code. The observer goes on behind it where it can."""

    side: Side
    code: str
    where: Sentence
    what: Sentence


Sighting = HandshakeSeen | SealedHandshakeSeen | ChangeCipherSpecSeen | AlertSeen | ApplicationDataSeen | TroubleSeen
