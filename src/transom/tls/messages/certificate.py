"""Certificates, requests for them, and the proof that their key is held (RFC 8446 §4.3.2, §4.4; 5246 §7.4.2 ff.)."""

from __future__ import annotations

from transom.tls.extensions.base import Extensions, extensions
from transom.tls.extensions.tables import IN_CERTIFICATE, IN_CERTIFICATE_REQUEST
from transom.tls.iana.signature_schemes import SignatureScheme
from transom.tls.iana.small import (
    CertificateCompressionAlgorithm,
    CertificateStatusType,
    ClientCertificateType,
)
from transom.wire.codec import opaque, u8, u16, u24, vector
from transom.wire.struct import Struct, field, struct


class Certificate12(Struct, rfc="5246 §7.4.2"):
    """The chain, leaf first, each certificate as DER."""

    certificate_list: tuple[bytes, ...] = field(vector(opaque(1, 2**24 - 1), 0, 2**24 - 1))


class CertificateEntry(Struct, rfc="8446 §4.4.2"):
    """One certificate of the chain and what is stapled to it."""

    cert_data: bytes = field(opaque(1, 2**24 - 1))
    extensions: Extensions = field(extensions(IN_CERTIFICATE))


class Certificate13(Struct, rfc="8446 §4.4.2"):
    """The chain, leaf first, sealed on the wire."""

    certificate_request_context: bytes = field(opaque(0, 2**8 - 1))
    certificate_list: tuple[CertificateEntry, ...] = field(vector(struct(CertificateEntry), 0, 2**24 - 1))


class CompressedCertificate(Struct, rfc="8879 §4"):
    """A Certificate message, compressed."""

    algorithm: CertificateCompressionAlgorithm = field(u16(CertificateCompressionAlgorithm))
    uncompressed_length: int = field(u24())
    compressed_certificate_message: bytes = field(opaque(1, 2**24 - 1))


class CertificateVerify(Struct, rfc="8446 §4.4.3"):
    """A signature over the handshake so far, made with the certificate's key."""

    algorithm: SignatureScheme = field(u16(SignatureScheme))
    signature: bytes = field(opaque(0, 2**16 - 1))


class CertificateVerifyLegacy(Struct, rfc="4346 §7.4.8"):
    """Before TLS 1.2 the key alone decided the scheme."""

    signature: bytes = field(opaque(0, 2**16 - 1))


class CertificateRequest12(Struct, rfc="5246 §7.4.4"):
    """A server's wish for the client's certificate."""

    certificate_types: tuple[ClientCertificateType, ...] = field(vector(u8(ClientCertificateType), 1, 2**8 - 1))
    supported_signature_algorithms: tuple[SignatureScheme, ...] = field(vector(u16(SignatureScheme), 2, 2**16 - 2))
    certificate_authorities: tuple[bytes, ...] = field(vector(opaque(1, 2**16 - 1), 0, 2**16 - 1))


class CertificateRequestLegacy(Struct, rfc="4346 §7.4.4"):
    """The same before TLS 1.2."""

    certificate_types: tuple[ClientCertificateType, ...] = field(vector(u8(ClientCertificateType), 1, 2**8 - 1))
    certificate_authorities: tuple[bytes, ...] = field(vector(opaque(1, 2**16 - 1), 0, 2**16 - 1))


class CertificateRequest13(Struct, rfc="8446 §4.3.2"):
    """A server's wish for the client's certificate; the context ties an answer to it."""

    certificate_request_context: bytes = field(opaque(0, 2**8 - 1))
    extensions: Extensions = field(extensions(IN_CERTIFICATE_REQUEST))


class CertificateStatus(Struct, rfc="6066 §8"):
    """TLS 1.2's stapled OCSP answer."""

    status_type: CertificateStatusType = field(u8(CertificateStatusType))
    response: bytes = field(opaque(1, 2**24 - 1))
