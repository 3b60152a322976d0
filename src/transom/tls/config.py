"""What a client and a server are willing to do, given to the engine from outside: no clock, no global state in here."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from transom.crypto import key_exchange, signatures
from transom.errors import UsageError
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.signature_schemes import SignatureScheme
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.suites import KeyExchange, spoken, take_apart
from transom.value import value
from transom.wire.codepoint import CodePoint

if TYPE_CHECKING:
    from transom.trust.identity import Identity
    from transom.trust.verify import VerifiedPeer

ChainVerifier = Callable[[Sequence[bytes], str], "VerifiedPeer"]
"""Given a chain (DER, leaf first) and the name asked for; raises `PeerUntrusted`."""

KeyLogWriter = Callable[[str], None]
"""Given one line of RFC 9850, with its LF."""

VERSIONS = (ProtocolVersion.TLSv1_3, ProtocolVersion.TLSv1_2)

CIPHER_SUITES = (
    CipherSuite.TLS_AES_128_GCM_SHA256,
    CipherSuite.TLS_AES_256_GCM_SHA384,
    CipherSuite.TLS_CHACHA20_POLY1305_SHA256,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
)
"""What is offered unasked. Static RSA is missing: it is offered only by name, and only on loopback."""


GROUPS = tuple(NamedGroup[name] for name in key_exchange.GROUPS)
SIGNATURE_SCHEMES = tuple(SignatureScheme[name] for name in signatures.SCHEMES)


@value
class Offer:
    """What both roles have in common, most preferred first. Refuses what the engine cannot do with `UsageError`."""

    versions: tuple[ProtocolVersion, ...] = VERSIONS
    cipher_suites: tuple[CipherSuite, ...] = CIPHER_SUITES
    groups: tuple[NamedGroup, ...] = GROUPS
    signature_schemes: tuple[SignatureScheme, ...] = SIGNATURE_SCHEMES
    alpn: tuple[str, ...] = ()
    random: Callable[[int], bytes] = os.urandom
    keylog: KeyLogWriter | None = None

    def __post_init__(self) -> None:
        _all_known("version", self.versions, VERSIONS)
        _all_known("group", self.groups, GROUPS)
        _all_known("signature scheme", self.signature_schemes, SIGNATURE_SCHEMES)
        for suite in self.cipher_suites:
            if spoken(suite) is None:
                raise UsageError("cipher suite {suite} is not one this engine speaks", suite=suite.name)
        for name in self.alpn:
            if not (name.isascii() and 1 <= len(name) <= 255):
                raise UsageError("{name!r} is no ALPN name: those are 1 to 255 ASCII characters here", name=name)
        if not any(self.suites_of(version) for version in self.versions):
            raise UsageError("none of the cipher suites belongs to one of the versions")

    def suites_of(self, version: ProtocolVersion) -> tuple[CipherSuite, ...]:
        """The suites that belong to that version."""
        return tuple(suite for suite in self.cipher_suites if belongs_to(suite, version))

    def allows(self, version: ProtocolVersion) -> bool:
        return version in self.versions and bool(self.suites_of(version))


@value(kw_only=True)
class ClientConfig(Offer):
    """A client: `verify` judges the server's chain; `identity` is shown to a server that asks who it is."""

    verify: ChainVerifier
    identity: Identity | None = None


@value(kw_only=True)
class ServerConfig(Offer):
    """A server: its certificates with their keys, the preferred one first."""

    identities: tuple[Identity, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.identities:
            raise UsageError("a TLS server needs a certificate and its key")


def belongs_to(suite: CipherSuite, version: ProtocolVersion) -> bool:
    """Whether a suite is one of TLS 1.3's, or one of those before it."""
    parts = take_apart(suite)
    return parts is not None and (parts.key_exchange is KeyExchange.ANY) == (version is ProtocolVersion.TLSv1_3)


def _all_known(what: str, wanted: Sequence[CodePoint], known: Sequence[CodePoint]) -> None:
    if not wanted:
        raise UsageError("no {what} is allowed at all", what=what)
    for item in wanted:
        if item not in known:
            raise UsageError("{what} {name} is not one this engine speaks", what=what, name=item.name)
