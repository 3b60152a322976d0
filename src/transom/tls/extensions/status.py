"""status_request and signed_certificate_timestamp: what is stapled to a certificate (RFC 6066 §8, RFC 6962 §3.3)."""

from __future__ import annotations

from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.small import CertificateStatusType
from transom.wire.codec import opaque, u8, vector
from transom.wire.struct import Struct, field, struct


class CertificateStatusRequest(ExtensionBody, rfc="6066 §8", type=ExtensionType.status_request):
    """A client's wish for an OCSP answer; both lists are empty in practice."""

    status_type: CertificateStatusType = field(u8(CertificateStatusType))
    responder_id_list: tuple[bytes, ...] = field(vector(opaque(1, 2**16 - 1), 0, 2**16 - 1))
    request_extensions: bytes = field(opaque(0, 2**16 - 1))


class CertificateStatusPromised(ExtensionBody, rfc="6066 §8", type=ExtensionType.status_request):
    """TLS 1.2: a CertificateStatus message will follow."""


class ClientStatusRequest(ExtensionBody, rfc="8446 §4.4.2.1", type=ExtensionType.status_request):
    """TLS 1.3: a server's wish for an OCSP answer beside the client's certificate."""


class StapledStatus(ExtensionBody, rfc="8446 §4.4.2.1", type=ExtensionType.status_request):
    """TLS 1.3: the OCSP answer itself, beside its certificate."""

    status_type: CertificateStatusType = field(u8(CertificateStatusType))
    response: bytes = field(opaque(1, 2**24 - 1))


class CertificateStatusRequestItem(Struct, rfc="6961 §2.2"):
    """One way to ask for a status."""

    status_type: CertificateStatusType = field(u8(CertificateStatusType))
    request: bytes = field(opaque(0, 2**16 - 1))


class CertificateStatusRequestListV2(ExtensionBody, rfc="6961 §2.2", type=ExtensionType.status_request_v2):
    """The multiple-status wish of TLS 1.2."""

    certificate_status_req_list: tuple[CertificateStatusRequestItem, ...] = field(
        vector(struct(CertificateStatusRequestItem), 1, 2**16 - 1)
    )


class SctRequest(ExtensionBody, rfc="6962 §3.3.1", type=ExtensionType.signed_certificate_timestamp):
    """A client's wish for certificate transparency timestamps."""


class SignedCertificateTimestampList(ExtensionBody, rfc="6962 §3.3", type=ExtensionType.signed_certificate_timestamp):
    """The timestamps."""

    sct_list: tuple[bytes, ...] = field(vector(opaque(1, 2**16 - 1), 1, 2**16 - 1))
