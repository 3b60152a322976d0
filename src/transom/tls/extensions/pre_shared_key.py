"""pre_shared_key, psk_key_exchange_modes and early_data: resumption in TLS 1.3 (RFC 8446 §4.2.9 to §4.2.11)."""

from __future__ import annotations

from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.small import PskKeyExchangeMode
from transom.wire.codec import opaque, u8, u16, u32, vector
from transom.wire.struct import Struct, field, struct


class PskIdentity(Struct, rfc="8446 §4.2.11"):
    """A ticket, and its age in milliseconds plus the ticket's own offset."""

    identity: bytes = field(opaque(1, 2**16 - 1))
    obfuscated_ticket_age: int = field(u32())


class OfferedPsks(ExtensionBody, rfc="8446 §4.2.11", type=ExtensionType.pre_shared_key):
    """What a client offers: identities, and for each a MAC over the hello up to here."""

    identities: tuple[PskIdentity, ...] = field(vector(struct(PskIdentity), 7, 2**16 - 1))
    binders: tuple[bytes, ...] = field(vector(opaque(32, 255), 33, 2**16 - 1))


class SelectedPsk(ExtensionBody, rfc="8446 §4.2.11", type=ExtensionType.pre_shared_key):
    """Which of them the server took, counted from 0."""

    selected_identity: int = field(u16())


class PskKeyExchangeModes(ExtensionBody, rfc="8446 §4.2.9", type=ExtensionType.psk_key_exchange_modes):
    """Whether a resumed session still exchanges one-time keys."""

    ke_modes: tuple[PskKeyExchangeMode, ...] = field(vector(u8(PskKeyExchangeMode), 1, 255))


class EarlyDataIndication(ExtensionBody, rfc="8446 §4.2.10", type=ExtensionType.early_data):
    """In a ClientHello: data follows at once; in EncryptedExtensions: it was taken. Empty in both."""


class EarlyDataTicket(ExtensionBody, rfc="8446 §4.2.10", type=ExtensionType.early_data):
    """In a NewSessionTicket: how many bytes may be sent early with it."""

    max_early_data_size: int = field(u32())
