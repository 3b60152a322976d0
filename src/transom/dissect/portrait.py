"""One conversation as fields that another one's can be held against: what each side offered, chose, showed, refused.

A field says what the bytes say and no more: its value where it was read, else whether it was not there or is there and
sealed. Texts of a peer are not escaped. GREASE has one name whatever its number, since it is chosen by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from transom.dissect.exchanges import Exchange, Exchanges
from transom.dissect.facts import Facts, TlsFacts
from transom.dissect.json_lines import outcome
from transom.dissect.session import Session
from transom.dissect.timeline import Item, Message
from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.extensions.base import Extensions
from transom.tls.extensions.cookie import Cookie
from transom.tls.extensions.key_share import KeyShareClientHello, KeyShareHelloRetryRequest
from transom.tls.extensions.signature_algorithms import SignatureSchemeList
from transom.tls.extensions.supported_groups import NamedGroupList
from transom.tls.iana.alerts import AlertDescription
from transom.tls.messages.certificate import CertificateRequest12, CertificateRequest13, CertificateRequestLegacy
from transom.tls.messages.ending import EncryptedExtensions
from transom.tls.messages.hello import DOWNGRADE_TO_TLS12, ClientHello, ServerHello
from transom.trust.certificate import PARSE_ERRORS, read_certificate
from transom.trust.verdict import Verdict
from transom.value import value
from transom.wire.codepoint import CodePoint
from transom.wire.tap import Side

Group = Literal[
    "conversation", "client_hello", "retry", "server_hello", "certificate", "alert", "http", "timing", "ends"
]  # fmt: skip
"""Where a field stands, in the order in which a conversation comes to it; `timing` is no part of that.

`ends` are there for one connection that was captured at two places: see `dissect.both_ends`.
"""

State = Literal["seen", "absent", "sealed"]

Value = None | bool | int | str | tuple[str, ...]
"""Lists are in the order of the wire; moments are seconds since the epoch, spans nanoseconds."""


class Key(NamedTuple):
    """A field's name."""

    group: Group
    name: str

    def __str__(self) -> str:
        return f"{self.group}.{self.name}"


@value
class Told:
    """What a conversation says of one field; `value` is None unless it was seen."""

    state: State
    value: Value = None


ABSENT = Told("absent")
SEALED = Told("sealed")


@value
class Portrait:
    """The fields of one conversation, each side's in one order. `verdict` is what became of the server's chain."""

    fields: dict[Key, Told]
    verdict: Verdict | None = None

    def value(self, group: Group, name: str) -> Value:
        """The value of a field, None where it was not seen."""
        return self.fields[Key(group, name)].value

    def list(self, group: Group, name: str) -> tuple[str, ...]:
        """The value of a field that is a list; empty where it was not seen."""
        found = self.value(group, name)
        return found if isinstance(found, tuple) else ()


class Portraitist:
    """A listener of one conversation: give it the items of a `Flow`. It keeps no more of them than the portrait has."""

    def __init__(self) -> None:
        self._session = Session()
        self._first_hello: Message | None = None
        self._second_hello: ClientHello | None = None
        self._retry: ServerHello | None = None
        self._encrypted_extensions: EncryptedExtensions | None = None
        self._certificate_wanted = False
        self._open = Exchanges()
        self._exchange: Exchange | None = None

    def take(self, item: Item) -> None:
        """The next item."""
        self._session.see(item)
        if isinstance(item, Message):
            self._take_message(item)
        elif exchange := self._open.receive(item):
            self._exchange = self._exchange or exchange

    def portrait(self, facts: Facts) -> Portrait:
        """The whole of it, once the conversation is over."""
        unfinished = self._open.unfinished()
        exchange = self._exchange or (unfinished[0] if unfinished else None)
        groups: tuple[tuple[Group, Iterable[tuple[str, Told]]], ...] = (
            ("conversation", [("protocol", _seen(facts.protocol))]),
            ("client_hello", self._client_hello(facts.tls)),
            ("retry", self._retry_request()),
            ("server_hello", self._server_hello(facts.tls)),
            ("certificate", self._certificate(facts.tls)),
            ("alert", self._alerts(facts.tls)),
            ("http", _http(exchange, sealed=facts.tls is not None and facts.tls.why_not is not None)),
            ("timing", self._timing(facts)),
        )
        fields = {Key(group, name): told for group, told_of in groups for name, told in told_of}
        return Portrait(fields, facts.tls.verdict if facts.tls else None)

    def _take_message(self, message: Message) -> None:
        match message.value:
            case ClientHello() as hello:
                if self._first_hello is None:
                    self._first_hello = message
                elif self._retry is not None and self._second_hello is None:
                    self._second_hello = hello
            case ServerHello(is_retry_request=True) as retry:
                self._retry = self._retry or retry
            case EncryptedExtensions() as found:
                self._encrypted_extensions = found
            case CertificateRequest12() | CertificateRequest13() | CertificateRequestLegacy():
                self._certificate_wanted = True
            case _:
                pass

    def _client_hello(self, tls: TlsFacts | None) -> Iterator[tuple[str, Told]]:
        message = self._first_hello
        hello = message.value if message else None
        known = hello if isinstance(hello, ClientHello) else None
        extensions = known.extensions if known else Extensions()
        groups = extensions.get(NamedGroupList)
        shares = extensions.get(KeyShareClientHello)
        schemes = extensions.get(SignatureSchemeList)
        yield "server_name", _seen(tls.sni if tls else None)
        yield "versions", _seen(tuple(version.dotted for version in known.versions) if known else None)
        yield "cipher_suites", _names(known.cipher_suites if known else None)
        yield "groups", _names(groups.named_group_list if groups else None)
        yield "key_shares", _names([share.group for share in shares.client_shares] if shares else None)
        yield "signature_schemes", _names(schemes.supported_signature_algorithms if schemes else None)
        yield "alpn", _protocols(extensions)
        yield "extensions", _names(extensions.types if known else None)
        yield "legacy_version", _seen(known.legacy_version.dotted if known else None)
        yield "record_version", _seen(message.records[0].version.dotted if message else None)
        yield "length", _seen(message.length if message else None)
        yield "ja3", _seen(tls.ja3 if tls else None)
        yield "ja4", _seen(tls.ja4 if tls else None)

    def _retry_request(self) -> Iterator[tuple[str, Told]]:
        retry, second = self._retry, self._second_hello
        wanted = retry.extensions.get(KeyShareHelloRetryRequest) if retry else None
        shares = second.extensions.get(KeyShareClientHello) if second else None
        yield "sent", _seen(retry is not None)
        yield "group", _seen(wanted.selected_group.name if wanted else None)
        yield "cookie", _seen(retry.extensions.get(Cookie) is not None if retry else None)
        yield "key_shares", _names([share.group for share in shares.client_shares] if shares else None)

    def _server_hello(self, tls: TlsFacts | None) -> Iterator[tuple[str, Told]]:
        hello = tls.server_hello if tls else None
        session = self._session
        within = self._encrypted_extensions
        shut = SEALED if hello and session.is_tls13 and within is None else None
        yield "version", _seen(hello.version.dotted if hello else None)
        yield "cipher_suite", _seen(hello.cipher_suite.name if hello else None)
        yield "group", _seen(session.group.name if hello and session.group is not None else None)
        yield "alpn", shut or _seen(tls.alpn if tls else None)
        yield "extensions", _names(hello.extensions.types if hello else None)
        yield "encrypted_extensions", shut or _names(within.extensions.types if within else None)
        yield "legacy_version", _seen(hello.legacy_version.dotted if hello else None)
        yield "resumed", _seen(session.is_resumed if hello else None)
        yield "downgrade_mark", _seen(hello.random.endswith(DOWNGRADE_TO_TLS12) if hello else None)
        yield "client_certificate_wanted", shut or _seen(self._certificate_wanted if hello else None)
        yield "ja3s", _seen(tls.ja3s if tls else None)

    def _certificate(self, tls: TlsFacts | None) -> Iterator[tuple[str, Told]]:
        names = ("verdict", "subject", "names", "issuer", "key", "not_before", "not_after", "chain_length", "sha256")
        chain = tls.certificates if tls else ()
        if tls is None or not chain:
            # A resumed session has none; otherwise TLS 1.3 has one that stays shut, if the handshake came so far.
            hidden = self._session.server_hello is not None and self._session.is_tls13 and not self._session.is_resumed
            shut = hidden and self._encrypted_extensions is None
            yield from ((name, SEALED if shut else ABSENT) for name in names)
            return
        told: dict[str, Value] = {"verdict": outcome(tls.verdict), "chain_length": len(chain)}
        try:
            leaf = read_certificate(chain[0])
        except PARSE_ERRORS:
            pass
        else:
            told |= {
                "subject": leaf.subject,
                "names": leaf.names,
                "issuer": leaf.issuer,
                "key": leaf.key,
                "not_before": int(leaf.not_before.timestamp()),
                "not_after": int(leaf.not_after.timestamp()),
                "sha256": leaf.sha256,
            }
        yield from ((name, _seen(told.get(name))) for name in names)

    def _alerts(self, tls: TlsFacts | None) -> Iterator[tuple[str, Told]]:
        """What a side said before it gave up; that of a conversation which stays shut may be among what was sealed."""
        none = SEALED if tls is not None and tls.why_not is not None else ABSENT
        for side in Side:
            message = self._session.alerts.get(side)
            if message is None or message.alert is None:
                yield side.value, none
                continue
            level, description = message.alert
            closes = description is AlertDescription.close_notify
            yield side.value, ABSENT if closes else _seen(f"{level.name} {description.name}")

    def _timing(self, facts: Facts) -> Iterator[tuple[str, Told]]:
        session = self._session
        yield "handshake", _between(session.hello_at, session.done_at)
        yield "round_trips", _seen(session.round_trips if session.hello_at is not None else None)
        yield "first_byte", _between(session.request_at, session.response_at)
        yield "lasted", _between(facts.start, facts.end)


def _http(exchange: Exchange | None, *, sealed: bool) -> Iterator[tuple[str, Told]]:
    request = exchange.request if exchange else None
    response = exchange.response if exchange else None
    none = SEALED if sealed and exchange is None else ABSENT
    yield "request", _seen(f"{request.method} {exchange.path}") if exchange and request else none
    yield "status", _seen(response.status) if response else none
    yield "version", _seen(response.version) if response else none


def _seen(found: Value) -> Told:
    return ABSENT if found is None else Told("seen", found)


def _names(points: Sequence[CodePoint] | None) -> Told:
    return ABSENT if points is None else Told("seen", tuple(point.name for point in points))


def _protocols(extensions: Extensions) -> Told:
    offer = extensions.get(ProtocolNameList)
    if offer is None:
        return ABSENT
    return Told("seen", tuple(name.decode("ascii", "backslashreplace") for name in offer.protocol_name_list))


def _between(start: int | None, end: int | None) -> Told:
    return ABSENT if start is None or end is None else Told("seen", end - start)
