"""One link of a chain: was this certificate signed with that key, and with a hash that still proves it?

The library's own check refuses MD5 and SHA-1 unseen. Telling such a signature from a wrong one is worth the second
look: the first wants a newer certificate, the second may be somebody in between.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import AsymmetricPadding, PKCS1v15
from cryptography.hazmat.primitives.hashes import HashAlgorithm

from transom.trust.certificate import KEPT, KEPT_SIZE, Certificate

WEAK_HASHES = {"md5": "MD5", "sha1": "SHA-1"}
"""Hashes for which collisions are made: a signature over one may have been asked for another certificate."""


def weak_hash(certificate: Certificate) -> str | None:
    """The name of the hash that it was signed with, if that is one of `WEAK_HASHES`."""
    algorithm = _signed_hash_algorithm(certificate)
    return WEAK_HASHES.get(algorithm.name) if algorithm else None


def signed_by(certificate: Certificate, issuer: Certificate) -> bool | None:
    """Does the issuer's public key verify the signature? None when the library cannot tell: a key it does not know."""
    small = len(certificate.der) <= KEPT_SIZE and len(issuer.der) <= KEPT_SIZE
    return _kept(certificate, issuer) if small else _signed_by(certificate, issuer)


def _signed_by(certificate: Certificate, issuer: Certificate) -> bool | None:
    try:
        if weak_hash(certificate):
            return _weakly_signed_by(certificate, issuer)
        certificate.parsed.verify_directly_issued_by(issuer.parsed)
    except (InvalidSignature, ValueError):
        return False
    except (UnsupportedAlgorithm, TypeError):
        return None
    return True


_kept = lru_cache(KEPT)(_signed_by)


def _weakly_signed_by(certificate: Certificate, issuer: Certificate) -> bool | None:
    signed, algorithm = certificate.parsed, _signed_hash_algorithm(certificate)
    if algorithm is None:
        return None
    match issuer.public_key:
        case rsa.RSAPublicKey() as key:
            # The library names no padding for MD5, which was never used with another one.
            named = signed.signature_algorithm_parameters
            padding = named if isinstance(named, AsymmetricPadding) else PKCS1v15()
            key.verify(signed.signature, signed.tbs_certificate_bytes, padding, algorithm)
        case ec.EllipticCurvePublicKey() as key:
            key.verify(signed.signature, signed.tbs_certificate_bytes, ec.ECDSA(algorithm))
        case _:
            return None
    return True


def _signed_hash_algorithm(certificate: Certificate) -> HashAlgorithm | None:
    try:
        return certificate.parsed.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return None
