"""PEM: the blocks in a text, whatever stands between them (RFC 7468)."""

from __future__ import annotations

import re
from base64 import b64decode

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_PRIVATE_KEY = re.compile(rb"-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----.+?-----END \1-----", re.DOTALL)


def certificates_in(pem: bytes) -> list[bytes]:
    """The DER of every certificate block. Raises ValueError for one that is no base64."""
    return [b64decode(body) for body in _CERTIFICATE.findall(pem)]


def private_key_in(pem: bytes) -> bytes | None:
    """The first private key block, of any kind and still as PEM: it may be encrypted."""
    found = _PRIVATE_KEY.search(pem)
    return found.group() if found else None
