"""cookie: what a HelloRetryRequest asks the client to bring back (RFC 8446 §4.2.2)."""

from __future__ import annotations

from transom.tls.extensions.base import ExtensionBody
from transom.tls.iana.extension_types import ExtensionType
from transom.wire.codec import opaque
from transom.wire.struct import field


class Cookie(ExtensionBody, rfc="8446 §4.2.2", type=ExtensionType.cookie):
    """Opaque to the client."""

    cookie: bytes = field(opaque(1, 2**16 - 1))
