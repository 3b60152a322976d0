"""The key exchange of TLS 1.2: ServerKeyExchange and ClientKeyExchange (RFC 5246 §7.4.3, §7.4.7; RFC 8422 §5)."""

from __future__ import annotations

from transom.tls.iana.groups import ECCurveType, NamedGroup
from transom.tls.iana.signature_schemes import SignatureScheme
from transom.wire.codec import opaque, rest, u8, u16
from transom.wire.struct import Struct, field, struct


class DigitallySigned(Struct, rfc="5246 §4.7"):
    """A signature and how it was made."""

    algorithm: SignatureScheme = field(u16(SignatureScheme))
    signature: bytes = field(opaque(0, 2**16 - 1))


class DigitallySignedLegacy(Struct, rfc="4346 §4.7"):
    """Before TLS 1.2 the certificate's key alone decided the scheme."""

    signature: bytes = field(opaque(0, 2**16 - 1))


class ServerECDHParams(Struct, rfc="8422 §5.4"):
    """The server's one-time public key and the curve it is on."""

    curve_type: ECCurveType = field(u8(ECCurveType))
    named_curve: NamedGroup = field(u16(NamedGroup))
    public: bytes = field(opaque(1, 2**8 - 1))


class ServerDHParams(Struct, rfc="5246 §7.4.3"):
    """The same over a finite field: the prime, the generator, the public value."""

    dh_p: bytes = field(opaque(1, 2**16 - 1))
    dh_g: bytes = field(opaque(1, 2**16 - 1))
    dh_Ys: bytes = field(opaque(1, 2**16 - 1))  # noqa: N815 (the RFC's name)


class ServerKeyExchangeECDHE(Struct, rfc="8422 §5.4"):
    """One-time key, signed together with both randoms by the certificate's key."""

    params: ServerECDHParams = field(struct(ServerECDHParams))
    signed_params: DigitallySigned = field(struct(DigitallySigned))


class ServerKeyExchangeECDHELegacy(Struct, rfc="4492 §5.4"):
    """The same before TLS 1.2."""

    params: ServerECDHParams = field(struct(ServerECDHParams))
    signed_params: DigitallySignedLegacy = field(struct(DigitallySignedLegacy))


class ServerKeyExchangeECDHAnon(Struct, rfc="4492 §5.4"):
    """Nobody signs: anyone could be the server."""

    params: ServerECDHParams = field(struct(ServerECDHParams))


class ServerKeyExchangeDHE(Struct, rfc="5246 §7.4.3"):
    """One-time key over a finite field, signed."""

    params: ServerDHParams = field(struct(ServerDHParams))
    signed_params: DigitallySigned = field(struct(DigitallySigned))


class ServerKeyExchangeDHELegacy(Struct, rfc="4346 §7.4.3"):
    """The same before TLS 1.2."""

    params: ServerDHParams = field(struct(ServerDHParams))
    signed_params: DigitallySignedLegacy = field(struct(DigitallySignedLegacy))


class ServerKeyExchangeDHAnon(Struct, rfc="5246 §7.4.3"):
    """Nobody signs."""

    params: ServerDHParams = field(struct(ServerDHParams))


class ClientKeyExchangeRSA(Struct, rfc="5246 §7.4.7.1"):
    """The 48-byte pre-master secret, encrypted to the public key of the server's certificate."""

    encrypted_pre_master_secret: bytes = field(opaque(0, 2**16 - 1))


class ClientKeyExchangeSSL3(Struct, rfc="6101 §5.6.7.1"):
    """The same in SSL 3.0, which wrote no length."""

    encrypted_pre_master_secret: bytes = field(rest(1))


class ClientKeyExchangeECDHE(Struct, rfc="8422 §5.7"):
    """The client's one-time public key; the secret itself never crosses."""

    ecdh_Yc: bytes = field(opaque(1, 2**8 - 1))  # noqa: N815 (the RFC's name)


class ClientKeyExchangeDHE(Struct, rfc="5246 §7.4.7.2"):
    """The same over a finite field."""

    dh_Yc: bytes = field(opaque(1, 2**16 - 1))  # noqa: N815 (the RFC's name)
