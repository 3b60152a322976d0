"""The ciphers that protect records: authenticated encryption with associated data (RFC 5116, RFC 8439)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from transom.value import value
from transom.wire.tap import Buffer


class AeadCipher(Protocol):
    """A cipher with its key. Both calls write exactly as many bytes as `buf` has, and return that number."""

    def encrypt_into(self, nonce: Buffer, data: Buffer, associated_data: Buffer | None, buf: Buffer) -> int:
        """`data` sealed, and the tag behind it: `buf` has `len(data) + 16` bytes."""
        ...

    def decrypt_into(self, nonce: Buffer, data: Buffer, associated_data: Buffer | None, buf: Buffer) -> int:
        """`data` (which ends with its tag) opened: `buf` has `len(data) - 16` bytes.

        Raises `cryptography.exceptions.InvalidTag`; what `buf` holds then means nothing.
        """
        ...


@value
class Aead:
    """One algorithm. Lengths are in bytes.

    `record_limit` is how many full records one key may protect before it has to be replaced (RFC 8446 §5.5).
    """

    name: str
    key_length: int
    record_limit: int
    constructor: Callable[[bytes], AeadCipher] = field(repr=False)
    iv_length: int = 12
    tag_length: int = 16

    def cipher(self, key: bytes) -> AeadCipher:
        """The algorithm with a key of `key_length` bytes: costs microseconds, so it is made once for each key."""
        return self.constructor(key)


_GCM_RECORDS = 23_726_566
"""2^24.5: beyond it AES-GCM's margin against a distinguisher falls below 2^-57 (RFC 8446 §5.5)."""

_ALL_RECORDS = 2**64 - 1
"""ChaCha20-Poly1305 outlasts the sequence number."""

AES_128_GCM = Aead("AES_128_GCM", 16, _GCM_RECORDS, AESGCM)
AES_256_GCM = Aead("AES_256_GCM", 32, _GCM_RECORDS, AESGCM)
CHACHA20_POLY1305 = Aead("CHACHA20_POLY1305", 32, _ALL_RECORDS, ChaCha20Poly1305)
