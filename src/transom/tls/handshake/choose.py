"""A server's choices: suite, group, certificate and signature scheme, by its own preference among what is offered."""

from __future__ import annotations

from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from transom.crypto.signatures import Version, schemes_for
from transom.errors import PeerIncompatible, PeerMisbehaved
from transom.tls.config import ServerConfig
from transom.tls.extensions.signature_algorithms import SignatureSchemeList
from transom.tls.extensions.supported_groups import NamedGroupList
from transom.tls.handshake.checks import listed
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.signature_schemes import SignatureScheme
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.hello import ClientHello
from transom.tls.suites import KeyExchange, SpokenSuite, spoken, take_apart
from transom.trust.identity import Identity


class Credential(NamedTuple):
    """A certificate and how its key signs; no scheme with static RSA, where it does not sign."""

    identity: Identity
    scheme: SignatureScheme | None


def choose_suite13(config: ServerConfig, hello: ClientHello) -> SpokenSuite:
    """The first of ours that the client offers."""
    for suite in config.suites_of(ProtocolVersion.TLSv1_3):
        if suite in hello.cipher_suites and (found := spoken(suite)):
            return found
    raise _no_common_suite(hello)


def choose_credential13(config: ServerConfig, hello: ClientHello) -> Credential:
    """The first certificate whose key can sign with a scheme the client verifies."""
    offered = _offered_schemes(hello)
    if offered is None:
        raise PeerMisbehaved(
            "signature_algorithms is missing",
            alert="missing_extension",
            rfc="8446 §4.2.3",
            where="ClientHello.extensions",
        )
    for identity in config.identities:
        if scheme := _common_scheme(config, identity, offered, "TLSv1.3"):
            return Credential(identity, scheme)
    raise PeerIncompatible(
        "verifies {schemes}; our certificates sign with none of them",
        schemes=listed(scheme.name for scheme in offered),
        rfc="8446 §4.2.3",
        where="ClientHello.extensions.signature_algorithms",
    )


def choose_suite12(config: ServerConfig, hello: ClientHello) -> tuple[SpokenSuite, Credential]:
    """The first of our suites that the client offers and one of our certificates fits."""
    offered = _offered_schemes(hello) or (SignatureScheme.rsa_pkcs1_sha1, SignatureScheme.ecdsa_sha1)
    for suite in config.suites_of(ProtocolVersion.TLSv1_2):
        if suite not in hello.cipher_suites or (found := spoken(suite)) is None:
            continue
        if _needs_group(suite) and common_group(config, hello) is None:
            continue
        if credential := _credential_for(config, suite, offered):
            return found, credential
    raise _no_common_suite(hello)


def common_group(config: ServerConfig, hello: ClientHello) -> NamedGroup | None:
    """The first of our groups that the client can use. One that names none takes P-256 (RFC 8422 §4)."""
    offered = hello.extensions.get(NamedGroupList)
    if offered is None:
        return NamedGroup.secp256r1 if NamedGroup.secp256r1 in config.groups else None
    return next((group for group in config.groups if group in offered.named_group_list), None)


def _needs_group(suite: CipherSuite) -> bool:
    parts = take_apart(suite)
    return parts is not None and parts.key_exchange is KeyExchange.ECDHE


def _credential_for(
    config: ServerConfig, suite: CipherSuite, offered: tuple[SignatureScheme, ...]
) -> Credential | None:
    parts = take_apart(suite)
    for identity in config.identities:
        is_rsa = isinstance(identity.private_key, RSAPrivateKey)
        if parts is not None and parts.key_exchange is KeyExchange.RSA:
            if is_rsa:
                return Credential(identity, None)
            continue
        scheme = _common_scheme(config, identity, offered, "TLSv1.2")
        if scheme is not None and parts is not None and is_rsa == (parts.signature == "RSA"):
            return Credential(identity, scheme)
    return None


def _offered_schemes(hello: ClientHello) -> tuple[SignatureScheme, ...] | None:
    offered = hello.extensions.get(SignatureSchemeList)
    return offered.supported_signature_algorithms if offered else None


def _common_scheme(
    config: ServerConfig, identity: Identity, offered: tuple[SignatureScheme, ...], version: Version
) -> SignatureScheme | None:
    for name in schemes_for(identity.private_key, version):
        scheme = SignatureScheme[name]
        if scheme in offered and scheme in config.signature_schemes:
            return scheme
    return None


def _no_common_suite(hello: ClientHello) -> PeerIncompatible:
    return PeerIncompatible(
        "offers {suites}: none that we allow and our certificates fit",
        suites=listed(suite.title for suite in hello.cipher_suites),
        rfc="8446 §4.1.1",
        where="ClientHello.cipher_suites",
    )
