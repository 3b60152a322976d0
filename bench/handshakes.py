"""Whole handshakes a second, in memory: our engine, beside the standard library's ssl over MemoryBIO.

    python bench/handshakes.py [HANDSHAKES]

Each handshake is both of its sides in one process: key exchange, signature, and the client's verification of a chain
of two certificates and of the name. Each round measures both engines one after the other; printed are medians of the
rounds and their ratio.
"""

from __future__ import annotations

import ssl
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from transom.tls.config import ClientConfig, ServerConfig
from transom.tls.connection import client_connection, server_connection
from transom.tls.iana.versions import ProtocolVersion
from transom.trust.identity import Identity
from transom.trust.issue import KeyType
from transom.trust.local_ca import LocalCA, Owner
from transom.trust.verify import VerifiedPeer, verify_chain

ROUNDS = 7
NAME = "localhost"
CASES: tuple[tuple[ProtocolVersion, KeyType], ...] = (
    (ProtocolVersion.TLSv1_3, "ecdsa"),
    (ProtocolVersion.TLSv1_3, "rsa"),
    (ProtocolVersion.TLSv1_2, "ecdsa"),
    (ProtocolVersion.TLSv1_2, "rsa"),
)
Handshake = Callable[[], None]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    print(f"{ssl.OPENSSL_VERSION} in ssl; {count} handshakes a round, median of {ROUNDS} rounds, handshakes a second")
    print(f"{'':18}{'ours':>8}{'ssl':>8}  ours/ssl", flush=True)
    ca = LocalCA.in_memory(Owner("bench", NAME), datetime.now(UTC))
    for version, key_type in CASES:
        identity = ca.issue([NAME], datetime.now(UTC), key_type)
        engines = ours(ca, identity, version), openssl(ca, identity, version)
        rates: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for handshake, measured in zip(engines, rates, strict=True):
                measured.append(rate(handshake, count))
        mine, theirs = (median(measured) for measured in rates)
        print(f"{version.title} {key_type:10}{mine:8.0f}{theirs:8.0f}  {mine / theirs:8.2f}", flush=True)


def rate(handshake: Handshake, count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        handshake()
    return count / (time.perf_counter() - start)


def ours(ca: LocalCA, identity: Identity, version: ProtocolVersion) -> Handshake:
    store = ca.trust_store

    def verify_now(chain: Sequence[bytes], name: str) -> VerifiedPeer:
        return verify_chain(chain, name, store, datetime.now(UTC))

    client_config = ClientConfig(versions=(version,), verify=verify_now)
    server_config = ServerConfig(versions=(version,), identities=(identity,))

    def handshake() -> None:
        client, server = client_connection(client_config, NAME), server_connection(server_config)
        client.start()
        server.start()
        while client.session is None or server.session is None:
            server.receive(client.take_outgoing())
            client.receive(server.take_outgoing())

    return handshake


def openssl(ca: LocalCA, identity: Identity, version: ProtocolVersion) -> Handshake:
    client_context, server_context = (
        ssl.SSLContext(protocol) for protocol in (ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER)
    )
    client_context.load_verify_locations(cadata=ca.certificate_pem.decode("ascii"))
    server_context.num_tickets = 0  # we send none
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "identity.pem"
        path.write_bytes(as_pem(identity))
        server_context.load_cert_chain(path)
    for context in (client_context, server_context):
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version.name]

    def handshake() -> None:
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = client_context.wrap_bio(to_client, to_server, server_hostname=NAME)
        server = server_context.wrap_bio(to_server, to_client, server_side=True)
        waiting = [client, server]
        while waiting:
            waiting = [side for side in waiting if not is_done(side)]

    return handshake


def is_done(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def as_pem(identity: Identity) -> bytes:
    key = identity.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key + b"".join(ssl.DER_cert_to_PEM_cert(der).encode("ascii") for der in identity.chain)


if __name__ == "__main__":
    main()
