"""What is known of one conversation by now: the row of a table, the fields of the JSON lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from transom.tls.messages.hello import ClientHello, ServerHello
from transom.trust.verdict import Verdict
from transom.wire.tap import Endpoints, Side


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
    ja3_full: str | None = None
    ja3: str | None = None
    ja3s: str | None = None
    ja4: str | None = None


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
    tls: TlsFacts | None = None
