"""TLS HandshakeType (RFC 8446 §4, RFC 5246 §7.4, RFC 8879)."""

from __future__ import annotations

from transom.wire.codepoint import CodePoint


class HandshakeType(CodePoint):
    """Which handshake message this is."""

    hello_request = 0
    client_hello = 1
    server_hello = 2
    hello_verify_request = 3
    new_session_ticket = 4
    end_of_early_data = 5
    hello_retry_request = 6
    encrypted_extensions = 8
    certificate = 11
    server_key_exchange = 12
    certificate_request = 13
    server_hello_done = 14
    certificate_verify = 15
    client_key_exchange = 16
    client_certificate_request = 17
    finished = 20
    certificate_url = 21
    certificate_status = 22
    supplemental_data = 23
    key_update = 24
    compressed_certificate = 25
    ekt_key = 26
    next_protocol = 67
    message_hash = 254

    @property
    def title(self) -> str:
        """`Client Hello`, as Wireshark shows it."""
        if not self.is_known:
            return f"Unknown ({self:d})"
        return self.name.replace("_", " ").title().replace(" Of ", " of ").replace("Url", "URL")

    @property
    def message(self) -> str:
        """`ClientHello`, as the RFCs write it."""
        return self.title.replace(" ", "").replace("Endof", "EndOf")
