"""What a client does not take from a server: each with the alert that reaches the server."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.tls.shuttle import NOW, Shuttle, client_config, local_ca, server_config
from tests.tls.tampering import Refusal, Tamper, broken_pair, rewriting, run_to_refusal
from transom.errors import PeerIncompatible, PeerMisbehaved, PeerUntrusted
from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.extensions.base import Extension, ExtensionBody, Extensions
from transom.tls.extensions.cookie import Cookie
from transom.tls.extensions.key_share import KeyShareEntry, KeyShareHelloRetryRequest, KeyShareServerHello
from transom.tls.extensions.session import ExtendedMasterSecret, RenegotiationInfo, SessionTicket
from transom.tls.extensions.supported_groups import ECPointFormatList, NamedGroupList
from transom.tls.extensions.supported_versions import SupportedVersionsServerHello
from transom.tls.handshake.steps import Send, Step
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.groups import ECCurveType, ECPointFormat, NamedGroup
from transom.tls.iana.handshake_types import HandshakeType as H
from transom.tls.iana.signature_schemes import SignatureScheme
from transom.tls.iana.small import CompressionMethod
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.certificate import Certificate12, Certificate13, CertificateRequest13, CertificateVerify
from transom.tls.messages.ending import EncryptedExtensions, Finished
from transom.tls.messages.frame import Frame
from transom.tls.messages.hello import HELLO_RETRY_REQUEST_RANDOM, ClientHello, ServerHello
from transom.tls.messages.key_exchange import DigitallySigned, ServerKeyExchangeECDHE
from transom.trust.local_ca import LocalCA, Owner
from transom.trust.verify import verify_chain
from transom.wire.tap import Side

V12, V13 = (ProtocolVersion.TLSv1_2,), (ProtocolVersion.TLSv1_3,)
OTHER_SUITE = CipherSuite.TLS_AES_256_GCM_SHA384
RETRYING: dict[str, Any] = {"groups": (NamedGroup.secp384r1,)}


def refused(tamper: Tamper, *, client: dict[str, Any] | None = None, server: dict[str, Any] | None = None) -> Refusal:
    """What becomes of a server that tampers, by the client."""
    refusal = run_to_refusal(
        broken_pair(client_config(**client or {}), server_config(**server or {}), by_server=tamper)
    )
    assert refusal.side is Side.CLIENT
    assert refusal.alert == refusal.error.alert, "the alert did not reach the server"
    return refusal


def hello(**changes: Any) -> Tamper:
    """A ServerHello with other fields."""
    return rewriting(H.server_hello, ServerHello, lambda message: dataclasses.replace(message, **changes))


def hello_extensions(change: Callable[[list[Extension]], Iterable[Extension]]) -> Tamper:
    return rewriting(H.server_hello, ServerHello, lambda message: _with_extensions(message, change))


def _with_extensions(message: Any, change: Callable[[list[Extension]], Iterable[Extension]]) -> Any:
    return dataclasses.replace(message, extensions=Extensions(tuple(change(list(message.extensions)))))


def plus(*bodies: ExtensionBody) -> Callable[[list[Extension]], Iterable[Extension]]:
    return lambda items: [*items, *Extensions.of(*bodies)]


def instead(*bodies: ExtensionBody) -> Callable[[list[Extension]], Iterable[Extension]]:
    """The extensions of those types replaced."""
    types = {body.type for body in bodies}
    return lambda items: [*(item for item in items if item.type not in types), *Extensions.of(*bodies)]


def without(*types: ExtensionType) -> Callable[[list[Extension]], Iterable[Extension]]:
    return lambda items: [item for item in items if item.type not in types]


def share(group: NamedGroup, public: bytes) -> KeyShareServerHello:
    return KeyShareServerHello(server_share=KeyShareEntry(group=group, key_exchange=public))


def encrypted_extensions(change: Callable[[list[Extension]], Iterable[Extension]]) -> Tamper:
    return rewriting(H.encrypted_extensions, EncryptedExtensions, lambda message: _with_extensions(message, change))


def on_retry(tamper: Tamper, *, when_retry: bool) -> Tamper:
    """Only for a HelloRetryRequest, or only for the ServerHello behind one."""

    def chosen(step: Step) -> Iterable[Step]:
        is_retry = isinstance(step, Send) and step.frame.raw[6:38] == HELLO_RETRY_REQUEST_RANDOM
        return tamper(step) if is_retry is when_retry else (step,)

    return chosen


def unsigned(signature: bytes) -> bytes:
    return signature[:-1] + bytes([signature[-1] ^ 1])


HELLOS_13 = {
    "a version that was not offered": (
        hello_extensions(instead(SupportedVersionsServerHello(selected_version=ProtocolVersion(0x0305)))),
        "illegal_parameter",
        "only TLS 1.3 may be chosen",
    ),
    "TLS 1.2 named in supported_versions": (
        hello_extensions(instead(SupportedVersionsServerHello(selected_version=ProtocolVersion.TLSv1_2))),
        "illegal_parameter",
        "only TLS 1.3 may be chosen",
    ),
    "TLS 1.2 where only 1.3 is allowed": (
        hello_extensions(without(ExtensionType.supported_versions, ExtensionType.key_share)),
        "protocol_version",
        "the server chose TLS 1.2; we allow TLS 1.3",
    ),
    "another legacy version": (
        hello(legacy_version=ProtocolVersion.TLSv1_3),
        "illegal_parameter",
        "where 1.3 always says TLS 1.2",
    ),
    "a suite that was not offered": (
        hello(cipher_suite=CipherSuite.TLS_AES_128_CCM_SHA256),
        "illegal_parameter",
        "TLS_AES_128_CCM_SHA256, which was not offered",
    ),
    "a suite nobody knows": (hello(cipher_suite=CipherSuite(0x5555)), "illegal_parameter", "which was not offered"),
    "a session id that is not ours": (
        hello(legacy_session_id_echo=bytes(32)),
        "illegal_parameter",
        "legacy_session_id_echo: does not echo ours",
    ),
    "no session id": (hello(legacy_session_id_echo=b""), "illegal_parameter", "does not echo ours"),
    "compression": (
        hello(legacy_compression_method=CompressionMethod.DEFLATE),
        "illegal_parameter",
        "compression was not offered",
    ),
    "no key_share": (hello_extensions(without(ExtensionType.key_share)), "missing_extension", "has no key_share"),
    "a share in a group that was not offered": (
        hello_extensions(instead(share(NamedGroup.secp521r1, b"\x04" + bytes(132)))),
        "illegal_parameter",
        "secp521r1 was not offered",
    ),
    "a share in a group offered without a share": (
        hello_extensions(instead(share(NamedGroup.secp256r1, b"\x04" + bytes(64)))),
        "illegal_parameter",
        "secp256r1 was not offered",
    ),
    "a share that is no point": (
        hello_extensions(instead(share(NamedGroup.x25519, bytes(31)))),
        "illegal_parameter",
        "x25519 share of 31 bytes",
    ),
    "a share of small order": (
        hello_extensions(instead(share(NamedGroup.x25519, bytes(32)))),
        "illegal_parameter",
        "small order",
    ),
    "an extension that was not offered": (
        hello_extensions(plus(SessionTicket(ticket=b""))),
        "unsupported_extension",
        "session_ticket was not offered",
    ),
    "an extension nobody knows": (
        hello_extensions(lambda items: [*items, Extension(ExtensionType(0xBEEF), b"")]),
        "unsupported_extension",
        "was not offered",
    ),
    "the same extension twice": (
        hello_extensions(lambda items: [*items, items[0]]),
        "illegal_parameter",
        "supported_versions stands twice",
    ),
    "an offered extension that belongs elsewhere": (
        hello_extensions(plus(ProtocolNameList(protocol_name_list=(b"h2",)))),
        "illegal_parameter",
        "application_layer_protocol_negotiation does not belong here",
    ),
    "a malformed body": (
        rewriting(H.server_hello, ServerHello, lambda message: message.encode()[:-1]),
        "decode_error",
        "ServerHello.extensions",
    ),
    "something behind it": (
        rewriting(H.server_hello, ServerHello, lambda message: message.encode() + b"!"),
        "decode_error",
        "1 bytes left over",
    ),
}


@pytest.mark.parametrize(("tamper", "alert", "said"), HELLOS_13.values(), ids=HELLOS_13.keys())
def test_server_hello_of_tls13(tamper: Tamper, alert: str, said: str) -> None:
    client = {"versions": V13, "alpn": ("h2",)}
    refusal = refused(tamper, client=client)
    assert refusal.alert == alert
    assert said in str(refusal.error)


def _not_resumable(message: ServerHello) -> ServerHello:
    return dataclasses.replace(message, random=bytes(24) + b"DOWNGRD\x01")


HELLOS_12 = {
    "a suite that was not offered": (
        hello(cipher_suite=CipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256),
        "illegal_parameter",
        "which was not offered",
    ),
    "a suite of TLS 1.3": (
        hello(cipher_suite=CipherSuite.TLS_AES_128_GCM_SHA256),
        "illegal_parameter",
        "which is none of TLS 1.2's",
    ),
    "an older version": (hello(legacy_version=ProtocolVersion.TLSv1_1), "protocol_version", "the server chose TLS 1.1"),
    "the sign that TLS 1.3 was taken out of our hello": (
        rewriting(H.server_hello, ServerHello, _not_resumable),
        "illegal_parameter",
        "somebody on the path took that offer out",
    ),
    "the same sign for older versions": (
        hello(random=bytes(24) + b"DOWNGRD\x00"),
        "illegal_parameter",
        "somebody on the path",
    ),
    "compression": (
        hello(legacy_compression_method=CompressionMethod.DEFLATE),
        "illegal_parameter",
        "compression was not offered",
    ),
    "an extension that was not offered": (
        hello_extensions(plus(SessionTicket(ticket=b""))),
        "unsupported_extension",
        "session_ticket was not offered",
    ),
    "an extension of TLS 1.3": (
        hello_extensions(plus(share(NamedGroup.x25519, bytes(32)))),
        "illegal_parameter",
        "key_share does not belong here",
    ),
    "the same extension twice": (
        hello_extensions(plus(ExtendedMasterSecret())),
        "illegal_parameter",
        "extended_master_secret stands twice",
    ),
    "a renegotiation that is none": (
        hello_extensions(instead(RenegotiationInfo(renegotiated_connection=b"12"))),
        "handshake_failure",
        "not empty in a first handshake",
    ),
    "points only in a compressed form": (
        hello_extensions(instead(ECPointFormatList(ec_point_format_list=(ECPointFormat.ansiX962_compressed_prime,)))),
        "illegal_parameter",
        "uncompressed is not listed",
    ),
}


@pytest.mark.parametrize(("tamper", "alert", "said"), HELLOS_12.values(), ids=HELLOS_12.keys())
def test_server_hello_of_tls12(tamper: Tamper, alert: str, said: str) -> None:
    refusal = refused(tamper, server={"versions": V12})
    assert refusal.alert == alert
    assert said in str(refusal.error)


def test_a_session_id_for_middleboxes_is_not_a_session_to_resume() -> None:
    ours = bytes(range(32))
    client = client_config(random=lambda count: ours[:count])
    tamper = hello(legacy_session_id_echo=ours)
    refusal = run_to_refusal(broken_pair(client, server_config(versions=V12), by_server=tamper))
    assert refusal.alert == "illegal_parameter"
    assert "resumes a session that never was" in str(refusal.error)


def test_a_supported_groups_echo_in_tls12_is_put_up_with() -> None:
    tamper = hello_extensions(plus(NamedGroupList(named_group_list=(NamedGroup.x25519,))))
    refusal = run_to_refusal(broken_pair(client_config(), server_config(versions=V12), by_server=tamper))
    # The two transcripts, and with them the keys, differ by it: so the server refuses, and not before Finished.
    assert (refusal.side, refusal.alert) == (Side.SERVER, "bad_record_mac")


ENCRYPTED_EXTENSIONS = {
    "an extension that was not offered": (plus(SessionTicket(ticket=b"")), "unsupported_extension", "was not offered"),
    "an extension of the ServerHello": (
        plus(share(NamedGroup.x25519, bytes(32))),
        "illegal_parameter",
        "key_share does not belong here",
    ),
    "an extension of TLS 1.2": (plus(ExtendedMasterSecret()), "illegal_parameter", "does not belong here"),
    "the same extension twice": (lambda items: [items[0], items[0]], "illegal_parameter", "server_name stands twice"),
    "a protocol that was not offered": (
        plus(ProtocolNameList(protocol_name_list=(b"spdy/3",))),
        "illegal_parameter",
        "chose 'spdy/3'; one of h2 was expected",
    ),
    "two protocols": (
        plus(ProtocolNameList(protocol_name_list=(b"h2", b"h2"))),
        "illegal_parameter",
        "application_layer_protocol_negotiation",
    ),
}


@pytest.mark.parametrize(("change", "alert", "said"), ENCRYPTED_EXTENSIONS.values(), ids=ENCRYPTED_EXTENSIONS.keys())
def test_encrypted_extensions(change: Any, alert: str, said: str) -> None:
    refusal = refused(encrypted_extensions(change), client={"alpn": ("h2",)})
    assert refusal.alert == alert
    assert said in str(refusal.error)


def test_alpn_in_tls12_that_was_not_offered() -> None:
    tamper = hello_extensions(plus(ProtocolNameList(protocol_name_list=(b"http/1.1",))))
    refusal = refused(tamper, client={"alpn": ("h2",)}, server={"versions": V12})
    assert refusal.alert == "illegal_parameter"


RETRIES = {
    "a second one": (
        on_retry(
            rewriting(
                H.server_hello,
                ServerHello,
                lambda message: dataclasses.replace(
                    message,
                    random=HELLO_RETRY_REQUEST_RANDOM,
                    extensions=Extensions.of(
                        SupportedVersionsServerHello(selected_version=V13[0]), Cookie(cookie=b"again")
                    ),
                ),
            ),
            when_retry=False,
        ),
        "unexpected_message",
        "a second one",
    ),
    "one that would change nothing": (
        on_retry(hello_extensions(without(ExtensionType.key_share)), when_retry=True),
        "illegal_parameter",
        "nothing that would change the hello",
    ),
    "a group whose share was sent": (
        on_retry(
            hello_extensions(instead(KeyShareHelloRetryRequest(selected_group=NamedGroup.x25519))), when_retry=True
        ),
        "illegal_parameter",
        "x25519, which was sent already",
    ),
    "a group that was not offered": (
        on_retry(
            hello_extensions(instead(KeyShareHelloRetryRequest(selected_group=NamedGroup.secp521r1))), when_retry=True
        ),
        "illegal_parameter",
        "secp521r1, which was not offered",
    ),
    "another suite behind it": (
        on_retry(hello(cipher_suite=OTHER_SUITE), when_retry=False),
        "illegal_parameter",
        "TLS 1.3 with TLS_AES_256_GCM_SHA384 after a HelloRetryRequest for TLS_AES_128_GCM_SHA256",
    ),
    "another group behind it": (
        on_retry(hello_extensions(instead(share(NamedGroup.x25519, bytes(32)))), when_retry=False),
        "illegal_parameter",
        "x25519 was not offered",
    ),
    "TLS 1.2 behind it": (
        on_retry(
            rewriting(
                H.server_hello,
                ServerHello,
                lambda message: dataclasses.replace(
                    message,
                    legacy_session_id_echo=b"",
                    cipher_suite=CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                    extensions=Extensions(),
                ),
            ),
            when_retry=False,
        ),
        "illegal_parameter",
        "TLS 1.2 with TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 after",
    ),
    "no supported_versions": (
        on_retry(hello_extensions(without(ExtensionType.supported_versions)), when_retry=True),
        "protocol_version",
        "HelloRetryRequest: the server chose TLS 1.2",
    ),
    "an extension that was not offered": (
        on_retry(hello_extensions(plus(SessionTicket(ticket=b""))), when_retry=True),
        "unsupported_extension",
        "session_ticket was not offered",
    ),
    "a cookie in the ServerHello behind it": (
        on_retry(hello_extensions(plus(Cookie(cookie=b"x"))), when_retry=False),
        "unsupported_extension",
        "cookie was not offered",
    ),
    "an empty cookie": (
        on_retry(hello_extensions(lambda items: [*items, Extension(ExtensionType.cookie, b"\0\0")]), when_retry=True),
        "decode_error",
        "cookie",
    ),
}


@pytest.mark.parametrize(("tamper", "alert", "said"), RETRIES.values(), ids=RETRIES.keys())
def test_hello_retry_request(tamper: Tamper, alert: str, said: str) -> None:
    refusal = refused(tamper, server=RETRYING)
    assert refusal.alert == alert
    assert said in str(refusal.error)


def other_ca() -> LocalCA:
    return LocalCA.in_memory(Owner("stranger", "elsewhere"), NOW)


CHAINS: dict[str, tuple[dict[str, Any], str, str]] = {
    "another name": ({"identities": (local_ca().issue(["other.localhost"], NOW, "ecdsa"),)}, "bad_certificate", ""),
    "an unknown CA": ({"identities": (other_ca().issue(["localhost"], NOW, "ecdsa"),)}, "unknown_ca", ""),
}


@pytest.mark.parametrize("versions", [V12, V13], ids=["TLS 1.2", "TLS 1.3"])
@pytest.mark.parametrize(("server", "alert", "said"), CHAINS.values(), ids=CHAINS.keys())
def test_chains(versions: tuple[ProtocolVersion], server: dict[str, Any], alert: str, said: str) -> None:
    shuttle = broken_pair(client_config(versions=versions), server_config(**server))
    refusal = run_to_refusal(shuttle)
    assert isinstance(refusal.error, PeerUntrusted)
    assert refusal.alert == alert
    assert shuttle.client.session is None
    assert shuttle.server.session is None


@pytest.mark.parametrize("versions", [V12, V13], ids=["TLS 1.2", "TLS 1.3"])
def test_a_certificate_of_the_past(versions: tuple[ProtocolVersion]) -> None:
    store = local_ca().trust_store
    much_later = NOW.replace(year=NOW.year + 3)
    client = client_config(versions=versions, verify=lambda chain, name: verify_chain(chain, name, store, much_later))
    refusal = run_to_refusal(broken_pair(client, server_config()))
    assert refusal.alert == "certificate_expired"


@pytest.mark.parametrize(
    ("versions", "structure", "empty"),
    [
        (V12, Certificate12, Certificate12(certificate_list=())),
        (V13, Certificate13, Certificate13(certificate_request_context=b"", certificate_list=())),
    ],
    ids=["TLS 1.2", "TLS 1.3"],
)
def test_no_certificate_at_all(versions: Any, structure: Any, empty: Any) -> None:
    refusal = refused(rewriting(H.certificate, structure, lambda _: empty), client={"versions": versions})
    assert refusal.alert in ("decode_error", "bad_certificate")


CERTIFICATE_13: dict[str, tuple[Callable[[Certificate13], Certificate13], str, str]] = {
    "a context": (
        lambda message: dataclasses.replace(message, certificate_request_context=b"x"),
        "illegal_parameter",
        "answers no request",
    ),
    "an extension that was not offered": (
        lambda message: dataclasses.replace(
            message,
            certificate_list=(
                dataclasses.replace(message.certificate_list[0], extensions=Extensions.of(SessionTicket(ticket=b""))),
            ),
        ),
        "unsupported_extension",
        "session_ticket was not offered",
    ),
    "an offered extension that belongs elsewhere": (
        lambda message: dataclasses.replace(
            message,
            certificate_list=(
                dataclasses.replace(message.certificate_list[0], extensions=Extensions.of(ExtendedMasterSecret())),
            ),
        ),
        "illegal_parameter",
        "does not belong here",
    ),
}


@pytest.mark.parametrize(("change", "alert", "said"), CERTIFICATE_13.values(), ids=CERTIFICATE_13.keys())
def test_certificate_of_tls13(change: Any, alert: str, said: str) -> None:
    refusal = refused(rewriting(H.certificate, Certificate13, change))
    assert refusal.alert == alert
    assert said in str(refusal.error)


REQUESTS = {
    "a context": (b"\x01x" + bytes.fromhex("0008" + "000d00040002" + "0403"), "illegal_parameter"),
    "no signature_algorithms": (b"\0" + bytes(2), "missing_extension"),
    "an extension twice": (
        b"\0" + bytes.fromhex("0010" + "000d000400020403" + "000d000400020403"),
        "illegal_parameter",
    ),
}


@pytest.mark.parametrize(("body", "alert"), REQUESTS.values(), ids=REQUESTS.keys())
def test_certificate_request(body: bytes, alert: str) -> None:
    def tamper(step: Step) -> Iterable[Step]:
        if isinstance(step, Send) and step.frame.type is H.certificate:
            yield Send(Frame.of(H.certificate_request, body))
        yield step

    assert CertificateRequest13.decode(body)
    assert refused(tamper).alert == alert


PROOFS = {
    "a signature that does not hold": (
        lambda message: dataclasses.replace(message, signature=unsigned(message.signature)),
        "decrypt_error",
    ),
    "an empty signature": (lambda message: dataclasses.replace(message, signature=b""), "decrypt_error"),
    "a scheme that was not offered": (
        lambda message: dataclasses.replace(message, algorithm=SignatureScheme.ecdsa_sha1),
        "illegal_parameter",
    ),
    "a scheme for another key": (
        lambda message: dataclasses.replace(message, algorithm=SignatureScheme.rsa_pss_rsae_sha256),
        "illegal_parameter",
    ),
    "a scheme nobody knows": (
        lambda message: dataclasses.replace(message, algorithm=SignatureScheme(0x7777)),
        "illegal_parameter",
    ),
}


@pytest.mark.parametrize(("change", "alert"), PROOFS.values(), ids=PROOFS.keys())
def test_certificate_verify(change: Any, alert: str) -> None:
    assert refused(rewriting(H.certificate_verify, CertificateVerify, change)).alert == alert


def test_pkcs1_is_for_tls12_only() -> None:
    def change(message: CertificateVerify) -> CertificateVerify:
        return dataclasses.replace(message, algorithm=SignatureScheme.rsa_pkcs1_sha256)

    shuttle = broken_pair(
        client_config(), server_config("rsa"), by_server=rewriting(H.certificate_verify, CertificateVerify, change)
    )
    assert run_to_refusal(shuttle).alert == "illegal_parameter"


@pytest.mark.parametrize(("change", "alert"), PROOFS.values(), ids=PROOFS.keys())
def test_the_signature_of_server_key_exchange(change: Any, alert: str) -> None:
    def with_signed(message: ServerKeyExchangeECDHE) -> ServerKeyExchangeECDHE:
        signed: DigitallySigned = change(message.signed_params)
        return dataclasses.replace(message, signed_params=signed)

    tamper = rewriting(H.server_key_exchange, ServerKeyExchangeECDHE, with_signed)
    assert refused(tamper, server={"versions": V12}).alert == alert


PARAMS = {
    "another key than the signed one": ({"public": bytes(31) + b"\x09"}, "decrypt_error"),
    "another group than the signed one": ({"named_curve": NamedGroup.secp256r1}, "decrypt_error"),
    "another curve type": ({"curve_type": ECCurveType.explicit_prime}, "decrypt_error"),
}


@pytest.mark.parametrize(("changes", "alert"), PARAMS.values(), ids=PARAMS.keys())
def test_the_parameters_of_server_key_exchange(changes: dict[str, Any], alert: str) -> None:
    def with_params(message: ServerKeyExchangeECDHE) -> ServerKeyExchangeECDHE:
        return dataclasses.replace(message, params=dataclasses.replace(message.params, **changes))

    tamper = rewriting(H.server_key_exchange, ServerKeyExchangeECDHE, with_params)
    assert refused(tamper, server={"versions": V12}).alert == alert


def test_a_group_that_was_not_offered_though_the_server_signs_it() -> None:
    def claim(message: ClientHello) -> ClientHello:
        groups = NamedGroupList(named_group_list=(NamedGroup.secp256r1,))
        return dataclasses.replace(message, extensions=Extensions(tuple(instead(groups)(list(message.extensions)))))

    shuttle = broken_pair(
        client_config(groups=(NamedGroup.x25519,)),
        server_config(versions=V12),
        by_client=rewriting(H.client_hello, ClientHello, claim),
    )
    refusal = run_to_refusal(shuttle)
    assert (refusal.side, refusal.alert) == (Side.CLIENT, "illegal_parameter")
    assert "named_curve secp256r1 was not offered" in str(refusal.error)


WRONG_MACS: dict[str, tuple[Any, Callable[[bytes], bytes], str]] = {
    "TLS 1.2, a bit of it turned": (V12, unsigned, "decrypt_error"),
    "TLS 1.2, cut": (V12, lambda mac: mac[:-1], "decode_error"),
    "TLS 1.2, longer": (V12, lambda mac: mac + b"\0", "decrypt_error"),
    "TLS 1.3, a bit of it turned": (V13, unsigned, "decrypt_error"),
    "TLS 1.3, cut": (V13, lambda mac: mac[:-1], "decrypt_error"),
    "TLS 1.3, longer": (V13, lambda mac: mac + b"\0", "decrypt_error"),
    "TLS 1.3, as long as in TLS 1.2": (V13, lambda mac: mac[:12], "decrypt_error"),
    "TLS 1.3, empty": (V13, lambda _: b"", "decode_error"),
}


@pytest.mark.parametrize(("versions", "change", "alert"), WRONG_MACS.values(), ids=WRONG_MACS.keys())
def test_a_finished_that_is_not_the_mac_of_this_handshake(
    versions: Any, change: Callable[[bytes], bytes], alert: str
) -> None:
    tamper = rewriting(H.finished, Finished, lambda message: change(message.verify_data))
    assert refused(tamper, server={"versions": versions}).alert == alert


@pytest.mark.parametrize("versions", [V12, V13], ids=["TLS 1.2", "TLS 1.3"])
def test_nothing_in_common(versions: Any) -> None:
    other = V13 if versions is V12 else V12
    shuttle = broken_pair(client_config(versions=versions), server_config(versions=other))
    refusal = run_to_refusal(shuttle)
    assert (refusal.side, refusal.alert) == (Side.SERVER, "protocol_version")
    assert isinstance(refusal.error, PeerIncompatible)


def test_a_refused_connection_stays_refused() -> None:
    shuttle = broken_pair(client_config(), server_config(), by_server=hello(legacy_session_id_echo=b""))
    refusal = run_to_refusal(shuttle)
    with pytest.raises(PeerMisbehaved) as again:
        shuttle.client.receive(b"\x16\x03\x03\x00\x01\x00")
    assert again.value is refusal.error
    assert not shuttle.client.take_outgoing()


def test_untouched_scripts_come_to_a_session() -> None:
    shuttle = broken_pair(client_config(), server_config())
    assert isinstance(shuttle.run(), Shuttle)
    assert shuttle.client.session is not None
    assert shuttle.server.session is not None
