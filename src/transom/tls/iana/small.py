"""The small registries: one value or a handful each."""

from __future__ import annotations

from transom.wire.codepoint import CodePoint


class CompressionMethod(CodePoint):
    """TLS Compression Method Identifiers (RFC 3749); only null is safe (CRIME), and TLS 1.3 has no other."""

    null = 0
    DEFLATE = 1
    LZS = 64


class NameType(CodePoint):
    """server_name's name types (RFC 6066 §3)."""

    host_name = 0


class CertificateStatusType(CodePoint):
    """What a stapled status is (RFC 6066 §8)."""

    ocsp = 1
    ocsp_multi = 2


class PskKeyExchangeMode(CodePoint):
    """RFC 8446 §4.2.9."""

    psk_ke = 0
    psk_dhe_ke = 1


class KeyUpdateRequest(CodePoint):
    """RFC 8446 §4.6.3."""

    update_not_requested = 0
    update_requested = 1


class CertificateCompressionAlgorithm(CodePoint):
    """RFC 8879 §3."""

    zlib = 1
    brotli = 2
    zstd = 3


class ClientCertificateType(CodePoint):
    """TLS ClientCertificateType Identifiers (RFC 5246 §7.4.4, RFC 8422 §5.5)."""

    rsa_sign = 1
    dss_sign = 2
    rsa_fixed_dh = 3
    dss_fixed_dh = 4
    ecdsa_sign = 64
    rsa_fixed_ecdh = 65
    ecdsa_fixed_ecdh = 66


class CertificateType(CodePoint):
    """TLS Certificate Types (RFC 7250, RFC 8446 §4.4.2)."""

    X509 = 0
    OpenPGP = 1
    RawPublicKey = 2


class MaxFragmentLength(CodePoint):
    """Length codes of max_fragment_length (RFC 6066 §4): 2 to the power of 9 to 12."""

    two_to_the_9 = 1
    two_to_the_10 = 2
    two_to_the_11 = 3
    two_to_the_12 = 4


class HeartbeatMode(CodePoint):
    """RFC 6520 §2."""

    peer_allowed_to_send = 1
    peer_not_allowed_to_send = 2


class EchClientHelloType(CodePoint):
    """RFC 9849 §5."""

    outer = 0
    inner = 1


class HpkeKdf(CodePoint):
    """HPKE KDF Identifiers (RFC 9180 §7.2)."""

    HKDF_SHA256 = 1
    HKDF_SHA384 = 2
    HKDF_SHA512 = 3


class HpkeAead(CodePoint):
    """HPKE AEAD Identifiers (RFC 9180 §7.3)."""

    AES_128_GCM = 1
    AES_256_GCM = 2
    ChaCha20Poly1305 = 3
    export_only = 0xFFFF
