"""What a conversation has agreed on so far, gathered from its items: the shower of one item often needs another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from transom.dissect.timeline import HttpBody, HttpRequest, HttpResponse, Item, Message
from transom.tls.extensions.key_share import KeyShareServerHello
from transom.tls.extensions.pre_shared_key import SelectedPsk
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.certificate import Certificate12, Certificate13
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.tls.messages.key_exchange import (
    ServerKeyExchangeECDHAnon,
    ServerKeyExchangeECDHE,
    ServerKeyExchangeECDHELegacy,
)
from transom.tls.suites import KeyExchange, SuiteParts, take_apart
from transom.wire.tap import Side


@dataclass
class Session:
    """The state behind a story. Times are nanoseconds since the epoch; `round_trips` are those of the handshake."""

    client_hello: ClientHello | None = None
    server_hello: ServerHello | None = None
    group: NamedGroup | None = None
    retried: bool = False
    hello_at: int | None = None
    done_at: int | None = None
    round_trips: int = 0
    request_at: int | None = None
    response_at: int | None = None
    status: int | None = None
    """Of the first answer that is final; `body` is what came of it, once it has ended or was cut short."""
    body: HttpBody | None = None
    client_chain: tuple[bytes, ...] | None = None
    """The client's own certificates, none of them when it has none to show; None when it was not asked."""
    alerts: dict[Side, Message] = field(default_factory=dict[Side, Message])
    _finished: set[Side] = field(default_factory=set[Side])
    _last_side: Side | None = None

    @classmethod
    def of(cls, items: Iterable[Item]) -> Session:
        """Of a conversation that is over."""
        session = cls()
        for item in items:
            session.see(item)
        return session

    @property
    def version(self) -> ProtocolVersion | None:
        return self.server_hello.version if self.server_hello else None

    @property
    def is_tls13(self) -> bool:
        return self.retried or (self.version is not None and self.version >= ProtocolVersion.TLSv1_3)

    @property
    def suite(self) -> CipherSuite | None:
        return self.server_hello.cipher_suite if self.server_hello else None

    @property
    def parts(self) -> SuiteParts | None:
        """The suite taken apart."""
        return take_apart(self.suite) if self.suite is not None else None

    @property
    def is_static_rsa(self) -> bool:
        """Whether the certificate's own key carries the secret: there is no ServerKeyExchange."""
        return self.parts is not None and self.parts.key_exchange is KeyExchange.RSA

    @property
    def is_resumed(self) -> bool:
        """Whether the server took up an earlier session (RFC 8446 §2.2, RFC 5246 §7.3)."""
        if self.client_hello is None or self.server_hello is None:
            return False
        if self.is_tls13:
            return self.server_hello.extensions.get(SelectedPsk) is not None
        sent, echoed = self.client_hello.legacy_session_id, self.server_hello.legacy_session_id_echo
        return bool(sent) and sent == echoed

    def see(self, item: Item) -> None:
        """The next item of the conversation."""
        match item:
            case Message():
                self._see_message(item)
            case HttpRequest() if self.request_at is None:
                self.request_at = item.moment.time
            case HttpResponse() if self.response_at is None and item.status >= 200:
                self.response_at, self.status = item.moment.time, item.status
            case HttpBody(side=Side.SERVER) if self.body is None and self.status is not None:
                self.body = item
            case _:
                pass

    def _see_message(self, message: Message) -> None:
        match message.value:
            case ClientHello() as hello:
                self.client_hello = hello
                self.hello_at = self.hello_at or message.moment.time
            case ServerHello(is_retry_request=True):
                self.retried = True  # Only TLS 1.3 has it (RFC 8446 §4.1.4).
            case ServerHello() as hello:
                self.server_hello = hello
                share = hello.extensions.get(KeyShareServerHello)
                self.group = share.server_share.group if share else self.group
            case Certificate12(certificate_list=chain) if message.side is Side.CLIENT:
                self.client_chain = chain
            case Certificate13(certificate_list=entries) if message.side is Side.CLIENT:
                self.client_chain = tuple(entry.cert_data for entry in entries)
            case ServerKeyExchangeECDHE() | ServerKeyExchangeECDHELegacy() | ServerKeyExchangeECDHAnon() as exchange:
                self.group = exchange.params.named_curve
            case _:
                pass
        if message.alert:
            self.alerts.setdefault(message.side, message)
        if self.done_at is None:
            self._count(message)

    def _count(self, message: Message) -> None:
        """A round trip is the client speaking and the server answering, until both have said Finished."""
        if self._last_side is Side.CLIENT and message.side is Side.SERVER:
            self.round_trips += 1
        self._last_side = message.side
        if message.type is HandshakeType.finished:
            self._finished.add(message.side)
            if len(self._finished) == 2:
                self.done_at = message.moment.time
