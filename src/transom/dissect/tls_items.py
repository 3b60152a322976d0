"""From what the TLS observer sights to the items of the timeline."""

from __future__ import annotations

from transom.dissect.steps import CHANGE_CIPHER_SPEC, handshake_step
from transom.dissect.timeline import Message, Moment
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.hello import ServerHello
from transom.tls.sightings import AlertSeen, ChangeCipherSpecSeen, HandshakeSeen, SealedHandshakeSeen


def handshake(seen: HandshakeSeen, moment: Moment, version: ProtocolVersion | None) -> Message:
    """A handshake message that could be read; `version` is the one agreed on by now."""
    kind = seen.frame.type
    # By type it is a ServerHello. It chooses nothing for good, so it is not step 2 (RFC 8446 §4.1.4).
    retry = isinstance(seen.value, ServerHello) and seen.value.is_retry_request
    return Message(
        moment,
        seen.side,
        step=None if retry else handshake_step(kind, seen.side, version),
        name="HelloRetryRequest" if retry else kind.message,
        length=len(seen.frame.body),
        sealed=seen.sealed,
        opened=True,
        records=seen.records,
        type=kind,
        frame=seen.frame,
        value=seen.value,
        structure=seen.structure,
        error=seen.error,
        proof=seen.proof,
    )


def shut_handshake(seen: SealedHandshakeSeen, moment: Moment, step: int | None) -> Message:
    """One that stays shut: its record's length is all there is. `step` is known where only one message can stand."""
    record = seen.record
    name = "EncryptedHandshakeMessage"
    return Message(moment, seen.side, step, name, record.length, sealed=True, opened=False, records=(record,))


def change_cipher_spec(seen: ChangeCipherSpecSeen, moment: Moment) -> Message:
    """Step 7."""
    return Message(
        moment,
        seen.side,
        CHANGE_CIPHER_SPEC,
        "ChangeCipherSpec",
        len(seen.fragment),
        sealed=seen.record.sealed,
        opened=True,
        records=(seen.record,),
        fragment=seen.fragment,
    )


def alert(seen: AlertSeen, moment: Moment) -> Message:
    """An alert; of one that stays shut only the length is known."""
    known = None
    if seen.level is not None and seen.description is not None:
        known = (seen.level, seen.description)
    return Message(
        moment,
        seen.side,
        None,
        "Alert",
        2 if known else seen.record.length,
        sealed=seen.record.sealed,
        opened=known is not None,
        records=(seen.record,),
        alert=known,
        fragment=bytes(known) if known else b"",
    )
