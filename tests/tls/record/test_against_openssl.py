"""Every suite against OpenSSL: its records open with the keys of its key log, and ours are the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import NameOID

from tests.tls.record import openssl_session
from tests.tls.record.openssl_session import BODY, GREETING
from transom.crypto.aead import AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, Aead
from transom.crypto.hashes import Hash
from transom.crypto.rsa_transport import open_premaster
from transom.errors import PeerMisbehaved
from transom.tls.iana.content_types import ContentType
from transom.tls.keys.keylog import KeyLog, Label
from transom.tls.keys.schedule12 import KeyBlock, MasterSecret
from transom.tls.keys.schedule13 import TrafficSecret
from transom.tls.record.deframer import Deframer
from transom.tls.record.protection import Opened, Opener
from transom.tls.record.protection12 import Opener12, Sealer12
from transom.tls.record.protection13 import Opener13, Sealer13
from transom.tls.record.run import Run
from transom.wire.tap import Side

SUITES: dict[str, tuple[str, Aead, Hash]] = {
    "TLS_AES_128_GCM_SHA256": ("TLSv1_3", AES_128_GCM, Hash.SHA256),
    "TLS_AES_256_GCM_SHA384": ("TLSv1_3", AES_256_GCM, Hash.SHA384),
    "TLS_CHACHA20_POLY1305_SHA256": ("TLSv1_3", CHACHA20_POLY1305, Hash.SHA256),
    "ECDHE-RSA-AES128-GCM-SHA256": ("TLSv1_2", AES_128_GCM, Hash.SHA256),
    "ECDHE-RSA-AES256-GCM-SHA384": ("TLSv1_2", AES_256_GCM, Hash.SHA384),
    "ECDHE-RSA-CHACHA20-POLY1305": ("TLSv1_2", CHACHA20_POLY1305, Hash.SHA256),
    "AES128-GCM-SHA256": ("TLSv1_2", AES_128_GCM, Hash.SHA256),
    "AES256-GCM-SHA384": ("TLSv1_2", AES_256_GCM, Hash.SHA384),
}
TLS13 = [name for name, row in SUITES.items() if row[0] == "TLSv1_3"]
TLS12 = [name for name, row in SUITES.items() if row[0] == "TLSv1_2"]
STATIC_RSA = [name for name in TLS12 if not name.startswith("ECDHE")]
FINISHED_HEAD = bytes([20, 0, 0, 12])


@dataclass(frozen=True)
class Session:
    client: bytes
    server: bytes
    keylog: KeyLog
    aead: Aead
    hash: Hash

    @property
    def client_random(self) -> bytes:
        return hello_random(self.client)

    @property
    def server_random(self) -> bytes:
        return hello_random(self.server)


def hello_random(stream: bytes) -> bytes:
    """Behind the record's header, the message's type and length, and legacy_version."""
    return stream[11:43]


@pytest.fixture(scope="module")
def private_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def sessions(private_key: RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Session]:
    folder = tmp_path_factory.mktemp("openssl")
    certificate = folder / "server.pem"
    certificate.write_bytes(self_signed(private_key))
    return {suite: record_session(suite, certificate, folder) for suite in SUITES}


def self_signed(key: RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1)
    builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=3650))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def record_session(suite: str, certificate: Path, folder: Path) -> Session:
    version, aead, algorithm = SUITES[suite]
    configuration, keylog = folder / "openssl.cnf", folder / f"{suite}.keys"
    choice = f"Ciphersuites = {suite}\n" if version == "TLSv1_3" else ""
    configuration.write_text(
        f"openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n{choice}", encoding="ascii"
    )
    done = subprocess.run(
        [sys.executable, openssl_session.__file__, version, suite, str(certificate), str(keylog)],
        env=os.environ | {"OPENSSL_CONF": str(configuration)},
        capture_output=True,
        check=True,
    )
    crossed = json.loads(done.stdout)
    assert crossed["suite"] == suite
    streams = bytes.fromhex(crossed["client"]), bytes.fromhex(crossed["server"])
    return Session(*streams, KeyLog(keylog.read_bytes()), aead, algorithm)


@pytest.mark.parametrize("suite", TLS13)
def test_every_record_of_tls13_opens_with_the_keys_of_the_key_log(sessions: dict[str, Session], suite: str) -> None:
    session = sessions[suite]
    assert application_data(open_tls13(session, Side.CLIENT)) == GREETING
    assert application_data(open_tls13(session, Side.SERVER)) == GREETING + BODY
    assert session.keylog.lookup("EXPORTER_SECRET", session.client_random)
    assert session.keylog.bad_lines == 0


@pytest.mark.parametrize("suite", TLS13)
def test_sealing_what_openssl_sealed_in_tls13_gives_its_bytes(sessions: dict[str, Session], suite: str) -> None:
    session = sessions[suite]
    sealer = Sealer13(tls13_secret(session, Side.SERVER, application=True).keys(session.aead))
    tickets = [piece.data for piece in open_tls13(session, Side.SERVER) if bytes(piece.data[:1]) == b"\x04"]
    messages = [(ContentType.handshake, bytes(ticket)) for ticket in tickets]
    messages += [(ContentType.application_data, GREETING), (ContentType.application_data, BODY)]
    ours = b"".join(bytes(sealer.seal(kind, content)) for kind, content in messages)
    assert session.server.endswith(ours)


@pytest.mark.parametrize("suite", TLS12)
def test_every_record_of_tls12_opens_and_both_finished_hold(sessions: dict[str, Session], suite: str) -> None:
    session = sessions[suite]
    secret = session.keylog.lookup("CLIENT_RANDOM", session.client_random)
    assert secret is not None
    master = MasterSecret(secret, session.hash)
    blocks = master.key_block(session.aead, session.client_random, session.server_random)
    client, server = open_tls12(session, Side.CLIENT, blocks), open_tls12(session, Side.SERVER, blocks)
    assert application_data(client) == GREETING
    assert application_data(server) == GREETING + BODY

    transcript = handshake_before_finished(session)
    client_finished = FINISHED_HEAD + master.verify_data(Side.CLIENT, session.hash.digest(transcript))
    assert client_finished in handshake_messages(client)
    transcript += client_finished
    server_finished = FINISHED_HEAD + master.verify_data(Side.SERVER, session.hash.digest(transcript))
    assert server_finished in handshake_messages(server)


@pytest.mark.parametrize("suite", STATIC_RSA)
def test_the_servers_private_key_leads_to_the_master_secret_of_a_static_rsa_session(
    sessions: dict[str, Session], suite: str, private_key: RSAPrivateKey
) -> None:
    session = sessions[suite]
    secret = session.keylog.lookup("CLIENT_RANDOM", session.client_random)
    client, server = plain_part(session.client), plain_part(session.server)
    client_key_exchange = client[-1]
    encrypted = client_key_exchange[6:]  # behind the message's head and the ciphertext's length
    premaster = open_premaster(private_key, encrypted, b"\3\3")
    transcript = client[0] + b"".join(server) + client_key_exchange
    master = MasterSecret.extended(premaster, session.hash.digest(transcript), session.hash)
    assert master.secret == secret


def test_sealing_what_openssl_sealed_with_chacha20_in_tls12_gives_its_bytes(
    sessions: dict[str, Session],
) -> None:
    session = sessions["ECDHE-RSA-CHACHA20-POLY1305"]
    secret = session.keylog.lookup("CLIENT_RANDOM", session.client_random)
    assert secret is not None
    blocks = MasterSecret(secret, session.hash).key_block(session.aead, session.client_random, session.server_random)
    sealer = Sealer12(blocks.server)
    finished = handshake_messages(open_tls12(session, Side.SERVER, blocks))[-16:]
    ours = sealer.seal(ContentType.handshake, finished)
    ours += sealer.seal(ContentType.application_data, GREETING)
    ours += sealer.seal(ContentType.application_data, BODY)
    assert session.server.endswith(bytes(ours))


def open_tls13(session: Session, side: Side) -> list[Opened]:
    """Handshake keys first, application keys from the record on that they do not open any more."""
    stream = session.client if side is Side.CLIENT else session.server
    opener: Opener = Opener13(tls13_secret(session, side, application=False).keys(session.aead))
    later: Opener = Opener13(tls13_secret(session, side, application=True).keys(session.aead))
    pieces = []
    for run in runs(stream):
        index = 0
        while index < len(run):
            try:
                piece = opener.open(run, index, memoryview(bytearray(len(run.view))))
            except PeerMisbehaved:
                assert opener is not later
                opener = later
                continue
            index += piece.records
            pieces.append(piece)
    return pieces


def tls13_secret(session: Session, side: Side, *, application: bool) -> TrafficSecret:
    labels: dict[tuple[Side, bool], Label] = {
        (Side.CLIENT, False): "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        (Side.SERVER, False): "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        (Side.CLIENT, True): "CLIENT_TRAFFIC_SECRET_0",
        (Side.SERVER, True): "SERVER_TRAFFIC_SECRET_0",
    }
    secret = session.keylog.lookup(labels[side, application], session.client_random)
    assert secret is not None
    return TrafficSecret(secret, session.hash)


def open_tls12(session: Session, side: Side, blocks: KeyBlock) -> list[Opened]:
    """In the clear until ChangeCipherSpec, protected from then on."""
    stream, keys = (session.client, blocks.client) if side is Side.CLIENT else (session.server, blocks.server)
    opener, protected = Opener12(keys), False
    pieces = []
    for run in runs(stream):
        index = 0
        while index < len(run):
            record = run[index]
            if protected:
                piece = opener.open(run, index, memoryview(bytearray(len(run.view))))
            else:
                piece = Opened(ContentType(record.content_type), record.fragment, 1, protected=False)
                protected = piece.content_type is ContentType.change_cipher_spec
            index += piece.records
            pieces.append(piece)
    return pieces


def handshake_before_finished(session: Session) -> bytes:
    hello, *rest = plain_part(session.client)
    return hello + b"".join(plain_part(session.server)) + b"".join(rest)


def plain_part(stream: bytes) -> list[bytes]:
    """The handshake records before ChangeCipherSpec."""
    fragments: list[bytes] = []
    for run in runs(stream):
        for record in run:
            if record.content_type == ContentType.change_cipher_spec:
                return fragments
            fragments.append(bytes(record.fragment))
    return fragments


def runs(stream: bytes) -> Iterator[Run]:
    yield from Deframer().receive(stream)


def application_data(pieces: list[Opened]) -> bytes:
    return b"".join(bytes(p.data) for p in pieces if p.content_type is ContentType.application_data)


def handshake_messages(pieces: list[Opened]) -> bytes:
    return b"".join(bytes(p.data) for p in pieces if p.content_type is ContentType.handshake)
