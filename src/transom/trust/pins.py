"""Pins: a server known by its public key, as curl writes them."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode

from transom.errors import UsageError

PREFIX = "sha256//"


def parse_pins(text: str) -> frozenset[str]:
    """`sha256//BASE64`, several separated by `;`. Raises UsageError for anything else."""
    return frozenset(_pin(part.strip()) for part in text.split(";"))


def _pin(text: str) -> str:
    try:
        digest = b64decode(text.removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise UsageError(
            "pin {text!r}: {error}; expected {prefix} and a SHA-256 in base64", text=text, error=error, prefix=PREFIX
        ) from error
    if not text.startswith(PREFIX) or len(digest) != hashlib.sha256().digest_size:
        raise UsageError(
            "pin {text!r}: expected {prefix} and the 32 bytes of a SHA-256 in base64", text=text, prefix=PREFIX
        )
    return PREFIX + b64encode(digest).decode()
