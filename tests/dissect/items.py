"""Timeline items made by hand from encoded structures: what the observer makes of the same bytes."""

from __future__ import annotations

from transom.dissect.timeline import Message, Moment
from transom.tls.iana.alerts import AlertDescription, AlertLevel
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.frame import Frame
from transom.tls.sightings import Record
from transom.wire.struct import Struct
from transom.wire.tap import Side

MILLISECOND = 1_000_000
EPOCH = 1_780_315_200 * 10**9
"""When the transfers of these tests begin: 1 June 2026, noon (UTC)."""


def at(milliseconds: float) -> Moment:
    """So long after `EPOCH`."""
    return Moment(EPOCH + round(milliseconds * MILLISECOND))


def handshake(
    kind: HandshakeType,
    value: Struct,
    *,
    side: Side = Side.SERVER,
    moment: Moment | None = None,
    step: int | None = None,
    sealed: bool = False,
    proof: bool | None = None,
    version: ProtocolVersion = ProtocolVersion.TLSv1_2,
    offset: int = 0,
) -> Message:
    """A handshake message alone in its record."""
    frame = Frame.of(kind, value.encode())
    outer, inner = ContentType.handshake, None
    length = len(frame.raw)
    if sealed:
        # An AES-GCM tag, the inner content type.
        outer, inner, length = ContentType.application_data, ContentType.handshake, length + 17
    record = Record(offset, outer, version, length, sealed, inner)
    return Message(
        moment=moment or at(0),
        side=side,
        step=step,
        name=kind.message,
        length=len(frame.body),
        sealed=sealed,
        opened=True,
        records=(record,),
        type=kind,
        frame=frame,
        value=value,
        structure=type(value),
        proof=proof,
    )


def shut(side: Side, length: int, moment: Moment | None = None) -> Message:
    """A handshake record that stays shut."""
    record = Record(0, ContentType.handshake, ProtocolVersion.TLSv1_2, length, sealed=True)
    return Message(moment or at(0), side, None, "EncryptedHandshakeMessage", length, True, False, (record,))


def change_cipher_spec(side: Side, moment: Moment | None = None) -> Message:
    record = Record(0, ContentType.change_cipher_spec, ProtocolVersion.TLSv1_2, 1, sealed=False)
    return Message(
        moment or at(0), side, 7, "ChangeCipherSpec", 1, sealed=False, opened=True, records=(record,), fragment=b"\x01"
    )


def alert(side: Side, level: AlertLevel, description: AlertDescription, moment: Moment | None = None) -> Message:
    record = Record(0, ContentType.alert, ProtocolVersion.TLSv1_2, 2, sealed=False)
    return Message(
        moment or at(0),
        side,
        None,
        "Alert",
        2,
        sealed=False,
        opened=True,
        records=(record,),
        alert=(level, description),
        fragment=bytes((level, description)),
    )
