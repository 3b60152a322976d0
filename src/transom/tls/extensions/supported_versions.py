"""supported_versions: where TLS 1.3 is really negotiated (RFC 8446 §4.2.1)."""

from __future__ import annotations

from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.versions import ProtocolVersion
from transom.wire.codec import u16, vector
from transom.wire.struct import field


class SupportedVersionsClientHello(ExtensionBody, rfc="8446 §4.2.1", type=ExtensionType.supported_versions):
    """The client's versions, most preferred first."""

    versions: tuple[ProtocolVersion, ...] = field(vector(u16(ProtocolVersion), 2, 254))


class SupportedVersionsServerHello(ExtensionBody, rfc="8446 §4.2.1", type=ExtensionType.supported_versions):
    """The server's choice."""

    selected_version: ProtocolVersion = field(u16(ProtocolVersion))
