"""The transfers of `transom demo`: the ordinary server and the ordinary client, four times down and once up."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from transom.channel.interface import Channel
from transom.channel.own_tls import OwnTlsChannel
from transom.dissect.journey import Carried, Kind
from transom.dissect.recording import Recording
from transom.tls.config import CIPHER_SUITES, VERSIONS, ClientConfig, ServerConfig
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.versions import ProtocolVersion
from transom.transfer.client import Road
from transom.transfer.get import GetRequest, get
from transom.transfer.put import PutRequest, put
from transom.transfer.result import TransferResult
from transom.transfer.serve import Server
from transom.transfer.site import Site
from transom.trust.identity import Identity
from transom.trust.local_ca import LocalCA, Owner
from transom.trust.store import TrustStore
from transom.trust.verify import verify_chain
from transom.value import value

HOST = "localhost"
ECDHE = CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
STATIC_RSA = CipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384
TLS12, TLS13 = (ProtocolVersion.TLSv1_2,), (ProtocolVersion.TLSv1_3,)


@dataclass
class Crossing:
    """One transfer: what crossed, the key-log lines the client wrote, and how it ended."""

    kind: Kind
    recording: Recording = field(default_factory=Recording)
    secrets: list[str] = field(default_factory=list[str])
    result: TransferResult | None = None
    arrived_sha256: str = ""


@value
class Demo:
    """All that happened. `identity` is the server's, with its private key; `store` trusts the demo's CA."""

    downloads: tuple[Crossing, ...]
    upload: Crossing
    identity: Identity
    store: TrustStore


def made_file(folder: Path, name: str, size: int) -> Carried:
    """A new binary file of random bytes."""
    content = os.urandom(size)
    (folder / name).write_bytes(content)
    return Carried(name, size, hashlib.sha256(content).hexdigest())


async def cross_all(folder: Path, down: Carried, up: Carried) -> Demo:
    """Serve `down` from `folder`, fetch it by each of the four ways, and send `up` the other way."""
    now = datetime.now(UTC)
    ca = LocalCA.in_memory(Owner("demo", HOST), now)
    identity = ca.issue([HOST], now, "rsa")  # RSA: the static form can be shown with no other key
    shared, arrived = folder / "shared", folder / "arrived"
    shared.mkdir()
    arrived.mkdir()
    (folder / down.name).rename(shared / down.name)
    async with _serving(shared, identity) as (http, https):
        downloads = [await _fetch(Crossing("http"), f"http://{HOST}:{http}/{down.name}", arrived, ca.trust_store)]
        ways: tuple[tuple[Kind, tuple[ProtocolVersion, ...], tuple[CipherSuite, ...]], ...] = (
            ("ecdhe", TLS12, (ECDHE,)),
            ("rsa", TLS12, (STATIC_RSA,)),
            ("tls13", TLS13, CIPHER_SUITES),
        )
        url = f"https://{HOST}:{https}/{down.name}"
        for kind, versions, suites in ways:
            downloads.append(await _fetch(Crossing(kind), url, arrived, ca.trust_store, versions, suites))
        upload = await _send(Crossing("tls13"), folder / up.name, f"https://{HOST}:{https}/", shared, ca.trust_store)
    return Demo(tuple(downloads), upload, identity, ca.trust_store)


@asynccontextmanager
async def _serving(folder: Path, identity: Identity) -> AsyncGenerator[tuple[int, int], None]:
    """The ordinary server on two free ports of loopback, HTTP and HTTPS."""
    # Static RSA is offered because this is loopback and the lesson asks for it.
    config = ServerConfig(
        versions=VERSIONS, cipher_suites=(*CIPHER_SUITES, STATIC_RSA), identities=(identity,), alpn=("http/1.1",)
    )
    server = Server(Site(folder, upload=True))
    try:
        (http,) = await server.listen("127.0.0.1", 0)
        (https,) = await server.listen("127.0.0.1", 0, lambda: OwnTlsChannel.server(config))
        yield http.port, https.port
    finally:
        await server.stop(grace=1.0)


async def _fetch(
    crossing: Crossing,
    url: str,
    folder: Path,
    store: TrustStore,
    versions: tuple[ProtocolVersion, ...] = VERSIONS,
    suites: tuple[CipherSuite, ...] = CIPHER_SUITES,
) -> Crossing:
    target = folder / f"{crossing.kind}.bin"
    crossing.result = await get(GetRequest(url, output=target), _road(crossing, store, versions, suites))
    crossing.arrived_sha256 = hashlib.sha256(target.read_bytes()).hexdigest()
    return crossing


async def _send(crossing: Crossing, file: Path, url: str, stored: Path, store: TrustStore) -> Crossing:
    crossing.result = await put(PutRequest(file, url), _road(crossing, store, TLS13, CIPHER_SUITES))
    crossing.arrived_sha256 = hashlib.sha256((stored / file.name).read_bytes()).hexdigest()
    return crossing


def _road(
    crossing: Crossing, store: TrustStore, versions: tuple[ProtocolVersion, ...], suites: tuple[CipherSuite, ...]
) -> Road:
    config = ClientConfig(
        versions=versions,
        cipher_suites=suites,
        alpn=("http/1.1",),
        keylog=crossing.secrets.append,
        verify=lambda chain, name: verify_chain(chain, name, store, datetime.now(UTC)),
    )

    def channel(host: str) -> Channel:
        return OwnTlsChannel.client(config, host)

    return Road(channel, tap_factory=lambda: crossing.recording)
