"""What speaks TLS for a download, made as the options say."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from transom.channel.interface import Channel
from transom.cli.options.identity import identity_of
from transom.cli.roots import Roots
from transom.errors import UsageError
from transom.tls.config import (
    CIPHER_SUITES,
    GROUPS,
    VERSIONS,
    ChainVerifier,
    ClientConfig,
    KeyLogWriter,
    Offer,
    belongs_to,
)
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.suites import KeyExchange, take_apart
from transom.transfer.client import ChannelFactory
from transom.trust.identity import Identity
from transom.trust.pinned import require_pinned
from transom.trust.pins import parse_pins
from transom.trust.verify import VerifiedPeer, accept_pinned, accept_unverified, verify_chain

_MAXIMA = {"1.2": ProtocolVersion.TLSv1_2, "1.3": ProtocolVersion.TLSv1_3, "default": ProtocolVersion.TLSv1_3}
_CURL_GROUPS = {"X25519": "x25519", "P-256": "secp256r1", "prime256v1": "secp256r1", "P-384": "secp384r1"}


def channel_factories(
    options: argparse.Namespace, keylog: KeyLogWriter | None, roots: Roots
) -> tuple[ChannelFactory, ChannelFactory]:
    """Make TLS channels as the options say: to a server that was named, and to one that it leads to.

    A client certificate is meant for the first alone.
    """
    return _factory(options, keylog, roots, identity_of(options)), _factory(options, keylog, roots, None)


def _factory(
    options: argparse.Namespace, keylog: KeyLogWriter | None, roots: Roots, identity: Identity | None
) -> ChannelFactory:
    verify = _also_pinned(options, _verifier(options, roots))
    offer = _offer(options)

    def make(host: str) -> Channel:
        store = roots()  # read before the handshake begins, not in the midst of it
        _refuse_static_rsa_abroad(offer, host)
        config = ClientConfig(
            versions=offer.versions,
            cipher_suites=offer.cipher_suites,
            groups=offer.groups,
            alpn=("http/1.1",),
            keylog=keylog,
            verify=verify,
            identity=identity,
        )
        if options.tls == "transom":
            from transom.channel.own_tls import OwnTlsChannel

            return OwnTlsChannel.client(config, host)
        from transom.channel.openssl import OpenSslChannel, OpenSslContext

        return OpenSslChannel(OpenSslContext.client(config, store), config, host)

    return make


def _verifier(options: argparse.Namespace, roots: Roots) -> ChainVerifier:
    if options.pin is not None:
        pins = parse_pins(options.pin, "--pin")
        return lambda chain, _name: accept_pinned(chain, pins)

    def verify(chain: Sequence[bytes], name: str) -> VerifiedPeer:
        store = roots()
        return accept_unverified(chain, "-k") if store is None else verify_chain(chain, name, store, datetime.now(UTC))

    return verify


def _also_pinned(options: argparse.Namespace, verify: ChainVerifier) -> ChainVerifier:
    if options.pinnedpubkey is None:  # an empty one is none that holds
        return verify
    pins = parse_pins(options.pinnedpubkey, "--pinnedpubkey")
    return lambda chain, name: require_pinned(verify(chain, name), pins)


def _offer(options: argparse.Namespace) -> Offer:
    lowest = ProtocolVersion.TLSv1_3 if options.tls13 else ProtocolVersion.TLSv1_2
    highest = _MAXIMA[options.tls_max]
    versions = tuple(version for version in VERSIONS if lowest <= version <= highest)
    if not versions:
        raise UsageError("--tlsv1.3 asks for TLS 1.3 or later, --tls-max for less")
    suites = _named_suites(options.ciphers) if options.ciphers is not None else CIPHER_SUITES
    groups = _named_groups(options.curves) if options.curves is not None else GROUPS
    return Offer(versions=versions, cipher_suites=suites, groups=groups)


def _named_suites(text: str) -> tuple[CipherSuite, ...]:
    """The suites named. TLS 1.3's are kept as they are unless one of them is named, as in curl."""
    names = [name for name in text.replace(",", ":").split(":") if name] or [text]
    unknown = [name for name in names if name not in CipherSuite.__members__]
    if unknown:
        raise UsageError(
            "--ciphers: {unknown!r} is no cipher suite by its IANA name, such as {name}",
            unknown=unknown[0],
            name=CIPHER_SUITES[0].name,
        )
    suites = tuple(CipherSuite[name] for name in names)
    if any(belongs_to(suite, ProtocolVersion.TLSv1_3) for suite in suites):
        return suites
    return tuple(suite for suite in CIPHER_SUITES if belongs_to(suite, ProtocolVersion.TLSv1_3)) + suites


def _named_groups(text: str) -> tuple[NamedGroup, ...]:
    names = [_CURL_GROUPS.get(name, name) for name in text.replace(",", ":").split(":") if name] or [text]
    unknown = [name for name in names if name not in NamedGroup.__members__]
    if unknown:
        raise UsageError("--curves: {unknown!r} is no group; there are X25519, P-256 and P-384", unknown=unknown[0])
    return tuple(NamedGroup[name] for name in names)


def _refuse_static_rsa_abroad(offer: Offer, host: str) -> None:
    """Who records a static-RSA session opens it later with the server's key: here it is a lesson, not a transport."""
    parts = [take_apart(suite) for suite in offer.cipher_suites]
    if host in _LOOPBACK or not any(part and part.key_exchange is KeyExchange.RSA for part in parts):
        return
    raise UsageError(
        "static RSA (TLS_RSA_WITH_…) has no forward secrecy and is offered on loopback only, not to {host}", host=host
    )


_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
