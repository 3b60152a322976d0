"""What leaks: what somebody on the path knows who has no keys, drawn from the timeline that was told without any."""

from __future__ import annotations

from collections.abc import Sequence

from transom.dissect.exchanges import Exchange, Exchanges
from transom.dissect.facts import Facts
from transom.dissect.timeline import ApplicationData, Item
from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.suites import spoken
from transom.trust.certificate import PARSE_ERRORS, read_certificate
from transom.value import value
from transom.wire.tap import Endpoints, Side

MOST_EXCHANGES = 1_000
"""HTTP exchanges that are kept; their number is counted beyond it."""

_HEADER = 5
_INNER_TYPE = 1  # TLS 1.3 hides the content type behind the content (RFC 8446 §5.2)


@value
class Leaks:
    """What the path knows. Texts of a peer are not escaped; None is unknown to it.

    `certificate` is the subject of the server's, which only TLS 1.3 hides. `offered` are the protocols in the client's
    ALPN. `largest_answer` is the plaintext, in bytes, of the longest run of records from the server after the client
    has said something: what a download looks like. `exchanges` are those of HTTP that crossed in the clear, with the
    SHA-256 of what they carried if it was asked for. Times are nanoseconds since the epoch.

    With `encrypted_client_hello` the name may be that of many, and the true one sealed: unless it is GREASE, which
    nobody on the path can tell from it (RFC 9849 §6.2).
    """

    endpoints: Endpoints | None
    protocol: str
    start: int | None
    end: int | None
    wire_bytes: dict[Side, int]
    server_name: str | None = None
    encrypted_client_hello: bool = False
    offered: tuple[str, ...] = ()
    alpn: str | None = None
    ja4: str | None = None
    certificate: str | None = None
    largest_answer: int | None = None
    exchanges: tuple[Exchange, ...] = ()
    exchange_count: int = 0


class Eavesdropper:
    """A listener of one conversation. Give it the items of a `Flow` that has no keys."""

    def __init__(self) -> None:
        self._heard = _Heard()
        self._open = Exchanges()
        self._exchanges: list[Exchange] = []
        self._count = 0

    def take(self, item: Item) -> None:
        """The next item."""
        if isinstance(item, ApplicationData):
            self._heard = self._heard.and_then(item)
        elif exchange := self._open.receive(item):
            self._count += 1
            if len(self._exchanges) < MOST_EXCHANGES:
                self._exchanges.append(exchange)

    def leaks(self, facts: Facts, pending: Sequence[Item] = ()) -> Leaks:
        """The sum until now. `pending` is what the flow has not told yet of one that goes on."""
        going_on = self._open.so_far(pending)
        heard = self._heard
        for item in pending:
            heard = heard.and_then(item) if isinstance(item, ApplicationData) else heard
        tls = facts.tls
        offered = tls.client_hello.extensions if tls and tls.client_hello else None
        protocols = offered.get(ProtocolNameList) if offered else None
        names = protocols.protocol_name_list if protocols else ()
        return Leaks(
            facts.endpoints,
            facts.protocol,
            facts.start,
            facts.end,
            dict(facts.wire_bytes),
            server_name=tls.sni if tls else None,
            encrypted_client_hello=bool(offered and ExtensionType.encrypted_client_hello in offered),
            offered=tuple(name.decode("ascii", "backslashreplace") for name in names),
            alpn=tls.alpn if tls else None,
            ja4=tls.ja4 if tls else None,
            certificate=_subject(tls.certificates) if tls else None,
            largest_answer=_plaintext(heard.answer, facts),
            exchanges=(*self._exchanges, *going_on)[:MOST_EXCHANGES],
            exchange_count=self._count + len(going_on),
        )


@value
class _Heard:
    """Of the sealed runs: the longest from the server since the client has said something. What the server sends before
    that is no answer: in TLS 1.3 it is its part of the handshake.
    """

    asked: bool = False
    answer: ApplicationData | None = None

    def and_then(self, run: ApplicationData) -> _Heard:
        if run.side is Side.CLIENT:
            return _Heard(True, self.answer)
        if self.asked and (self.answer is None or run.wire_bytes > self.answer.wire_bytes):
            return _Heard(True, run)
        return self


def _plaintext(run: ApplicationData | None, facts: Facts) -> int | None:
    hello = facts.tls.server_hello if facts.tls else None
    if run is None or hello is None:
        return None
    overhead = record_overhead(hello.cipher_suite, hello.version)
    return None if overhead is None else run.wire_bytes - overhead * run.records


def record_overhead(suite: CipherSuite, version: ProtocolVersion) -> int | None:
    """Bytes that a record has beside its content, header included; None where padding hides it (CBC)."""
    parts = spoken(suite)
    if parts is None:
        return None
    if version >= ProtocolVersion.TLSv1_3:
        return _HEADER + _INNER_TYPE + parts.aead.tag_length
    # AES-GCM sends the part of its nonce that the key block has not (RFC 5288 §3); ChaCha20-Poly1305 has all (7905 §2).
    explicit = 8 if parts.aead.name.endswith("GCM") else 0
    return _HEADER + explicit + parts.aead.tag_length


def _subject(chain: tuple[bytes, ...]) -> str | None:
    if not chain:
        return None
    try:
        return read_certificate(chain[0]).subject
    except PARSE_ERRORS:
        return None
