"""The pseudorandom function of TLS 1.2 (RFC 5246 §5)."""

from __future__ import annotations

import hmac

from transom.crypto.hashes import Hash


def prf(secret: bytes, label: bytes, seed: bytes, length: int, algorithm: Hash) -> bytes:
    """PRF(secret, label, seed): `length` bytes of P_hash(secret, label + seed)."""
    seed = label + seed
    output = b""
    chain = seed
    while len(output) < length:
        chain = hmac.digest(secret, chain, algorithm.name)  # A(i) = HMAC(secret, A(i-1))
        output += hmac.digest(secret, chain + seed, algorithm.name)
    return output[:length]
