"""Protocol versions (RFC 8446 §4.2.1, RFC 5246 appendix E)."""

from __future__ import annotations

from transom.wire.codepoint import CodePoint


class ProtocolVersion(CodePoint):
    """A two-byte version; the names are those of key logs, curl and the JSON lines."""

    SSLv2 = 0x0002
    SSLv3 = 0x0300
    TLSv1 = 0x0301
    TLSv1_1 = 0x0302
    TLSv1_2 = 0x0303
    TLSv1_3 = 0x0304

    @property
    def dotted(self) -> str:
        """`TLSv1.3`."""
        return self.name.replace("_", ".")

    @property
    def title(self) -> str:
        """`TLS 1.3`, as Wireshark shows a version."""
        if self.is_grease:
            return "Reserved (GREASE)"
        return _TITLES.get(self, self.name)


_TITLES = {
    ProtocolVersion.SSLv2: "SSL 2.0",
    ProtocolVersion.SSLv3: "SSL 3.0",
    ProtocolVersion.TLSv1: "TLS 1.0",
    ProtocolVersion.TLSv1_1: "TLS 1.1",
    ProtocolVersion.TLSv1_2: "TLS 1.2",
    ProtocolVersion.TLSv1_3: "TLS 1.3",
}
