"""The hash functions of TLS 1.2 and 1.3, under one name for each of the libraries that compute them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import field
from typing import ClassVar, Protocol, Self

from cryptography.hazmat.primitives import hashes

from transom.value import value
from transom.wire.tap import Buffer


class Digest(Protocol):
    """A running hash, as hashlib gives it."""

    def update(self, data: Buffer, /) -> None: ...
    def digest(self) -> bytes: ...
    def copy(self) -> Self: ...


@value
class Hash:
    """One hash function. `name` is hashlib's and hmac's ("sha256"), `size` the digest's length in bytes."""

    name: str
    size: int
    constructor: Callable[[], Digest] = field(repr=False)
    cryptography: hashes.HashAlgorithm = field(repr=False)
    """The same function as `cryptography` names it, for signatures."""

    SHA256: ClassVar[Hash]
    SHA384: ClassVar[Hash]
    SHA512: ClassVar[Hash]

    def new(self, data: Buffer = b"") -> Digest:
        """A running hash of `data` and whatever is added to it. It is hashlib's: copying one costs a third there."""
        digest = self.constructor()
        digest.update(data)
        return digest

    def digest(self, data: Buffer) -> bytes:
        """The hash of `data`, `size` bytes."""
        return self.new(data).digest()


Hash.SHA256 = Hash("sha256", 32, hashlib.sha256, hashes.SHA256())
Hash.SHA384 = Hash("sha384", 48, hashlib.sha384, hashes.SHA384())
Hash.SHA512 = Hash("sha512", 64, hashlib.sha512, hashes.SHA512())
