"""The hash inside a signature: shown beside the hash one computes, it tells what verifying means.

Only RSA with PKCS #1 v1.5 padding lets it be seen (RFC 8017 §8.2): raising the signature to the public exponent gives
the signer's hash back. Nothing was encrypted: everybody can do it, with the issuer's public key.
"""

from __future__ import annotations

import hashlib

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from transom.trust.certificate import PARSE_ERRORS, read_certificate
from transom.value import value


@value
class SignedHash:
    """`computed` over the certificate as received; `signed` as recovered, None when no hash comes out of it."""

    algorithm: str
    computed: bytes
    signed: bytes | None


def signed_hash(certificate: bytes, issuer: bytes) -> SignedHash | None:
    """The two hashes of a DER certificate and its issuer's, or None where there are none to be seen."""
    try:
        signed, key = read_certificate(certificate).parsed, read_certificate(issuer).public_key
        algorithm, padding = signed.signature_hash_algorithm, signed.signature_algorithm_parameters
    except PARSE_ERRORS:
        return None
    if algorithm is None or not isinstance(padding, PKCS1v15) or not isinstance(key, RSAPublicKey):
        return None
    computed = _computed(signed, algorithm.name)
    try:
        recovered = key.recover_data_from_signature(signed.signature, padding, algorithm)
    except (InvalidSignature, ValueError):
        recovered = None
    return SignedHash(_hash_title(algorithm.name), computed, recovered)


@value
class SignatureForm:
    """How a certificate is signed. `algorithm` and `computed` are None for a scheme that takes the whole of it."""

    scheme: str
    algorithm: str | None
    computed: bytes | None


def signature_form(certificate: bytes) -> SignatureForm | None:
    """Of a DER certificate; None where it cannot be told."""
    try:
        signed = read_certificate(certificate).parsed
        algorithm, parameters = signed.signature_hash_algorithm, signed.signature_algorithm_parameters
    except PARSE_ERRORS:
        return None
    if algorithm is None:
        return SignatureForm(_SCHEMES.get(signed.signature_algorithm_oid, "EdDSA"), None, None)
    match parameters:
        case PKCS1v15():
            scheme = "RSA PKCS #1 v1.5"
        case PSS():
            scheme = "RSA-PSS"
        case ECDSA():
            scheme = "ECDSA"
        case _:
            scheme = "DSA"
    return SignatureForm(scheme, _hash_title(algorithm.name), _computed(signed, algorithm.name))


_SCHEMES = {x509.SignatureAlgorithmOID.ED25519: "Ed25519", x509.SignatureAlgorithmOID.ED448: "Ed448"}


def _computed(signed: x509.Certificate, algorithm: str) -> bytes:
    return hashlib.new(algorithm, signed.tbs_certificate_bytes).digest()


def _hash_title(name: str) -> str:
    """As NIST writes it: `SHA-256`."""
    return name.upper().replace("SHA", "SHA-", 1)
