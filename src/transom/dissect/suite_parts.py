"""A cipher suite taken apart for somebody who looks: each part of its name, what it is for, and what it means here."""

from __future__ import annotations

from typing import Literal

from transom.dissect.remarks import Remark, suite_remarks
from transom.dissect.timeline import Message
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.suites import KeyExchange, SuiteParts, take_apart
from transom.value import value

Role = Literal["key_exchange", "signature", "cipher", "hash"]
Use = Literal[
    "apart",
    "one_time",
    "encrypted",
    "fixed",
    "other",
    "signs",
    "unsigned",
    "decrypts",
    "aead",
    "cbc",
    "stream",
    "null",
    "hkdf",
    "prf",
    "hmac",
    "hmac_prf",
]

_DEFAULT_PRF = "SHA-256"
"""That of TLS 1.2, for suites that name none or one of before (RFC 5246 §5)."""

_AEAD = ("GCM", "CCM", "CCM-8", "POLY1305", "AEGIS-128L", "AEGIS-256", "MGM-L", "MGM-S")


@value
class SuitePart:
    """One part. `name` is None where the suite does not name it; `use` is the code of what it is for."""

    role: Role
    name: str | None
    use: Use
    remarks: tuple[Remark, ...] = ()


def suite_parts(suite: CipherSuite, message: Message) -> tuple[SuitePart, ...]:
    """The parts of a suite in `message`; none of GREASE, of a signal, of a code that nobody named."""
    parts = take_apart(suite)
    if parts is None:
        return ()
    said = suite_remarks(suite, message)
    named: tuple[tuple[Role, str | None, Use | None], ...] = (
        ("key_exchange", *_key_exchange(suite, parts)),
        ("signature", *_signature(parts)),
        ("cipher", parts.cipher, _cipher(parts)),
        ("hash", *_hash(parts)),
    )
    return tuple(SuitePart(role, name, use, said[role]) for role, name, use in named if use is not None)


def _key_exchange(suite: CipherSuite, parts: SuiteParts) -> tuple[str | None, Use]:
    match parts.key_exchange:
        case KeyExchange.ANY:
            return None, "apart"
        case KeyExchange.RSA:
            return "RSA", "encrypted"
        case KeyExchange.DH | KeyExchange.ECDH as exchange:
            return exchange.value, "fixed"
        case KeyExchange.OTHER:
            return suite.name.removeprefix("TLS_").partition("_WITH_")[0], "other"
        case KeyExchange.DH_ANON:
            return "DHE", "one_time"
        case KeyExchange.ECDH_ANON:
            return "ECDHE", "one_time"
        case exchange:
            return exchange.value, "one_time"


def _signature(parts: SuiteParts) -> tuple[str | None, Use | None]:
    match parts.key_exchange:
        case KeyExchange.ANY:
            return None, "apart"
        case KeyExchange.RSA:
            return None, "decrypts"
        case KeyExchange.DH_ANON | KeyExchange.ECDH_ANON:
            return None, "unsigned"
        case KeyExchange.OTHER:
            return None, None
        case _:
            return parts.signature, "signs"


def _cipher(parts: SuiteParts) -> Use:
    if parts.cipher in ("NULL", "SHA256", "SHA384"):
        return "null"
    if parts.cipher.endswith(_AEAD):
        return "aead"
    return "cbc" if "CBC" in parts.cipher else "stream"


def _hash(parts: SuiteParts) -> tuple[str | None, Use | None]:
    """In TLS 1.2 a cipher that authenticates by itself leaves the hash to the PRF alone (RFC 5288 §3)."""
    if parts.key_exchange is KeyExchange.ANY:
        return parts.hash_title, "hkdf"
    if _cipher(parts) == "aead":
        return parts.hash_title or _DEFAULT_PRF, "prf"
    if parts.hash is None:
        return None, None
    return parts.hash_title, "hmac_prf" if parts.hash in ("SHA256", "SHA384") else "hmac"
