"""One hash, by RFC 9530's name of it."""

from __future__ import annotations

import hashlib
from typing import Protocol

from transom.files.digest import ALGORITHMS
from transom.wire.tap import Buffer


class Hash(Protocol):
    """What hashlib makes."""

    def update(self, data: Buffer, /) -> None: ...

    def digest(self) -> bytes: ...


def new_hash(algorithm: str) -> Hash:
    """A hash by RFC 9530's name of it."""
    return hashlib.new(ALGORITHMS[algorithm])
