"""The observer reads from the tapped bytes what the engine itself sent and received, message for message."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.interop.conftest import CONTENT
from tests.real.certificates import Authority
from tests.real.nginx import NginxTls, nginx
from tests.real.programs import curl
from tests.real.tls_servers import s_server
from tests.transfer.background import served
from transom.channel.own_tls import OwnTlsChannel
from transom.dissect.flow import Flow
from transom.dissect.telling import Looking
from transom.dissect.timeline import HttpBody, Item, Message, Problem
from transom.tls.config import CIPHER_SUITES, VERSIONS, ClientConfig, ServerConfig
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import KeyLog
from transom.tls.record.header import MAX_PLAINTEXT
from transom.tls.record.protection import Opened
from transom.tls.record.sealing_room import Fill, SealingRooms
from transom.tls.records import Records
from transom.transfer.client import Road
from transom.transfer.get import run_get
from transom.transfer.request import GetRequest
from transom.trust.identity import load_identity
from transom.trust.store import TrustStore
from transom.trust.verify import verify_chain
from transom.wire.tap import Buffer, Side

SHA256 = hashlib.sha256(CONTENT).hexdigest()
STATIC_RSA = (CipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384,)
TLS12, TLS13 = (ProtocolVersion.TLSv1_2,), (ProtocolVersion.TLSv1_3,)

Contents = defaultdict[tuple[Side, ContentType], bytes]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Contents:
    """What the engine of this process gives to its record layer and takes from it, by sender and content type."""
    contents: Contents = defaultdict(bytes)
    send, send_from, receive, make = Records.send, Records.send_data_from, Records.receive, Records.__init__
    own: dict[Records, Side] = {}

    def noting_make(records: Records, rooms: SealingRooms, *, is_client: bool) -> None:
        make(records, rooms, is_client=is_client)
        own[records] = Side.CLIENT if is_client else Side.SERVER

    def noting_send(records: Records, content_type: ContentType, content: Buffer) -> None:
        contents[own[records], content_type] += bytes(content)
        send(records, content_type, content)

    def noting_send_from(records: Records, most: int, fill: Fill) -> int:
        def noting_fill(buffers: Sequence[memoryview]) -> None:
            fill(buffers)
            full = [buffer for buffer in buffers if len(buffer) == MAX_PLAINTEXT]  # what is less goes by `send`
            contents[own[records], ContentType.application_data] += b"".join(full)

        return send_from(records, most, noting_fill)

    def noting_receive(records: Records, wire: Buffer) -> Iterator[Opened]:
        for opened in receive(records, wire):
            contents[own[records].peer, opened.content_type] += bytes(opened.data)
            yield opened

    monkeypatch.setattr(Records, "__init__", noting_make)
    monkeypatch.setattr(Records, "send", noting_send)
    monkeypatch.setattr(Records, "send_data_from", noting_send_from)
    monkeypatch.setattr(Records, "receive", noting_receive)
    return contents


@dataclass
class Observed:
    """An observer that finds its keys as the engine logs them."""

    keys: KeyLog = field(default_factory=KeyLog)
    items: list[Item] = field(default_factory=list)
    plaintext: dict[Side, bytes] = field(default_factory=lambda: dict.fromkeys(Side, b""))

    def __post_init__(self) -> None:
        looking = Looking(keys=self.keys, hash_bodies=True, plaintext=self._note)
        self.flow = Flow(0, self.items.append, looking)

    def _note(self, side: Side, data: Buffer) -> None:
        self.plaintext[side] += bytes(data)

    def handshake(self, side: Side) -> bytes:
        """Every handshake message of that side, as it crossed."""
        messages = [item for item in self.items if isinstance(item, Message) and item.side is side]
        return b"".join(message.frame.raw for message in messages if message.frame is not None)

    def agrees_with(self, engine: Contents) -> None:
        assert [item for item in self.items if isinstance(item, Problem)] == []
        for side in Side:
            assert self.handshake(side) == engine[side, ContentType.handshake]
            assert self.plaintext[side] == engine[side, ContentType.application_data]
        bodies = [item for item in self.items if isinstance(item, HttpBody) and item.side is Side.SERVER]
        assert [(body.complete, body.length, body.sha256) for body in bodies] == [(True, len(CONTENT), SHA256)]
        assert self.flow.facts.tls is not None
        assert self.flow.facts.tls.decrypted == "full"


def fetch(
    url: str,
    authority: Authority,
    target: Path,
    versions: Sequence[ProtocolVersion],
    suites: Sequence[CipherSuite] = CIPHER_SUITES,
) -> Observed:
    """Download with our client, observed."""
    observed = Observed()
    store = TrustStore.from_file(authority.root)
    config = ClientConfig(
        versions=tuple(versions),
        cipher_suites=tuple(suites),
        alpn=("http/1.1",),
        keylog=observed.keys.receive,
        verify=lambda chain, name: verify_chain(chain, name, store, datetime.now(UTC)),
    )
    run_get(
        GetRequest(url, output=target),
        Road(lambda host: OwnTlsChannel.client(config, host), tap_factory=lambda: observed.flow),
    )
    assert target.read_bytes() == CONTENT
    return observed


@pytest.mark.parametrize(("versions", "suites"), [(TLS13, CIPHER_SUITES), (TLS12, CIPHER_SUITES), (TLS12, STATIC_RSA)])
def test_with_nginx_as_the_server(
    engine: Contents,
    authority: Authority,
    files: Path,
    tmp_path: Path,
    versions: Sequence[ProtocolVersion],
    suites: Sequence[CipherSuite],
) -> None:
    leaf = authority.leaf("rsa")
    tls = NginxTls(leaf.chain, leaf.key, settings=["ssl_ciphers ALL;"])
    with nginx(tmp_path, files, tls=tls) as server:
        observed = fetch(server.secure_url("/f.bin"), authority, tmp_path / "got", versions, suites)
    observed.agrees_with(engine)


def test_with_openssl_asking_for_another_group(
    engine: Contents, authority: Authority, files: Path, tmp_path: Path
) -> None:
    with s_server(authority.leaf(), files, "-groups", "P-384", "-tls1_3") as server:
        observed = fetch(f"https://localhost:{server.port}/f.bin", authority, tmp_path / "got", TLS13)
    observed.agrees_with(engine)
    hellos = [item for item in observed.items if isinstance(item, Message) and item.name == "ClientHello"]
    assert len(hellos) == 2


@pytest.mark.parametrize("options", [("--tlsv1.3",), ("--tls-max", "1.2"), ("--tlsv1.3", "--curves", "P-521:P-256")])
@pytest.mark.parametrize("kind", ["rsa", "p256", "ed25519"])
def test_with_curl_as_the_client(
    engine: Contents, authority: Authority, files: Path, options: tuple[str, ...], kind: str
) -> None:
    leaf = authority.leaf(kind)
    observed = Observed()
    config = ServerConfig(
        versions=VERSIONS,
        identities=(load_identity(leaf.chain, leaf.key),),
        alpn=("http/1.1",),
        keylog=observed.keys.receive,
    )
    with served(
        files, channel_factory=lambda: OwnTlsChannel.server(config), tap_factory=lambda: observed.flow
    ) as server:
        ran = curl("--cacert", str(authority.root), *options, server.url("/f.bin", "https", "localhost"))
    assert ran.stdout == CONTENT, ran.stderr
    observed.agrees_with(engine)
