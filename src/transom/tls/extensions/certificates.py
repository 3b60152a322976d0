"""What a side says about certificates: authorities, filters, compression, types, post-handshake authentication."""

from __future__ import annotations

from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.small import CertificateCompressionAlgorithm, CertificateType
from transom.wire.codec import opaque, u8, u16, vector
from transom.wire.struct import Struct, field, struct


class CertificateAuthorities(ExtensionBody, rfc="8446 §4.2.4", type=ExtensionType.certificate_authorities):
    """Distinguished names (DER) of the CAs this side trusts."""

    authorities: tuple[bytes, ...] = field(vector(opaque(1, 2**16 - 1), 3, 2**16 - 1))


class OidFilter(Struct, rfc="8446 §4.2.5"):
    """A certificate extension and the values it must have."""

    certificate_extension_oid: bytes = field(opaque(1, 2**8 - 1))
    certificate_extension_values: bytes = field(opaque(0, 2**16 - 1))


class OidFilters(ExtensionBody, rfc="8446 §4.2.5", type=ExtensionType.oid_filters):
    """Which client certificates the server will take."""

    filters: tuple[OidFilter, ...] = field(vector(struct(OidFilter), 0, 2**16 - 1))


class PostHandshakeAuth(ExtensionBody, rfc="8446 §4.2.6", type=ExtensionType.post_handshake_auth):
    """The client may be asked for a certificate later."""


class CertificateCompressionAlgorithms(ExtensionBody, rfc="8879 §3", type=ExtensionType.compress_certificate):
    """The compressions this side can undo."""

    algorithms: tuple[CertificateCompressionAlgorithm, ...] = field(
        vector(u16(CertificateCompressionAlgorithm), 2, 2**8 - 2)
    )


class ClientCertificateTypes(ExtensionBody, rfc="7250 §3", type=ExtensionType.client_certificate_type):
    """The types of certificate the client could send."""

    client_certificate_types: tuple[CertificateType, ...] = field(vector(u8(CertificateType), 1, 2**8 - 1))


class ServerCertificateTypes(ExtensionBody, rfc="7250 §3", type=ExtensionType.server_certificate_type):
    """The types of certificate the client can verify."""

    server_certificate_types: tuple[CertificateType, ...] = field(vector(u8(CertificateType), 1, 2**8 - 1))


class ClientCertificateTypeChosen(ExtensionBody, rfc="7250 §3", type=ExtensionType.client_certificate_type):
    """The server's choice of what the client sends."""

    client_certificate_type: CertificateType = field(u8(CertificateType))


class ServerCertificateTypeChosen(ExtensionBody, rfc="7250 §3", type=ExtensionType.server_certificate_type):
    """The server's choice of what it sends."""

    server_certificate_type: CertificateType = field(u8(CertificateType))
