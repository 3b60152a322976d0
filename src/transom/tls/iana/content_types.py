"""TLS ContentType (RFC 8446 §5.1)."""

from __future__ import annotations

from transom.wire.codepoint import CodePoint


class ContentType(CodePoint):
    """What a record carries."""

    change_cipher_spec = 20
    alert = 21
    handshake = 22
    application_data = 23
    heartbeat = 24

    @property
    def title(self) -> str:
        """`Application Data`, as Wireshark shows it."""
        return self.name.replace("_", " ").title()
