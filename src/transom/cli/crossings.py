"""One file over several channels: our engine at both ends or at one, and the ordinary server and client around it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from transom.channel.interface import Channel
from transom.channel.own_tls import OwnTlsChannel
from transom.cli.show.figures import SECOND
from transom.dissect.journey import Journey, Kind, Seen
from transom.dissect.timeline import HttpBody
from transom.tls.config import CIPHER_SUITES, VERSIONS, ChainVerifier, ClientConfig, KeyLogWriter, ServerConfig
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.versions import ProtocolVersion
from transom.transfer.client import Road
from transom.transfer.result import TransferResult
from transom.transfer.serve import Server
from transom.transfer.site import Site
from transom.trust.identity import Identity
from transom.trust.store import TrustStore
from transom.trust.verify import accept_unverified, verify_chain
from transom.value import value
from transom.wire.tap import Tap

HOST = "localhost"
ECDHE = CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
STATIC_RSA = CipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384
TLS12, TLS13 = (ProtocolVersion.TLSv1_2,), (ProtocolVersion.TLSv1_3,)


@value
class Offered:
    """What a client offers."""

    versions: tuple[ProtocolVersion, ...] = VERSIONS
    suites: tuple[CipherSuite, ...] = CIPHER_SUITES


@value
class Way:
    """One way for the file to cross; `offered` is None in the clear."""

    kind: Kind
    offered: Offered | None


IN_THE_CLEAR = Way("http", None)
BY_ECDHE = Way("ecdhe", Offered(TLS12, (ECDHE,)))
BY_STATIC_RSA = Way("rsa", Offered(TLS12, (STATIC_RSA,)))
BY_TLS13 = Way("tls13", Offered(TLS13))


@dataclass
class Crossing:
    """One transfer: the key-log lines the client wrote, and how it ended."""

    kind: Kind
    secrets: list[str] = field(default_factory=list[str])
    result: TransferResult | None = None
    arrived_sha256: str = ""


@asynccontextmanager
async def serving(site: Site, identity: Identity) -> AsyncGenerator[tuple[int, int], None]:
    """The ordinary server on two free ports of loopback, HTTP and HTTPS."""
    # Static RSA is offered because this is loopback and the lesson asks for it.
    config = ServerConfig(
        versions=VERSIONS, cipher_suites=(*CIPHER_SUITES, STATIC_RSA), identities=(identity,), alpn=("http/1.1",)
    )
    server = Server(site)
    try:
        (http,) = await server.listen("127.0.0.1", 0)
        (https,) = await server.listen("127.0.0.1", 0, lambda: OwnTlsChannel.server(config))
        yield http.port, https.port
    finally:
        await server.stop(grace=1.0)


def road(offered: Offered, store: TrustStore | None, keylog: KeyLogWriter, tap: Callable[[], Tap]) -> Road:
    """The ordinary client with our engine. Without a `store` the server is not asked who it is."""
    config = ClientConfig(
        versions=offered.versions,
        cipher_suites=offered.suites,
        alpn=("http/1.1",),
        keylog=keylog,
        verify=_verifier(store),
    )

    def channel(host: str) -> Channel:
        return OwnTlsChannel.client(config, host)

    return Road(channel, tap_factory=tap)


def _verifier(store: TrustStore | None) -> ChainVerifier:
    if store is None:
        return lambda chain, _name: accept_unverified(chain, "-k")
    return lambda chain, name: verify_chain(chain, name, store, datetime.now(UTC))


def journey_of(crossing: Crossing, with_keys: Seen, without_keys: Seen, opened_later: bool | None) -> Journey:
    """What the observers made of one crossing. `opened_later`: see `Journey.opened_by_private_key`."""
    if crossing.result is None:
        raise RuntimeError("a crossing that did not end has no story")
    duration = int(crossing.result.times.total * SECOND)
    return Journey(crossing.kind, with_keys, without_keys, duration, crossing.arrived_sha256, opened_later)


def is_opened(kind: Kind, later: Seen) -> bool | None:
    """Whether an observer who was given the server's private key afterwards reads what came; None in the clear."""
    if kind == "http":
        return None
    return any(isinstance(item, HttpBody) and item.complete and item.length for item in later.items)


def rsa_keys(identity: Identity) -> list[RSAPrivateKey]:
    """The private key of a server, if it is one that opens what was recorded."""
    key = identity.private_key
    return [key] if isinstance(key, RSAPrivateKey) else []


def ways_on_loopback(*, static_rsa: bool) -> Sequence[Way]:
    """In the order in which they are told."""
    return (IN_THE_CLEAR, BY_ECDHE, *([BY_STATIC_RSA] if static_rsa else []), BY_TLS13)
