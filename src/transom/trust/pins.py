"""Pins: a server known by its public key, as curl writes them."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode

from transom.errors import UsageError

PREFIX = "sha256//"

_EXAMPLE = PREFIX + b64encode(hashlib.sha256(b"a key").digest()).decode()


def parse_pins(text: str, option: str = "pin") -> frozenset[str]:
    """`sha256//BASE64`, several separated by `;`. Raises UsageError for anything else, in the name of `option`."""
    return frozenset(_pin(part.strip(), option) for part in text.split(";"))


def _pin(text: str, option: str) -> str:
    try:
        digest = b64decode(text.removeprefix(PREFIX), validate=True)
    except ValueError:
        digest = b""
    if not text.startswith(PREFIX) or len(digest) != hashlib.sha256().digest_size:
        raise UsageError(
            "{option} {text!r}: expected {prefix} and the SHA-256 of the server's key in 44 characters of base64, "
            "such as {example}",
            option=option,
            text=text,
            prefix=PREFIX,
            example=_EXAMPLE,
        )
    return PREFIX + b64encode(digest).decode()
