"""Alert and ChangeCipherSpec: messages with a record type of their own (RFC 8446 §5, §6; RFC 5246 §7.1, §7.2)."""

from __future__ import annotations

from transom.tls.iana.alerts import AlertDescription, AlertLevel
from transom.wire.codec import u8
from transom.wire.struct import Struct, field


class Alert(Struct, rfc="8446 §6"):
    """Why the sender stops."""

    level: AlertLevel = field(u8(AlertLevel))
    description: AlertDescription = field(u8(AlertDescription))


class ChangeCipherSpec(Struct, rfc="5246 §7.1"):
    """One byte, 1: the sender's next record is under the new keys. In TLS 1.3 it means nothing (8446 §D.4)."""

    type: int = field(u8())
