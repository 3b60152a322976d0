"""Every combination of version, suite, group, certificate and ALPN that the engine offers comes to a session."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tls.shuttle import Shuttle, client_config, identity, server_config
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.suites import KeyExchange, take_apart
from transom.trust.issue import KeyType
from transom.wire.tap import Side

V12, V13 = ProtocolVersion.TLSv1_2, ProtocolVersion.TLSv1_3
GROUPS = (NamedGroup.x25519, NamedGroup.secp256r1, NamedGroup.secp384r1)
KEY_TYPES: tuple[KeyType, ...] = ("rsa", "ecdsa", "ed25519")
SUITES_13 = [suite for suite in CipherSuite if suite.value in (0x1301, 0x1302, 0x1303)]
SUITES_ECDHE = [
    CipherSuite[f"TLS_ECDHE_{signature}_WITH_{cipher}"]
    for signature in ("ECDSA", "RSA")
    for cipher in ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256")
]
SUITES_STATIC = [CipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256, CipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384]

PINGS = b"ping" * 9000


def fits(suite: CipherSuite, key_type: KeyType) -> bool:
    parts = take_apart(suite)
    assert parts is not None
    return parts.signature is None or (parts.signature == "RSA") == (key_type == "rsa")


CASES = [
    *((V13, suite, group, key) for suite in SUITES_13 for group in GROUPS for key in KEY_TYPES),
    *((V12, suite, group, key) for suite in SUITES_ECDHE for group in GROUPS for key in KEY_TYPES if fits(suite, key)),
    *((V12, suite, None, "rsa") for suite in SUITES_STATIC),
]


def names(case: Any) -> str:
    return getattr(case, "name", str(case))


@pytest.mark.parametrize(("version", "suite", "group", "key_type"), CASES, ids=names)
@pytest.mark.parametrize("alpn", [None, "http/1.1"])
def test_both_sides_agree_and_data_crosses(
    version: ProtocolVersion, suite: CipherSuite, group: NamedGroup | None, key_type: KeyType, alpn: str | None
) -> None:
    logs: dict[Side, list[str]] = {Side.CLIENT: [], Side.SERVER: []}
    groups = (group,) if group else GROUPS
    common: dict[str, Any] = {"versions": (version,), "cipher_suites": (suite,), "groups": groups}
    client = client_config(**common, alpn=("h2", alpn) if alpn else (), keylog=logs[Side.CLIENT].append)
    server = server_config(key_type, **common, alpn=("http/1.1",), keylog=logs[Side.SERVER].append)
    shuttle = Shuttle.between(client, server).handshake()
    for session in (shuttle.client.session, shuttle.server.session):
        assert session is not None
        assert (session.version, session.cipher_suite, session.group, session.alpn) == (version, suite, group, alpn)
    assert logs[Side.CLIENT] == logs[Side.SERVER]
    assert len(logs[Side.CLIENT]) == (5 if version is V13 else 1 if group else 2)
    shuttle.send(Side.CLIENT, PINGS)
    shuttle.send(Side.SERVER, PINGS[::-1])
    assert shuttle.plaintext == {Side.SERVER: PINGS, Side.CLIENT: PINGS[::-1]}


@pytest.mark.parametrize("group", [NamedGroup.secp256r1, NamedGroup.secp384r1])
@pytest.mark.parametrize("key_type", KEY_TYPES)
@pytest.mark.parametrize("suite", SUITES_13)
def test_a_server_that_wants_another_group_asks_again(group: NamedGroup, key_type: KeyType, suite: CipherSuite) -> None:
    shuttle = Shuttle.between(client_config(cipher_suites=(suite,)), server_config(key_type, groups=(group,)))
    shuttle.handshake()
    assert shuttle.client.session is not None
    assert shuttle.client.session.group is group
    shuttle.send(Side.CLIENT, b"ping")
    shuttle.send(Side.SERVER, b"pong")
    assert shuttle.plaintext == {Side.SERVER: b"ping", Side.CLIENT: b"pong"}


def test_the_highest_version_of_both_is_chosen() -> None:
    for theirs, ours, expected in (((V13, V12), (V12,), V12), ((V12,), (V13, V12), V12), ((V12, V13), (V13, V12), V13)):
        shuttle = Shuttle.between(client_config(versions=theirs), server_config(versions=ours)).handshake()
        assert shuttle.server.session is not None
        assert shuttle.server.session.version is expected


def test_the_servers_preference_of_suite_and_group_counts() -> None:
    suites = (CipherSuite.TLS_CHACHA20_POLY1305_SHA256, CipherSuite.TLS_AES_128_GCM_SHA256)
    server = server_config(cipher_suites=suites, groups=GROUPS)
    shuttle = Shuttle.between(client_config(cipher_suites=suites[::-1], groups=GROUPS[::-1]), server).handshake()
    assert shuttle.server.session is not None
    assert shuttle.server.session.cipher_suite is suites[0]
    # The group that the client sent a share for, since the server can use it: a round trip is worth more than taste.
    assert shuttle.server.session.group is NamedGroup.secp384r1


@pytest.mark.parametrize("version", [V12, V13])
def test_a_server_with_two_certificates_shows_the_one_the_client_can_verify(version: ProtocolVersion) -> None:
    server = server_config(identities=(identity("ecdsa"), identity("rsa")))
    only_rsa = tuple(scheme for scheme in client_config().signature_schemes if scheme.name.startswith("rsa_"))
    client = client_config(versions=(version,), signature_schemes=only_rsa)
    shuttle = Shuttle.between(client, server).handshake()
    assert shuttle.client.session is not None
    assert "RSA" in str(shuttle.client.session.peer.leaf.key)


@pytest.mark.parametrize("version", [V12, V13])
def test_the_server_learns_the_name_that_was_asked_for(version: ProtocolVersion) -> None:
    for name, told in (("localhost", "localhost"), ("127.0.0.1", None)):
        shuttle = Shuttle.between(client_config(versions=(version,)), server_config(), name=name).handshake()
        assert shuttle.server.session is not None
        assert shuttle.server.session.server_name == told


@pytest.mark.parametrize(
    ("version", "suite"), [(V12, SUITES_ECDHE[1]), (V13, SUITES_13[1])], ids=["TLS 1.2", "TLS 1.3"]
)
def test_one_byte_at_a_time_makes_no_difference(version: ProtocolVersion, suite: CipherSuite) -> None:
    common: dict[str, Any] = {"versions": (version,), "cipher_suites": (suite,)}
    shuttle = Shuttle.between(client_config(**common), server_config(**common))
    shuttle.chunk = 1
    shuttle.handshake()
    shuttle.send(Side.CLIENT, b"ping")
    shuttle.send(Side.SERVER, b"pong" * 300)
    assert shuttle.plaintext == {Side.SERVER: b"ping", Side.CLIENT: b"pong" * 300}


def test_the_kinds_of_key_exchange_are_all_here() -> None:
    exchanges = {parts.key_exchange for _, suite, _, _ in CASES if (parts := take_apart(suite))}
    assert exchanges == {KeyExchange.ANY, KeyExchange.ECDHE, KeyExchange.RSA}
