"""What protects the records of one direction: a cipher, its key and its initialisation vector."""

from __future__ import annotations

from dataclasses import field

from transom.crypto.aead import Aead
from transom.value import value


@value
class TrafficKeys:
    """The keys of one direction until the next change (RFC 8446 §7.3, RFC 5246 §6.3).

    `iv` has 12 bytes, but for AES-GCM in TLS 1.2: there it is the four-byte salt of RFC 5288 §3.
    """

    aead: Aead
    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)
