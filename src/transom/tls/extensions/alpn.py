"""application_layer_protocol_negotiation: h2 or http/1.1 (RFC 7301 §3.1)."""

from __future__ import annotations

from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.wire.codec import opaque, vector
from transom.wire.struct import field


class ProtocolNameList(ExtensionBody, rfc="7301 §3.1", type=ExtensionType.application_layer_protocol_negotiation):
    """The client's offers in its order of preference, or the one name that the server chose."""

    protocol_name_list: tuple[bytes, ...] = field(vector(opaque(1, 2**8 - 1), 2, 2**16 - 1))
