"""HKDF (RFC 5869) and what TLS 1.3 builds from it: HKDF-Expand-Label and Derive-Secret (RFC 8446 §7.1).

An output of at most one hash is one HMAC; the one-shot `hmac.digest` is as quick as any other way to it.
"""

from __future__ import annotations

import hmac
from functools import lru_cache

from transom.crypto.hashes import Hash
from transom.errors import UsageError


def hkdf_extract(salt: bytes, input_keying_material: bytes, algorithm: Hash) -> bytes:
    """A pseudorandom key of `algorithm.size` bytes (RFC 5869 §2.2). An empty salt stands for zeros."""
    return hmac.digest(salt, input_keying_material, algorithm.name)


def hkdf_expand(pseudorandom_key: bytes, info: bytes, length: int, algorithm: Hash) -> bytes:
    """`length` bytes from a pseudorandom key (RFC 5869 §2.3). Raises UsageError beyond 255 hashes."""
    blocks = -(-length // algorithm.size)
    if blocks > 255:
        raise UsageError(
            "HKDF-Expand gives at most {most} bytes, {length} were asked for", most=255 * algorithm.size, length=length
        )
    block = output = b""
    for counter in range(1, blocks + 1):
        block = hmac.digest(pseudorandom_key, block + info + counter.to_bytes(1, "big"), algorithm.name)
        output += block
    return output[:length]


def hkdf_expand_label(secret: bytes, label: bytes, context: bytes, length: int, algorithm: Hash) -> bytes:
    """HKDF-Expand-Label (RFC 8446 §7.1). `label` comes without its "tls13 " prefix."""
    info = _label_head(label, length) + len(context).to_bytes(1, "big") + context
    return hkdf_expand(secret, info, length, algorithm)


def derive_secret(secret: bytes, label: bytes, transcript_hash: bytes, algorithm: Hash) -> bytes:
    """Derive-Secret (RFC 8446 §7.1), given the hash of the messages rather than the messages."""
    return hkdf_expand_label(secret, label, transcript_hash, algorithm.size, algorithm)


@lru_cache(maxsize=64)
def _label_head(label: bytes, length: int) -> bytes:
    """An HkdfLabel up to its context: the same dozen in every handshake."""
    full = b"tls13 " + label
    if len(full) > 255:
        raise UsageError("an HKDF label has at most 249 bytes, not {count}", count=len(label))
    return length.to_bytes(2, "big") + len(full).to_bytes(1, "big") + full
