"""The messages that end a handshake, and those that may follow it (RFC 8446 §4.3.1, §4.4.4 to §4.6)."""

from __future__ import annotations

from transom.tls.extensions.base import Extensions, extensions
from transom.tls.extensions.tables import IN_ENCRYPTED_EXTENSIONS, IN_NEW_SESSION_TICKET
from transom.tls.iana.small import KeyUpdateRequest
from transom.wire.codec import opaque, rest, u8, u32
from transom.wire.struct import Struct, field


class EncryptedExtensions(Struct, rfc="8446 §4.3.1"):
    """The server's answers that the path need not see."""

    extensions: Extensions = field(extensions(IN_ENCRYPTED_EXTENSIONS))


class ServerHelloDone(Struct, rfc="5246 §7.4.5"):
    """Empty: it is the client's turn."""


class Finished(Struct, rfc="8446 §4.4.4"):
    """A MAC over the handshake: 12 bytes in TLS 1.2, the hash's size in 1.3."""

    verify_data: bytes = field(rest(12))


class NewSessionTicket12(Struct, rfc="5077 §3.3"):
    """A ticket to resume with."""

    ticket_lifetime_hint: int = field(u32())
    ticket: bytes = field(opaque(0, 2**16 - 1))


class NewSessionTicket13(Struct, rfc="8446 §4.6.1"):
    """A ticket to resume with; the secret behind it is derived, not sent."""

    ticket_lifetime: int = field(u32())
    ticket_age_add: int = field(u32())
    ticket_nonce: bytes = field(opaque(0, 255))
    ticket: bytes = field(opaque(1, 2**16 - 1))
    extensions: Extensions = field(extensions(IN_NEW_SESSION_TICKET))


class EndOfEarlyData(Struct, rfc="8446 §4.5"):
    """Empty: no more 0-RTT data."""


class KeyUpdate(Struct, rfc="8446 §4.6.3"):
    """This side's next record is under the next generation of keys."""

    request_update: KeyUpdateRequest = field(u8(KeyUpdateRequest))


class NextProtocol(Struct, rfc="draft-agl-tls-nextprotoneg §4"):
    """NPN's choice, padded to hide its length."""

    selected_protocol: bytes = field(opaque(0, 255))
    padding: bytes = field(opaque(0, 255))
