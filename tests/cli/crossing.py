"""One file crossing in memory: our engine speaks, two observers look on, one with the keys and one without."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tests.dissect.items import EPOCH, MILLISECOND
from tests.tls.shuttle import Shuttle, client_config, local_ca, server_config
from transom.dissect.flow import Flow
from transom.dissect.journey import Carried, Journey, Kind, Seen
from transom.dissect.telling import Looking
from transom.dissect.timeline import Item
from transom.errors import PeerError
from transom.tls.config import ClientConfig
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import KeyLog
from transom.trust.issue import KeyType
from transom.wire.tap import Endpoint, Endpoints, Side

CONTENT = bytes(range(256)) * 256
CARRIED = Carried("picture.bin", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
REQUEST = b"GET /picture.bin HTTP/1.1\r\nHost: localhost:40871\r\n\r\n"
RESPONSE = b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: "5f-1a"\r\n\r\n' % len(CONTENT) + CONTENT
ENDPOINTS = Endpoints(Endpoint("127.0.0.1", 50000), Endpoint("127.0.0.1", 40871))

Wire = Sequence[tuple[Side, bytes]]

_SPOKEN: dict[Kind, tuple[ProtocolVersion, CipherSuite]] = {
    "ecdhe": (ProtocolVersion.TLSv1_2, CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
    "rsa": (ProtocolVersion.TLSv1_2, CipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384),
    "tls13": (ProtocolVersion.TLSv1_3, CipherSuite.TLS_AES_128_GCM_SHA256),
}


@dataclass(frozen=True)
class Crossed:
    """What crossed, and the key log of it."""

    wire: Wire
    keylog: bytes
    error: PeerError | None = None


@cache
def crossed(kind: Kind) -> Crossed:
    """The file, fetched."""
    if kind == "http":
        return Crossed(((Side.CLIENT, REQUEST), (Side.SERVER, RESPONSE)), b"")
    version, suite = _SPOKEN[kind]
    log: list[str] = []
    config = client_config(versions=(version,), cipher_suites=(suite,), alpn=("http/1.1",), keylog=log.append)
    server = server_config("rsa", versions=(version,), cipher_suites=(suite,), alpn=("http/1.1",))
    shuttle = Shuttle.between(config, server).handshake()
    shuttle.send(Side.CLIENT, REQUEST)
    shuttle.send(Side.SERVER, RESPONSE)
    return Crossed(tuple(shuttle.wire), "".join(log).encode())


def refused(config: ClientConfig, key_type: KeyType = "ecdsa") -> Crossed:
    """A handshake that the client gives up, up to its alert."""
    shuttle = Shuttle.between(config, server_config(key_type))
    shuttle.client.start()
    shuttle.server.start()
    try:
        shuttle.run()
    except PeerError as error:
        shuttle.wire.append((Side.CLIENT, bytes(shuttle.client.take_outgoing())))
        return Crossed(tuple(shuttle.wire), b"", error)
    raise AssertionError("the client took what it should have refused")


def seen(what: Crossed, *, keys: bool, step: float = 1.0) -> Seen:
    """What an observer makes of it, a flight every `step` milliseconds."""
    items: list[Item] = []
    log = KeyLog()
    if keys:
        log.receive(what.keylog)
    flow = Flow(0, items.append, Looking(keys=log, store=local_ca().trust_store if keys else None, hash_bodies=True))
    time = EPOCH
    flow.opened(ENDPOINTS, time)
    for side, data in what.wire:
        time += round(step * MILLISECOND)
        flow.data(side, data, time)
    for side in Side:
        flow.closed(side, time)
    return Seen(tuple(items), flow.facts)


@cache
def journey(kind: Kind) -> Journey:
    """The crossing, as a story wants it."""
    what = crossed(kind)
    private = {"http": None, "ecdhe": False, "rsa": True, "tls13": False}[kind]
    with_keys, without_keys = seen(what, keys=True), seen(what, keys=False)
    return Journey(kind, with_keys, without_keys, 12 * MILLISECOND, CARRIED.sha256, private)
