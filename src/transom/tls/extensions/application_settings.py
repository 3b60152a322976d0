"""application_settings (ALPS) and next_protocol_negotiation: what browsers send beside ALPN."""

from __future__ import annotations

from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.wire.codec import opaque, rest, vector
from transom.wire.struct import field


class ApplicationSettings(ExtensionBody, rfc="draft-vvv-tls-alps §4", type=ExtensionType.application_settings):
    """The protocols for which the client would exchange settings."""

    supported_protocols: tuple[bytes, ...] = field(vector(opaque(1, 2**8 - 1), 0, 2**16 - 1))


class ApplicationSettingsOld(ExtensionBody, rfc="draft-vvv-tls-alps §4", type=ExtensionType.application_settings_old):
    """The same under the code point Chrome used until 2024."""

    supported_protocols: tuple[bytes, ...] = field(vector(opaque(1, 2**8 - 1), 0, 2**16 - 1))


class ApplicationSettingsOfServer(ExtensionBody, rfc="draft-vvv-tls-alps §4", type=ExtensionType.application_settings):
    """The server's settings for the protocol that ALPN chose, in that protocol's own form."""

    settings: bytes = field(rest())


class ApplicationSettingsOfServerOld(
    ExtensionBody, rfc="draft-vvv-tls-alps §4", type=ExtensionType.application_settings_old
):
    """The same under the old code point."""

    settings: bytes = field(rest())


class NextProtocolNegotiation(
    ExtensionBody, rfc="draft-agl-tls-nextprotoneg §3", type=ExtensionType.next_protocol_negotiation
):
    """ALPN's forerunner: empty from the client, the server's protocols back."""

    protocols: bytes = field(rest())


class QuicTransportParameters(ExtensionBody, rfc="9001 §8.2", type=ExtensionType.quic_transport_parameters):
    """QUIC's own settings, parsed by QUIC."""

    parameters: bytes = field(rest())
