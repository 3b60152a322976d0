"""What a value means where it stands: a stable code, and what fills its sentence.

An offer is remarked on where it is out of the ordinary; of what was chosen it is always said whether it is
post-quantum, and whether what was recorded today stays shut when a private key gets out later (forward secrecy).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from transom.dissect.timeline import Message
from transom.tls.extensions.key_share import KeyShareServerHello
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.signature_schemes import SignatureScheme
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.tls.suites import KeyExchange, take_apart
from transom.trust.certificate import PARSE_ERRORS, Certificate, read_certificate
from transom.trust.checks import LEAST_RSA_BITS
from transom.value import value
from transom.wire.codepoint import CodePoint

RemarkCode = Literal[
    "grease",
    "post_quantum",
    "not_post_quantum",
    "forward_secrecy",
    "no_forward_secrecy",
    "rsa_key_exchange",
    "anonymous",
    "null_cipher",
    "export",
    "rc4",
    "small_block",
    "cbc",
    "weak_hash",
    "old_version",
    "small_rsa",
    "expiring",
    "expired",
    "not_yet_valid",
]
RemarkKind = Literal["weak", "expiring", "good", "plain"]

KINDS: Mapping[RemarkCode, RemarkKind] = {
    "grease": "plain",
    "post_quantum": "good",
    "not_post_quantum": "plain",
    "forward_secrecy": "good",
    "no_forward_secrecy": "weak",
    "rsa_key_exchange": "weak",
    "anonymous": "weak",
    "null_cipher": "weak",
    "export": "weak",
    "rc4": "weak",
    "small_block": "weak",
    "cbc": "weak",
    "weak_hash": "weak",
    "old_version": "weak",
    "small_rsa": "weak",
    "expiring": "expiring",
    "expired": "weak",
    "not_yet_valid": "weak",
}

SOON = 30
"""Days before its end from which a certificate is expiring."""

_NANOSECONDS = 10**9
_CHOICES = ("ServerHello", "ServerKeyExchange")
_WEAK_HASHES = ("md5", "sha1")
_SMALL_BLOCKS = ("3DES", "DES", "DES40", "RC2", "IDEA")


@value
class Remark:
    """`parts` fill the words of its code."""

    code: RemarkCode
    parts: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def kind(self) -> RemarkKind:
        return KINDS[self.code]


def remarks(shown: CodePoint | bytes | None, message: Message) -> tuple[Remark, ...]:
    """What is to be said of what a line of `message` shows: a code point, or a certificate in DER.

    The parts of a cipher suite have their own: see `suite_remarks`.
    """
    if isinstance(shown, CodePoint) and shown.is_grease:
        return (Remark("grease"),)
    match shown:
        case NamedGroup():
            return tuple(_group(shown, message))
        case ProtocolVersion() if shown < ProtocolVersion.TLSv1_2 and _is_meant(shown, message):
            return (Remark("old_version", {"version": shown.title}),)
        case SignatureScheme() if shown.name.endswith(_WEAK_HASHES):
            return (Remark("weak_hash", {"hash": _hash_title(shown.name.rpartition("_")[2])}),)
        case SignatureScheme() if shown.name.startswith("mldsa"):
            return (Remark("post_quantum"),)
        case bytes():
            return tuple(_certificate(shown, message))
        case _:
            return ()


def suite_remarks(suite: CipherSuite, message: Message) -> dict[str, tuple[Remark, ...]]:
    """Of each part of a suite's name: `key_exchange`, `signature`, `cipher` and `hash`."""
    parts = take_apart(suite)
    if parts is None:
        return {}
    # What both agreed on in RFC 7366 authenticates what is encrypted, and has no such leak.
    hello = message.value
    turned = isinstance(hello, ServerHello) and ExtensionType.encrypt_then_mac in hello.extensions.types
    mac = parts.hash if "CBC" in parts.cipher and not turned else None
    is_anonymous = parts.key_exchange in (KeyExchange.DH_ANON, KeyExchange.ECDH_ANON)
    return {
        "key_exchange": tuple(_exchange(suite, parts.key_exchange, message)),
        "signature": (Remark("anonymous"),) if is_anonymous else (),
        "cipher": tuple(_cipher(parts.cipher)),
        "hash": (Remark("cbc", {"hash": parts.hash_title}),) if mac else (),
    }


def _exchange(suite: CipherSuite, exchange: KeyExchange, message: Message) -> Iterator[Remark]:
    if "EXPORT" in suite.name:
        yield Remark("export")
    if exchange is KeyExchange.ANY:
        # The suite is silent: what matters is whether the server sent a share of its own (RFC 8446 §2.2).
        if isinstance(message.value, ServerHello) and not message.value.is_retry_request:
            shared = message.value.extensions.get(KeyShareServerHello) is not None
            yield Remark("forward_secrecy" if shared else "no_forward_secrecy")
    elif exchange is KeyExchange.RSA:
        yield Remark("rsa_key_exchange")
    elif exchange in (KeyExchange.DH, KeyExchange.ECDH):
        yield Remark("no_forward_secrecy")
    elif exchange.is_one_time:
        yield Remark("forward_secrecy")


def _cipher(cipher: str) -> Iterator[Remark]:
    name = cipher.split("-", 1)[0]
    if name in ("NULL", "SHA256", "SHA384"):  # RFC 9150's suites of TLS 1.3 authenticate and encrypt nothing
        yield Remark("null_cipher")
    elif name == "RC4":
        yield Remark("rc4")
    elif name in _SMALL_BLOCKS:
        yield Remark("small_block", {"cipher": "3DES" if name == "3DES" else cipher})


def _group(group: NamedGroup, message: Message) -> Iterator[Remark]:
    if group.is_post_quantum:
        yield Remark("post_quantum")
    elif message.name in _CHOICES:
        yield Remark("not_post_quantum")


def _is_meant(version: ProtocolVersion, message: Message) -> bool:
    """Whether the message offers or chooses it: a legacy_version may be there for old devices alone."""
    match message.value:
        case ClientHello(versions=versions):
            return version in versions
        case ServerHello(version=chosen):
            return version == chosen
        case _:
            return False


def _certificate(der: bytes, message: Message) -> Iterator[Remark]:
    try:
        certificate = read_certificate(der)
        algorithm = certificate.parsed.signature_hash_algorithm
    except PARSE_ERRORS:
        return
    yield from _dates(certificate, datetime.fromtimestamp(message.moment.time // _NANOSECONDS, UTC))
    if isinstance(certificate.public_key, RSAPublicKey) and certificate.public_key.key_size < LEAST_RSA_BITS:
        yield Remark("small_rsa", {"key": certificate.key, "least": str(LEAST_RSA_BITS)})
    # A root is trusted for being known, not for its own signature.
    if algorithm is not None and algorithm.name in _WEAK_HASHES and not certificate.self_issued:
        yield Remark("weak_hash", {"hash": _hash_title(algorithm.name)})


def _dates(certificate: Certificate, moment: datetime) -> Iterator[Remark]:
    """As of the moment when it crossed."""
    if moment > certificate.not_after:
        yield Remark("expired", {"date": f"{certificate.not_after:%Y-%m-%d}"})
    elif moment < certificate.not_before:
        yield Remark("not_yet_valid", {"date": f"{certificate.not_before:%Y-%m-%d}"})
    elif (left := (certificate.not_after - moment).days) < SOON:
        yield Remark("expiring", {"days": str(left), "date": f"{certificate.not_after:%Y-%m-%d}"})


def _hash_title(name: str) -> str:
    return {"md5": "MD5", "sha1": "SHA-1"}[name]
