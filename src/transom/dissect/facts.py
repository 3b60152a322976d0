"""What is known of one conversation by now: the row of a table, the fields of the JSON lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from transom.dissect import fingerprints
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.trust.verdict import Verdict
from transom.wire.tap import Endpoints, Side

NotReached = Literal["refused", "unanswered"]
"""A SYN that was answered with a reset, and one that was not answered by TCP."""


@dataclass
class TlsFacts:
    """TLS as far as it was seen. Names are IANA's; None is unknown.

    `decrypted` is about the sealed records ("full", "partial", "no"), `why_not` a stable code for what is in the way:
    "no-keys", "no-handshake", "unsupported-version", "unsupported-suite", "does-not-decrypt"…; None when nothing is.
    """

    client_hello: ClientHello | None = None
    server_hello: ServerHello | None = None
    version: str | None = None
    cipher_suite: str | None = None
    cipher_suite_code: int | None = None
    group: str | None = None
    sni: str | None = None
    alpn: str | None = None
    resumed: bool | None = None
    decrypted: str = "no"
    why_not: str | None = None
    certificates: tuple[bytes, ...] = ()
    verdict: Verdict | None = None

    @property
    def ja3_full(self) -> str | None:
        """What the client's fingerprint is the hash of."""
        return None if self.client_hello is None else fingerprints.ja3_full(self.client_hello)

    @property
    def ja3(self) -> str | None:
        """The client's fingerprint, of its first hello; those below likewise."""
        return None if self.client_hello is None else fingerprints.ja3(self.client_hello)

    @property
    def ja3s(self) -> str | None:
        """The server's."""
        return None if self.server_hello is None else fingerprints.ja3s(self.server_hello)

    @property
    def ja4(self) -> str | None:
        """The client's as JA4 has it."""
        return None if self.client_hello is None else fingerprints.ja4(self.client_hello)


@dataclass
class Facts:
    """One conversation. Byte counts are TCP payload after duplicates are dropped; times are nanoseconds."""

    number: int
    endpoints: Endpoints | None = None
    protocol: str = "unknown"
    start: int | None = None
    end: int | None = None
    wire_bytes: dict[Side, int] = field(default_factory=lambda: {Side.CLIENT: 0, Side.SERVER: 0})
    missing_bytes: int = 0
    not_reached: NotReached | None = None
    """Why there never was a connection, where that was seen."""
    tls: TlsFacts | None = None
