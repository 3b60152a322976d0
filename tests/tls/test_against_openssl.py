"""Our engine with OpenSSL's, through the standard library's `ssl` over MemoryBIO: both roles, the same matrix."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.tls.handshake.test_matrix import CASES, GROUPS, SUITES_13, V12, V13, names
from tests.tls.shuttle import NAME, client_config, identity, server_config
from transom.errors import PeerAlerted, PeerMisbehaved, PeerUntrusted
from transom.tls.connection import (
    Connection,
    HandshakeDone,
    PeerFinished,
    PlaintextReceived,
    client_connection,
    server_connection,
)
from transom.tls.extensions.session import ExtendedMasterSecret
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.small import KeyUpdateRequest
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import KeyLog
from transom.tls.observer import Observer
from transom.tls.sightings import HandshakeSeen
from transom.trust.issue import KeyType
from transom.wire.tap import Side

DATA = bytes(range(256)) * 200
NO_EXTENDED_MASTER_SECRET = 1
"""SSL_OP_NO_EXTENDED_MASTER_SECRET, which the ssl module has no name for."""

CURVES = {NamedGroup.x25519: "X25519", NamedGroup.secp256r1: "prime256v1", NamedGroup.secp384r1: "secp384r1"}
OPENSSL_GROUPS = {"prime256v1", "secp384r1"}
"""What `set_ecdh_curve` takes: X25519 is OpenSSL's own preference."""


@cache
def pem_of(key_type: KeyType) -> str:
    """Certificate chain and key of our leaf, as the file contents that `load_cert_chain` wants."""
    ours = identity(key_type)
    key = ours.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
    return key + "".join(ssl.DER_cert_to_PEM_cert(der) for der in ours.chain)


def server_context(key_type: KeyType) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=1")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "identity.pem"
        path.write_text(pem_of(key_type), encoding="ascii")
        context.load_cert_chain(path)
    return context


def client_context() -> ssl.SSLContext:
    """Chains are not this context's business here: it takes any."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=1")
    return context


class Pair:
    """One side ours, the other OpenSSL's."""

    def __init__(self, ours: Connection[Any], context: ssl.SSLContext, *, chunk: int = 2**20) -> None:
        self.ours = ours
        self.received = b""
        self.closed: bool | None = None
        self.wire: list[tuple[Side, bytes]] = []
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._is_client = not ours._is_client
        self._chunk = chunk
        name = NAME if self._is_client else None
        self.theirs = context.wrap_bio(
            self._incoming, self._outgoing, server_side=not self._is_client, server_hostname=name
        )

    def handshake(self) -> Pair:
        self.ours.start()
        for _ in range(6):
            self.attempt(self.theirs.do_handshake)
            self.carry()
        assert self.ours.session is not None
        return self

    def converse(self) -> None:
        """Start, and let each side speak in turn, OpenSSL also when it has given up."""
        self.ours.start()
        for _ in range(4):
            with suppress(ssl.SSLError):
                self.theirs.do_handshake()
            with suppress(ssl.SSLError):
                self.carry()

    @property
    def session(self) -> Any:
        return self.ours.session

    def attempt(self, action: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return action(*arguments)
        except ssl.SSLWantReadError:
            return None

    def carry(self) -> None:
        """What each side has to say, to the other."""
        from_ours = bytes(self.ours.take_outgoing())
        for at in range(0, len(from_ours), self._chunk):
            self._incoming.write(from_ours[at : at + self._chunk])
            self.attempt(self.theirs.do_handshake)
        from_theirs = self._outgoing.read()
        side = Side.CLIENT if self._is_client else Side.SERVER
        self.wire += [(side.peer, from_ours), (side, from_theirs)]
        for at in range(0, len(from_theirs), self._chunk):
            for event in self.ours.receive(from_theirs[at : at + self._chunk]):
                self._take(event)

    def _take(self, event: Any) -> None:
        match event:
            case PlaintextReceived(data):
                self.received += bytes(data)
            case PeerFinished(clean):
                self.closed = clean
            case HandshakeDone():
                pass

    def read(self, count: int) -> bytes:
        """What OpenSSL received."""
        data = b""
        while len(data) < count:
            part = self.attempt(self.theirs.read, count - len(data))
            if not part:
                break
            data += part
        return data

    def exchange(self) -> None:
        """Data both ways."""
        self.ours.send(DATA)
        self.carry()
        assert self.read(len(DATA)) == DATA
        self.theirs.write(DATA)
        self.carry()
        assert self.received == DATA
        self.received = b""

    def close(self) -> None:
        """close_notify both ways."""
        self.ours.close()
        self.carry()
        self.attempt(self.theirs.unwrap)
        self.carry()
        assert self.closed is True


def common(version: ProtocolVersion, suite: CipherSuite, group: NamedGroup | None) -> dict[str, Any]:
    return {"versions": (version,), "cipher_suites": (suite,), "groups": (group,) if group else GROUPS}


def assert_agreed(pair: Pair, suite: CipherSuite, version: ProtocolVersion) -> None:
    chosen = pair.theirs.cipher()
    assert chosen is not None
    assert chosen[0].replace("-", "_").replace("TLS_", "").split("_")[-1] in suite.name
    assert pair.theirs.version() == version.dotted
    assert pair.session is not None
    assert pair.session.cipher_suite is suite


@pytest.mark.parametrize(("version", "suite", "group", "key_type"), CASES, ids=names)
def test_our_client(version: ProtocolVersion, suite: CipherSuite, group: NamedGroup | None, key_type: KeyType) -> None:
    context = server_context(key_type)
    if group is not None and CURVES[group] in OPENSSL_GROUPS:
        context.set_ecdh_curve(CURVES[group])
    context.set_alpn_protocols(["http/1.1"])
    offer = common(version, suite, group)
    if group is not None:  # in TLS 1.2 they name the curves of certificates, too (RFC 8422 §5.1)
        offer["groups"] = tuple(dict.fromkeys((group, NamedGroup.secp256r1)))
    config = client_config(**offer, alpn=("h2", "http/1.1"))
    pair = Pair(client_connection(config, NAME), context).handshake()
    assert_agreed(pair, suite, version)
    assert pair.session.group is group
    assert pair.session.alpn == pair.theirs.selected_alpn_protocol() == "http/1.1"
    pair.exchange()
    pair.close()


@pytest.mark.parametrize(("version", "suite", "group", "key_type"), CASES, ids=names)
def test_our_server(version: ProtocolVersion, suite: CipherSuite, group: NamedGroup | None, key_type: KeyType) -> None:
    context = client_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    config = server_config(key_type, **common(version, suite, group), alpn=("http/1.1",))
    pair = Pair(server_connection(config), context).handshake()
    assert_agreed(pair, suite, version)
    assert pair.session.group is group
    assert pair.session.server_name == NAME
    assert pair.session.alpn == pair.theirs.selected_alpn_protocol() == "http/1.1"
    pair.exchange()
    pair.close()


@pytest.mark.parametrize("role", Side, ids=lambda side: side.value)
@pytest.mark.parametrize("suite", SUITES_13, ids=names)
def test_a_hello_retry_request(role: Side, suite: CipherSuite) -> None:
    """Our client sends a share of X25519 and is asked for P-384; OpenSSL's is asked by our server."""
    keys = KeyLog()
    if role is Side.CLIENT:
        context = server_context("ecdsa")
        context.set_ecdh_curve("secp384r1")
        config = client_config(cipher_suites=(suite,), keylog=keys.receive)
        pair = Pair(client_connection(config, NAME), context).handshake()
    else:
        server = server_config(cipher_suites=(suite,), groups=(NamedGroup.secp384r1,), keylog=keys.receive)
        pair = Pair(server_connection(server), client_context()).handshake()
    assert pair.session.group is NamedGroup.secp384r1
    pair.exchange()
    observer = Observer(keys)
    seen = [s for side, data in pair.wire for s in observer.receive(side, data) if isinstance(s, HandshakeSeen)]
    assert [s.frame.type.name for s in seen[:4]] == ["client_hello", "server_hello"] * 2
    assert {s.proof for s in seen if s.frame.type.name == "finished"} == {True}
    # OpenSSL's server sends its tickets when the handshake is done, and our client passes over them.
    assert ("new_session_ticket" in [s.frame.type.name for s in seen]) is (role is Side.CLIENT)


@pytest.mark.parametrize("role", Side, ids=lambda side: side.value)
@pytest.mark.parametrize("key_type", ["rsa", "ecdsa"])
@pytest.mark.parametrize("static", [False, True], ids=["ECDHE", "static RSA"])
def test_without_the_extended_master_secret(role: Side, key_type: KeyType, static: bool) -> None:
    if static and key_type != "rsa":
        return
    suites = (CipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256,) if static else client_config().cipher_suites
    context = server_context(key_type) if role is Side.CLIENT else client_context()
    context.options |= NO_EXTENDED_MASTER_SECRET
    if role is Side.CLIENT:
        config = client_config(versions=(V12,), cipher_suites=suites)
        ours: Connection[Any] = client_connection(config, NAME)
    else:
        ours = server_connection(server_config(key_type, versions=(V12,), cipher_suites=suites))
    pair = Pair(ours, context).handshake()
    assert not _has_extended_master_secret(pair)
    pair.exchange()
    pair.close()


def _has_extended_master_secret(pair: Pair) -> bool:
    observer = Observer(KeyLog())
    for side, data in pair.wire:
        observer.receive(side, data)
    assert observer.server_hello is not None
    return observer.server_hello.extensions.get(ExtendedMasterSecret) is not None


@pytest.mark.parametrize("version", [V12, V13], ids=names)
def test_a_wish_for_our_clients_certificate_is_answered_that_there_is_none(version: ProtocolVersion) -> None:
    context = server_context("ecdsa")
    context.verify_mode = ssl.CERT_OPTIONAL
    pair = Pair(client_connection(client_config(versions=(version,)), NAME), context).handshake()
    assert pair.theirs.getpeercert() is None
    pair.exchange()
    pair.close()


@pytest.mark.parametrize("version", [V12, V13], ids=names)
def test_a_server_that_insists_on_a_certificate_says_so(version: ProtocolVersion) -> None:
    context = server_context("ecdsa")
    context.verify_mode = ssl.CERT_REQUIRED
    pair = Pair(client_connection(client_config(versions=(version,)), NAME), context)
    with pytest.raises(PeerAlerted) as caught:
        pair.converse()
    assert caught.value.description == ("certificate_required" if version is V13 else "handshake_failure")


@pytest.mark.parametrize("role", Side, ids=lambda side: side.value)
@pytest.mark.parametrize("version", [V12, V13], ids=names)
def test_one_byte_at_a_time(role: Side, version: ProtocolVersion) -> None:
    if role is Side.CLIENT:
        ours: Connection[Any] = client_connection(client_config(versions=(version,)), NAME)
        pair = Pair(ours, server_context("ecdsa"), chunk=1)
    else:
        pair = Pair(server_connection(server_config(versions=(version,))), client_context(), chunk=1)
    pair.handshake()
    pair.theirs.write(b"pong")
    pair.carry()
    assert pair.received == b"pong"


@pytest.mark.parametrize("role", Side, ids=lambda side: side.value)
@pytest.mark.parametrize("version", [V12, V13], ids=names)
def test_a_record_that_was_tampered_with_is_refused_by_both(role: Side, version: ProtocolVersion) -> None:
    if role is Side.CLIENT:
        ours: Connection[Any] = client_connection(client_config(versions=(version,)), NAME)
        pair = Pair(ours, server_context("ecdsa")).handshake()
    else:
        pair = Pair(server_connection(server_config(versions=(version,))), client_context()).handshake()
    pair.ours.send(b"data")
    record = bytearray(pair.ours.take_outgoing())
    record[-1] ^= 1
    pair._incoming.write(record)
    with pytest.raises(ssl.SSLError, match=r"(?i)bad record mac"):
        pair.theirs.read(4)
    with pytest.raises(PeerAlerted, match="bad_record_mac"):
        pair.carry()


def test_a_certificate_that_our_client_refuses_is_told_to_openssl() -> None:
    pair = Pair(client_connection(client_config(), "other.example"), server_context("ecdsa"))
    with pytest.raises(PeerUntrusted):
        pair.converse()
    pair._incoming.write(bytes(pair.ours.take_outgoing()))
    with pytest.raises(ssl.SSLError, match=r"(?i)alert bad certificate"):
        pair.theirs.do_handshake()


def test_a_server_without_common_ground_is_told_why_by_openssl() -> None:
    context = server_context("ecdsa")
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    pair = Pair(client_connection(client_config(versions=(V12,)), NAME), context)
    pair.ours.start()
    pair._incoming.write(bytes(pair.ours.take_outgoing()))
    with pytest.raises(ssl.SSLError):
        pair.theirs.do_handshake()
    with pytest.raises(PeerAlerted, match="protocol_version"):
        pair.ours.receive(pair._outgoing.read())


def test_openssl_reads_a_key_update_of_ours() -> None:
    for request in KeyUpdateRequest:
        pair = Pair(client_connection(client_config(), NAME), server_context("ecdsa")).handshake()
        for _ in range(2):
            assert pair.ours._traffic is not None
            pair.ours._traffic.update_our_keys(request)
            pair.exchange()
        pair.close()


def test_a_downgrade_on_the_path_is_seen_by_our_client() -> None:
    """OpenSSL's server marks its random when it is made to speak TLS 1.2 though it could do more."""
    tls12_only = client_connection(client_config(versions=(V12,)), NAME)
    pair = Pair(tls12_only, server_context("ecdsa"))
    pair.ours.start()
    pair._incoming.write(bytes(pair.ours.take_outgoing()))
    pair.attempt(pair.theirs.do_handshake)
    server_hello = pair._outgoing.read()
    assert server_hello[35:43] == b"DOWNGRD\x01"
    both = client_connection(client_config(), NAME)
    both.start()
    with pytest.raises(PeerMisbehaved, match="somebody on the path"):
        both.receive(server_hello)
