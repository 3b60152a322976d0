"""key_share: in TLS 1.3 the one-time public keys travel in the hellos (RFC 8446 §4.2.8)."""

from __future__ import annotations

from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.groups import NamedGroup
from transom.wire.codec import opaque, u16, vector
from transom.wire.struct import Struct, field, struct


class KeyShareEntry(Struct, rfc="8446 §4.2.8"):
    """One group and a one-time public key in it."""

    group: NamedGroup = field(u16(NamedGroup))
    key_exchange: bytes = field(opaque(1, 2**16 - 1))


class KeyShareClientHello(ExtensionBody, rfc="8446 §4.2.8", type=ExtensionType.key_share):
    """The client's guesses; may be empty to ask for a HelloRetryRequest."""

    client_shares: tuple[KeyShareEntry, ...] = field(vector(struct(KeyShareEntry), 0, 2**16 - 1))


class KeyShareServerHello(ExtensionBody, rfc="8446 §4.2.8", type=ExtensionType.key_share):
    """The server's half."""

    server_share: KeyShareEntry = field(struct(KeyShareEntry))


class KeyShareHelloRetryRequest(ExtensionBody, rfc="8446 §4.2.8", type=ExtensionType.key_share):
    """The group the server wants a share of."""

    selected_group: NamedGroup = field(u16(NamedGroup))
