"""The hash inside a signature: shown beside the hash one computes, it tells what verifying means.

Only RSA with PKCS #1 v1.5 padding lets it be seen (RFC 8017 §8.2): raising the signature to the public exponent gives
the signer's hash back. Nothing was encrypted: everybody can do it, with the issuer's public key.
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
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
    computed = hashlib.new(algorithm.name, signed.tbs_certificate_bytes).digest()
    try:
        recovered = key.recover_data_from_signature(signed.signature, padding, algorithm)
    except (InvalidSignature, ValueError):
        recovered = None
    return SignedHash(algorithm.name.upper().replace("SHA", "SHA-", 1), computed, recovered)
