"""A cipher suite taken apart: what its name says, and what our engine needs to speak it.

Before TLS 1.3 a name has four parts: TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 exchanges keys by ECDHE, is signed by RSA,
seals with AES-256-GCM and hashes with SHA-384 (RFC 5246 appendix C). In 1.3 only cipher and hash are left (8446 §B.4).
"""

from __future__ import annotations

from enum import Enum
from functools import cache

from transom.crypto.aead import AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, Aead
from transom.crypto.hashes import Hash
from transom.tls.iana.cipher_suites import CipherSuite
from transom.value import value


class KeyExchange(Enum):
    """How the two sides come to a shared secret."""

    ANY = "any"
    RSA = "RSA"
    DHE = "DHE"
    ECDHE = "ECDHE"
    DH = "DH"
    ECDH = "ECDH"
    DH_ANON = "DH anon"
    ECDH_ANON = "ECDH anon"
    OTHER = "other"

    @property
    def is_one_time(self) -> bool:
        """Whether its keys are used once and forgotten: what forward secrecy needs."""
        return self in _ONE_TIME


_ONE_TIME = {KeyExchange.ANY, KeyExchange.DHE, KeyExchange.ECDHE, KeyExchange.DH_ANON, KeyExchange.ECDH_ANON}


@value
class SuiteParts:
    """The parts of a suite's name. `signature` is None where nobody signs or, in TLS 1.3, where the suite is silent."""

    key_exchange: KeyExchange
    signature: str | None
    cipher: str
    hash: str | None

    @property
    def hash_title(self) -> str:
        """`SHA-1`, where the suite's name has `SHA`."""
        return _HASH_TITLES.get(self.hash or "", self.hash or "")


_HASH_TITLES = {"SHA": "SHA-1", "SHA256": "SHA-256", "SHA384": "SHA-384", "SHA512": "SHA-512"}


@cache
def take_apart(suite: CipherSuite) -> SuiteParts | None:
    """The parts of the name; None for GREASE, signalling values and unknown codes."""
    name = suite.name
    if not suite.is_known or name.endswith("_SCSV") or suite is CipherSuite.TLS_NULL_WITH_NULL_NULL:
        return None
    exchange, separator, rest = name.removeprefix("TLS_").partition("_WITH_")
    if not separator:
        cipher, _, hash_name = exchange.rpartition("_")
        return SuiteParts(KeyExchange.ANY, None, _cipher_title(cipher), hash_name)
    cipher, _, hash_name = rest.rpartition("_")
    if hash_name in ("CCM", "8", "MGM", "OMAC", "IMIT", "L", "S"):  # names that end with the cipher's mode
        return SuiteParts(*_exchange_parts(exchange), _cipher_title(rest), None)
    return SuiteParts(*_exchange_parts(exchange), _cipher_title(cipher), hash_name)


def _exchange_parts(name: str) -> tuple[KeyExchange, str | None]:
    head, _, signer = name.removesuffix("_EXPORT").partition("_")
    if signer == "anon":
        return KeyExchange(f"{head} anon"), None
    if head == "RSA" and not signer:
        return KeyExchange.RSA, None
    if head in ("DHE", "ECDHE", "DH", "ECDH") and signer in ("RSA", "DSS", "ECDSA"):
        return KeyExchange(head), signer
    return KeyExchange.OTHER, signer or None


def _cipher_title(name: str) -> str:
    return name.replace("_", "-")


@value
class SpokenSuite:
    """What our engine needs of a suite it can speak."""

    suite: CipherSuite
    aead: Aead
    hash: Hash


_SPOKEN = {
    spoken.suite: spoken
    for spoken in (
        SpokenSuite(CipherSuite.TLS_AES_128_GCM_SHA256, AES_128_GCM, Hash.SHA256),
        SpokenSuite(CipherSuite.TLS_AES_256_GCM_SHA384, AES_256_GCM, Hash.SHA384),
        SpokenSuite(CipherSuite.TLS_CHACHA20_POLY1305_SHA256, CHACHA20_POLY1305, Hash.SHA256),
        SpokenSuite(CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, AES_128_GCM, Hash.SHA256),
        SpokenSuite(CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, AES_128_GCM, Hash.SHA256),
        SpokenSuite(CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, AES_256_GCM, Hash.SHA384),
        SpokenSuite(CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, AES_256_GCM, Hash.SHA384),
        SpokenSuite(CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, CHACHA20_POLY1305, Hash.SHA256),
        SpokenSuite(CipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, CHACHA20_POLY1305, Hash.SHA256),
        SpokenSuite(CipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256, AES_128_GCM, Hash.SHA256),
        SpokenSuite(CipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384, AES_256_GCM, Hash.SHA384),
    )
}


def spoken(suite: CipherSuite) -> SpokenSuite | None:
    """The suite as our engine speaks it, or None."""
    return _SPOKEN.get(suite)
