"""Who somebody says they are, in the `Basic` scheme (RFC 7617)."""

from __future__ import annotations

import base64
import binascii

CHALLENGE = 'Basic realm="transom", charset="UTF-8"'
"""The `WWW-Authenticate` of a 401."""


def basic_credentials(field: str | None) -> bytes | None:
    """The `user:password` in the value of `Authorization`; None without one, in another scheme or malformed."""
    scheme, _, token = (field or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(token.strip(" "), validate=True)
    except (ValueError, binascii.Error):
        return None
