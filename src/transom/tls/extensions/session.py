"""session_ticket, renegotiation_info, extended_master_secret and encrypt_then_mac: TLS 1.2's own."""

from __future__ import annotations

from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.wire.codec import opaque, rest
from transom.wire.struct import field


class SessionTicket(ExtensionBody, rfc="5077 §3.2", type=ExtensionType.session_ticket):
    """Empty: tickets are welcome; otherwise the ticket to resume with."""

    ticket: bytes = field(rest())


class RenegotiationInfo(ExtensionBody, rfc="5746 §3.2", type=ExtensionType.renegotiation_info):
    """Empty in a first handshake: the sender knows secure renegotiation."""

    renegotiated_connection: bytes = field(opaque(0, 255))


class ExtendedMasterSecret(ExtensionBody, rfc="7627 §5.1", type=ExtensionType.extended_master_secret):
    """The master secret is bound to the whole handshake, not only to the two randoms."""


class EncryptThenMac(ExtensionBody, rfc="7366 §2", type=ExtensionType.encrypt_then_mac):
    """For CBC suites: the MAC is over the ciphertext."""
