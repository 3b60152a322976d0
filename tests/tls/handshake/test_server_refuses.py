"""What a server does not take from a client: each with the alert that reaches the client."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.tls.handshake.test_client_refuses import instead, plus, unsigned, without
from tests.tls.shuttle import client_config, server_config
from tests.tls.tampering import Refusal, Tamper, broken_pair, rewriting, run_to_refusal
from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.extensions.base import Extension, Extensions
from transom.tls.extensions.key_share import KeyShareClientHello, KeyShareEntry
from transom.tls.extensions.pre_shared_key import EarlyDataIndication, OfferedPsks, PskIdentity, PskKeyExchangeModes
from transom.tls.extensions.server_name import ServerName, ServerNameList
from transom.tls.extensions.session import RenegotiationInfo
from transom.tls.extensions.signature_algorithms import SignatureSchemeList
from transom.tls.extensions.supported_groups import ECPointFormatList, NamedGroupList
from transom.tls.extensions.supported_versions import SupportedVersionsClientHello
from transom.tls.handshake.steps import Send, Step
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.groups import ECPointFormat, NamedGroup
from transom.tls.iana.handshake_types import HandshakeType as H
from transom.tls.iana.signature_schemes import SignatureScheme
from transom.tls.iana.small import CompressionMethod, NameType, PskKeyExchangeMode
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.ending import Finished
from transom.tls.messages.hello import ClientHello
from transom.tls.messages.key_exchange import ClientKeyExchangeECDHE, ClientKeyExchangeRSA
from transom.wire.tap import Side

V12, V13 = (ProtocolVersion.TLSv1_2,), (ProtocolVersion.TLSv1_3,)
STATIC: dict[str, Any] = {"versions": V12, "cipher_suites": (CipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256,)}
PSK = OfferedPsks(identities=(PskIdentity(identity=b"ticket", obfuscated_ticket_age=0),), binders=(bytes(32),))
MODES = PskKeyExchangeModes(ke_modes=(PskKeyExchangeMode.psk_dhe_ke,))

Change = Callable[[list[Extension]], Iterable[Extension]]


def refused(
    tamper: Tamper,
    *,
    client: dict[str, Any] | None = None,
    server: dict[str, Any] | None = None,
    key: Any = "ecdsa",
) -> Refusal:
    """What becomes of a client that tampers, by the server."""
    refusal = run_to_refusal(
        broken_pair(client_config(**client or {}), server_config(key, **server or {}), by_client=tamper)
    )
    assert refusal.side is Side.SERVER
    assert refusal.alert == refusal.error.alert, "the alert did not reach the client"
    return refusal


def hello(**changes: Any) -> Tamper:
    return rewriting(H.client_hello, ClientHello, lambda message: dataclasses.replace(message, **changes))


def extensions(*changes: Change) -> Tamper:
    return rewriting(H.client_hello, ClientHello, lambda message: _changed(message, changes))


def _changed(message: ClientHello, changes: Iterable[Change]) -> ClientHello:
    items = list(message.extensions)
    for change in changes:
        items = list(change(items))
    return dataclasses.replace(message, extensions=Extensions(tuple(items)))


def second(tamper: Tamper) -> Tamper:
    """Only for the hello that answers a HelloRetryRequest."""
    hellos = 0

    def chosen(step: Step) -> Iterable[Step]:
        nonlocal hellos
        if isinstance(step, Send) and step.frame.type is H.client_hello:
            hellos += 1
            return tamper(step) if hellos == 2 else (step,)
        return (step,)

    return chosen


def shares(*groups: NamedGroup) -> KeyShareClientHello:
    return KeyShareClientHello(
        client_shares=tuple(KeyShareEntry(group=group, key_exchange=bytes(range(1, 33))) for group in groups)
    )


def names(*hosts: bytes) -> ServerNameList:
    return ServerNameList(
        server_name_list=tuple(ServerName(name_type=NameType.host_name, host_name=host) for host in hosts)
    )


def schemes(*names: SignatureScheme) -> SignatureSchemeList:
    return SignatureSchemeList(supported_signature_algorithms=names)


X25519, P256, P384 = NamedGroup.x25519, NamedGroup.secp256r1, NamedGroup.secp384r1
E = ExtensionType
NAME = ServerName(name_type=NameType.host_name, host_name=b"localhost")

HELLOS_13: dict[str, tuple[Tamper, str, str]] = {
    "no common suite": (
        hello(cipher_suites=(CipherSuite.TLS_AES_128_CCM_SHA256, CipherSuite(0x1A1A))),
        "handshake_failure",
        "TLS_AES_128_CCM_SHA256",
    ),
    "null compression missing": (
        hello(legacy_compression_methods=(CompressionMethod.DEFLATE,)),
        "illegal_parameter",
        "null is not offered",
    ),
    "compression beside null": (
        hello(legacy_compression_methods=(CompressionMethod.DEFLATE, CompressionMethod.null)),
        "illegal_parameter",
        "TLS 1.3 offers null and nothing else",
    ),
    "no key_share": (extensions(without(E.key_share)), "missing_extension", "key_share is missing"),
    "no supported_groups": (
        extensions(without(E.supported_groups)),
        "missing_extension",
        "supported_groups is missing",
    ),
    "no signature_algorithms": (
        extensions(without(E.signature_algorithms)),
        "missing_extension",
        "signature_algorithms is missing",
    ),
    "no common scheme": (
        extensions(instead(schemes(SignatureScheme.ed448, SignatureScheme.ecdsa_sha1))),
        "handshake_failure",
        "verifies ed448, ecdsa_sha1; our certificates sign with none of them",
    ),
    "no common group": (
        extensions(instead(NamedGroupList(named_group_list=(NamedGroup.ffdhe2048,)), shares())),
        "handshake_failure",
        "offers the groups ffdhe2048; none of them is ours",
    ),
    "a share in a group it does not list": (
        extensions(instead(NamedGroupList(named_group_list=(P256,)))),
        "illegal_parameter",
        "supported_groups does not list",
    ),
    "two shares in one group": (
        extensions(instead(shares(X25519, X25519))),
        "illegal_parameter",
        "two for one",
    ),
    "a share that is no point": (
        extensions(instead(NamedGroupList(named_group_list=(P256,)), shares(P256))),
        "illegal_parameter",
        "secp256r1 share of 32 bytes",
    ),
    "an extension twice": (
        extensions(lambda items: [*items, items[0]]),
        "illegal_parameter",
        "server_name stands twice",
    ),
    "an unknown extension twice": (
        extensions(lambda items: [*items, *2 * [Extension(E(0xABBA), b"")]]),
        "illegal_parameter",
        "stands twice",
    ),
    "two host names": (
        extensions(instead(ServerNameList(server_name_list=(NAME, NAME)))),
        "illegal_parameter",
        "asks for 2 host names",
    ),
    "a pre-shared key that is not the last": (
        extensions(plus(PSK, MODES)),
        "illegal_parameter",
        "pre_shared_key is not the last",
    ),
    "a pre-shared key without its modes": (
        extensions(plus(PSK)),
        "missing_extension",
        "without psk_key_exchange_modes",
    ),
    "only a version that is to come": (
        extensions(instead(SupportedVersionsClientHello(versions=(ProtocolVersion(0x0305), ProtocolVersion(0x3A3A))))),
        "protocol_version",
        "we allow TLS 1.3, TLS 1.2",
    ),
    "an empty name": (
        extensions(lambda items: [Extension(E.server_name, bytes.fromhex("0003000000")), *items[1:]]),
        "decode_error",
        "server_name",
    ),
    "a hello that is cut": (
        rewriting(H.client_hello, ClientHello, lambda message: message.encode()[:-1]),
        "decode_error",
        "ClientHello",
    ),
    "no suites": (
        rewriting(
            H.client_hello,
            ClientHello,
            lambda message: message.encode()[:67] + bytes(2) + message.encode()[69 + 2 * len(message.cipher_suites) :],
        ),
        "decode_error",
        "cipher_suites: length 0",
    ),
}


@pytest.mark.parametrize(("tamper", "alert", "said"), HELLOS_13.values(), ids=HELLOS_13.keys())
def test_client_hello_of_tls13(tamper: Tamper, alert: str, said: str) -> None:
    refusal = refused(tamper)
    assert refusal.alert == alert
    assert said in str(refusal.error)


HELLOS_12: dict[str, tuple[Tamper, str, str]] = {
    "an older version": (
        hello(legacy_version=ProtocolVersion.TLSv1_1),
        "protocol_version",
        "offers TLS 1.1; we allow TLS 1.3, TLS 1.2",
    ),
    "no common suite": (
        hello(cipher_suites=(CipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA,)),
        "handshake_failure",
        "none that we allow and our certificates fit",
    ),
    "only suites for another certificate": (
        hello(cipher_suites=(CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,)),
        "handshake_failure",
        "none that we allow and our certificates fit",
    ),
    "no common group": (
        extensions(instead(NamedGroupList(named_group_list=(NamedGroup.ffdhe2048,)))),
        "handshake_failure",
        "none that we allow",
    ),
    "no common scheme": (
        extensions(instead(schemes(SignatureScheme.ecdsa_sha1))),
        "handshake_failure",
        "none that we allow",
    ),
    "no schemes, which means SHA-1": (
        extensions(without(E.signature_algorithms)),
        "handshake_failure",
        "none that we allow",
    ),
    "only compression": (
        hello(legacy_compression_methods=(CompressionMethod.DEFLATE,)),
        "illegal_parameter",
        "null is not offered",
    ),
    "a fallback though both speak TLS 1.3": (
        hello(cipher_suites=(CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, CipherSuite.TLS_FALLBACK_SCSV)),
        "inappropriate_fallback",
        "falls back to TLS 1.2",
    ),
    "a renegotiation that is none": (
        extensions(instead(RenegotiationInfo(renegotiated_connection=b"12"))),
        "handshake_failure",
        "not empty in a first handshake",
    ),
    "points only in a compressed form": (
        extensions(instead(ECPointFormatList(ec_point_format_list=(ECPointFormat.ansiX962_compressed_prime,)))),
        "illegal_parameter",
        "uncompressed is not listed",
    ),
}


@pytest.mark.parametrize(("tamper", "alert", "said"), HELLOS_12.values(), ids=HELLOS_12.keys())
def test_client_hello_of_tls12(tamper: Tamper, alert: str, said: str) -> None:
    refusal = refused(tamper, client={"versions": V12})
    assert refusal.alert == alert
    assert said in str(refusal.error)


def test_a_fallback_is_no_fallback_where_tls12_is_the_highest() -> None:
    tamper = hello(cipher_suites=(CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, CipherSuite.TLS_FALLBACK_SCSV))
    refusal = run_to_refusal(broken_pair(client_config(versions=V12), server_config(versions=V12), by_client=tamper))
    assert refusal.alert == "bad_record_mac"  # it went on to Finished, where the two transcripts differ


def test_no_common_protocol() -> None:
    for versions in (V12, V13):
        client, server = {"versions": versions, "alpn": ("h2",)}, {"alpn": ("http/1.1", "http/1.0")}
        refusal = refused(lambda step: (step,), client=client, server=server)
        assert refusal.alert == "no_application_protocol"
        assert "ALPN offers 'h2'; we speak http/1.1, http/1.0" in str(refusal.error)


def test_an_empty_list_of_protocols() -> None:
    refusal = refused(
        extensions(lambda items: [*items, Extension(ProtocolNameList.type, b"\0\0")]), server={"alpn": ("h2",)}
    )
    assert refusal.alert == "decode_error"


SECOND_HELLOS: dict[str, tuple[Tamper, str, str]] = {
    "without a share": (extensions(without(E.key_share)), "missing_extension", "key_share is missing"),
    "with no share in it": (extensions(instead(shares())), "illegal_parameter", "by more than a share of secp384r1"),
    "with a share in another group": (
        extensions(instead(shares(X25519))),
        "illegal_parameter",
        "by more than a share of secp384r1",
    ),
    "with two shares": (
        extensions(instead(shares(P384, X25519))),
        "illegal_parameter",
        "by more than a share of secp384r1",
    ),
    "with another random": (hello(random=bytes(32)), "illegal_parameter", "by more than a share of secp384r1"),
    "with other suites": (
        hello(cipher_suites=(CipherSuite.TLS_AES_128_GCM_SHA256,)),
        "illegal_parameter",
        "by more than a share of secp384r1",
    ),
    "with another session id": (hello(legacy_session_id=b""), "illegal_parameter", "by more than a share"),
    "with another legacy version": (
        hello(legacy_version=ProtocolVersion.TLSv1_1),
        "illegal_parameter",
        "by more than a share",
    ),
    "without supported_versions": (
        extensions(without(E.supported_versions)),
        "illegal_parameter",
        "by more than a share",
    ),
    "with another server name": (
        extensions(instead(names(b"other.example"))),
        "illegal_parameter",
        "by more than a share",
    ),
    "with early data": (extensions(plus(EarlyDataIndication())), "illegal_parameter", "early_data stands in it again"),
    "with an extension twice": (
        extensions(lambda items: [*items, items[0]]),
        "illegal_parameter",
        "stands twice",
    ),
    "with compression": (
        hello(legacy_compression_methods=(CompressionMethod.null, CompressionMethod.LZS)),
        "illegal_parameter",
        "nothing else",
    ),
}


@pytest.mark.parametrize(("tamper", "alert", "said"), SECOND_HELLOS.values(), ids=SECOND_HELLOS.keys())
def test_second_client_hello(tamper: Tamper, alert: str, said: str) -> None:
    refusal = refused(second(tamper), server={"groups": (P384,)})
    assert refusal.alert == alert
    assert said in str(refusal.error)


@pytest.mark.parametrize(
    "public", [b"\x04" + bytes(64), bytes(32), b"\x02" + bytes(32)], ids=["zero", "short", "compressed"]
)
def test_a_client_key_exchange_that_is_no_point(public: bytes) -> None:
    tamper = rewriting(H.client_key_exchange, ClientKeyExchangeECDHE, lambda _: ClientKeyExchangeECDHE(ecdh_Yc=public))
    refusal = refused(tamper, client={"versions": V12}, server={"groups": (P256,)})
    assert refusal.alert == "illegal_parameter"


SEALED = {
    "zeros": bytes(256),
    "short": bytes(16),
    "empty": b"",
    "above the modulus": b"\xff" * 256,
    "long": bytes(1000),
}


@pytest.mark.parametrize("sealed", SEALED.values(), ids=SEALED.keys())
def test_a_premaster_that_does_not_open_fails_like_one_that_is_wrong(sealed: bytes) -> None:
    """No answer tells which it was: it is always the Finished that does not decrypt (Bleichenbacher 1998)."""
    tamper = rewriting(
        H.client_key_exchange,
        ClientKeyExchangeRSA,
        lambda _: ClientKeyExchangeRSA(encrypted_pre_master_secret=sealed),
    )
    refusal = refused(tamper, client=STATIC, server=STATIC, key="rsa")
    assert refusal.alert == "bad_record_mac"
    assert "under other keys" in str(refusal.error)


@pytest.mark.parametrize("versions", [V12, V13], ids=["TLS 1.2", "TLS 1.3"])
def test_a_finished_that_is_not_the_mac_of_this_handshake(versions: Any) -> None:
    tamper = rewriting(H.finished, Finished, lambda message: Finished(verify_data=unsigned(message.verify_data)))
    refusal = refused(tamper, client={"versions": versions})
    assert refusal.alert == "decrypt_error"
    assert "verify_data is not the MAC of this handshake" in str(refusal.error)


def test_a_hello_of_ssl_3_is_refused_though_it_offers_tls13() -> None:
    refusal = refused(hello(legacy_version=ProtocolVersion.SSLv3))
    assert refusal.alert == "protocol_version"


def test_bytes_behind_the_hello_are_told_in_the_state_that_they_came_in() -> None:
    refusal = refused(rewriting(H.client_hello, ClientHello, lambda message: message.encode() + bytes(4)))
    assert "CONNECTED" not in str(refusal.error)
