"""What values mean where they stand: in the hellos and certificates of real captures, and in some made for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.dissect.items import EPOCH, at, handshake
from tests.dissect.note_messages import note_client_hello
from tests.dissect.told import ZEEK, tell_capture
from transom.dissect.field_tree import field_tree
from transom.dissect.remarks import Remark, remarks, suite_remarks
from transom.dissect.suite_parts import suite_parts
from transom.dissect.timeline import Message
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.messages.certificate import Certificate12

NOW = datetime.fromtimestamp(EPOCH // 10**9, UTC)


def said(capture: str) -> set[tuple[str, str, str]]:
    """Message, what the line shows, and the code: of all that a capture's conversations say."""
    items, _ = tell_capture(ZEEK / capture)
    messages = [item for told in items.values() for item in told if isinstance(item, Message)]
    return {found for message in messages for found in _said(message)}


def _said(message: Message) -> Iterator[tuple[str, str, str]]:
    for line in field_tree(message):
        shown = "certificate" if isinstance(line.shown, bytes) else getattr(line.shown, "name", "")
        for remark in remarks(line.shown, message):
            yield message.name, shown, remark.code
        if isinstance(line.shown, CipherSuite):
            for found in suite_remarks(line.shown, message).values():
                for remark in found:
                    yield message.name, shown, remark.code


def test_chromes_hello_has_grease_and_a_group_that_quantum_computers_do_not_break() -> None:
    found = said("chrome-1250-tls-x25519-kyber.pcap")
    assert ("ClientHello", "GREASE", "grease") in found
    assert ("ClientHello", "X25519Kyber768Draft00", "post_quantum") in found
    assert ("ServerHello", "X25519Kyber768Draft00", "post_quantum") in found
    assert ("ServerHello", "TLS_AES_128_GCM_SHA256", "forward_secrecy") in found


def test_of_a_choice_it_is_always_said_whether_it_is_post_quantum_and_of_an_offer_only_if_it_is() -> None:
    found = said("hrr.pcap")
    assert {where for where, _, code in found if code == "not_post_quantum"} == {"ServerHello"}
    assert {where for where, _, code in found if code == "no_forward_secrecy"} == set()


def test_an_old_mail_client_offers_nearly_everything_that_is_weak() -> None:
    offered = {(shown, code) for where, shown, code in said("smtp-starttls.pcap") if where == "ClientHello"}
    assert ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", "export") in offered
    assert ("TLS_RSA_WITH_RC4_128_SHA", "rc4") in offered
    assert ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", "small_block") in offered
    assert ("TLS_RSA_WITH_AES_128_CBC_SHA", "cbc") in offered
    assert ("TLS_RSA_WITH_AES_128_GCM_SHA256", "rsa_key_exchange") in offered
    assert ("TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", "no_forward_secrecy") in offered
    assert ("rsa_pkcs1_sha1", "weak_hash") in offered


def test_versions_before_12_are_weak_where_they_are_meant_and_not_where_they_only_let_old_devices_pass() -> None:
    assert ("ClientHello", "TLSv1", "old_version") in said("tls13_psk_succesfull.pcap")
    # Its record says TLS 1.0, its hello TLS 1.2, and its supported_versions what it means.
    assert {code for _, _, code in _said(note_client_hello())} & {"old_version"} == set()


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        (timedelta(days=-300), timedelta(days=65), []),
        (timedelta(days=-300), timedelta(days=12), ["expiring"]),
        (timedelta(days=-300), timedelta(days=-3), ["expired"]),
        (timedelta(days=3), timedelta(days=300), ["not_yet_valid"]),
    ],
)
def test_a_certificate_is_judged_by_the_moment_it_crossed(
    before: timedelta, after: timedelta, codes: list[str]
) -> None:
    message = _certificate(ec.generate_private_key(ec.SECP256R1()), NOW + before, NOW + after)
    assert [code for _, _, code in _said(message)] == codes


def test_an_rsa_key_of_fewer_than_2048_bits_is_weak() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    message = _certificate(key, NOW - timedelta(days=1), NOW + timedelta(days=300))
    assert [code for _, _, code in _said(message)] == ["small_rsa"]
    assert ("Certificate", "certificate", "small_rsa") in said("tls-early-alert.pcap")


def _certificate(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, not_before: datetime, not_after: datetime
) -> Message:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "files.example")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .sign(key, SHA256())
    )
    chain = Certificate12(certificate_list=(made.public_bytes(Encoding.DER),))
    return handshake(HandshakeType.certificate, chain, moment=at(0), step=3)


@pytest.mark.parametrize(
    ("suite", "parts"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE one_time, RSA signs, AES-256-GCM aead, SHA-384 prf"),
        ("TLS_AES_256_GCM_SHA384", "None apart, None apart, AES-256-GCM aead, SHA-384 hkdf"),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", "RSA encrypted, None decrypts, AES-128-CBC cbc, SHA-1 hmac"),
        ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", "DHE one_time, RSA signs, AES-128-CBC cbc, SHA-256 hmac_prf"),
        ("TLS_DH_anon_WITH_RC4_128_MD5", "DHE one_time, None unsigned, RC4-128 stream, MD5 hmac"),
        ("TLS_RSA_WITH_AES_128_CCM_8", "RSA encrypted, None decrypts, AES-128-CCM-8 aead, SHA-256 prf"),
        ("TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", "ECDHE_PSK other, AES-128-GCM aead, SHA-256 prf"),
        ("TLS_RSA_WITH_NULL_SHA", "RSA encrypted, None decrypts, NULL null, SHA-1 hmac"),
        ("TLS_FALLBACK_SCSV", ""),
    ],
)
def test_a_suite_is_taken_apart_with_what_each_part_is_for(suite: str, parts: str) -> None:
    found = suite_parts(CipherSuite[suite], note_client_hello())
    assert ", ".join(f"{part.name} {part.use}" for part in found) == parts


def test_every_suite_that_iana_names_can_be_taken_apart() -> None:
    for suite in CipherSuite:
        for part in suite_parts(suite, note_client_hello()):
            assert part.name is None or part.name


@pytest.mark.parametrize(
    ("suite", "hash_title"),
    [
        (CipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA, "SHA-1"),
        (CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, "SHA-256"),
        (CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384, "SHA-384"),
    ],
)
def test_cbc_is_weak_with_every_hash(suite: CipherSuite, hash_title: str) -> None:
    hello = note_client_hello()
    assert suite_remarks(suite, hello)["hash"] == (Remark("cbc", {"hash": hash_title}),)
    assert suite_remarks(CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, hello)["hash"] == ()
