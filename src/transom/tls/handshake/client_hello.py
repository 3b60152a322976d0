"""The client's first words, and what it keeps of them to judge the answer by (RFC 8446 §4.1.2)."""

from __future__ import annotations

from dataclasses import replace

from transom.crypto import key_exchange
from transom.crypto.key_exchange import StartedExchange
from transom.errors import PeerMisbehaved
from transom.tls.config import ClientConfig
from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.extensions.base import ExtensionBody, Extensions
from transom.tls.extensions.cookie import Cookie
from transom.tls.extensions.key_share import KeyShareClientHello, KeyShareEntry, KeyShareHelloRetryRequest
from transom.tls.extensions.server_name import ServerName, ServerNameList
from transom.tls.extensions.session import ExtendedMasterSecret, RenegotiationInfo
from transom.tls.extensions.signature_algorithms import SignatureSchemeList
from transom.tls.extensions.supported_groups import ECPointFormatList, NamedGroupList
from transom.tls.extensions.supported_versions import SupportedVersionsClientHello
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.groups import ECPointFormat, NamedGroup
from transom.tls.iana.small import CompressionMethod, NameType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.value import value
from transom.wire.address import as_address


@value
class Offered:
    """A ClientHello and the private halves of its key shares."""

    hello: ClientHello
    shares: dict[NamedGroup, StartedExchange]

    @property
    def extension_types(self) -> set[ExtensionType]:
        """What a server may answer."""
        return set(self.hello.extensions.types)


def first_hello(config: ClientConfig, name: str) -> Offered:
    """The hello for the server called `name` (a DNS name or an IP address)."""
    offers_tls13 = config.allows(ProtocolVersion.TLSv1_3)
    shares = _start(config.groups[0]) if offers_tls13 else {}
    bodies = [*_for_any_version(config, name)]
    if config.allows(ProtocolVersion.TLSv1_2):
        bodies += _for_tls12()
    if offers_tls13:
        bodies += [
            SupportedVersionsClientHello(
                versions=tuple(version for version in config.versions if config.allows(version))
            ),
            _key_share(shares),
        ]
    hello = ClientHello(
        legacy_version=ProtocolVersion.TLSv1_2,
        random=config.random(32),
        # 32 bytes make TLS 1.3 look like a resumption to middleboxes that only know 1.2 (RFC 8446 §D.4).
        legacy_session_id=config.random(32) if offers_tls13 else b"",
        cipher_suites=_suites(config),
        legacy_compression_methods=(CompressionMethod.null,),
        extensions=Extensions.of(*bodies),
    )
    return Offered(hello, shares)


def second_hello(config: ClientConfig, first: Offered, retry: ServerHello) -> Offered:
    """The hello a HelloRetryRequest asks for: the first one but for the share and the cookie (RFC 8446 §4.1.2)."""
    wanted = retry.extensions.get(KeyShareHelloRetryRequest)
    cookie = retry.extensions.get(Cookie)
    if wanted is None and cookie is None:
        raise PeerMisbehaved(
            "asks for nothing that would change the hello", rfc="8446 §4.1.4", where="HelloRetryRequest"
        )
    shares = first.shares
    if wanted is not None:
        group = wanted.selected_group
        if group not in config.groups or group in first.shares:
            raise PeerMisbehaved(
                "asks for {group}, which was sent already"
                if group in first.shares
                else "asks for {group}, which was not offered",
                group=group.name,
                rfc="8446 §4.2.8",
                where="HelloRetryRequest.extensions.key_share",
            )
        shares = _start(group)
    bodies = [item.body for item in first.hello.extensions if item.body is not None]
    bodies = [_key_share(shares) if isinstance(body, KeyShareClientHello) else body for body in bodies]
    if cookie is not None:
        bodies.append(cookie)
    return Offered(replace(first.hello, extensions=Extensions.of(*bodies)), shares)


def _for_any_version(config: ClientConfig, name: str) -> list[ExtensionBody]:
    bodies: list[ExtensionBody] = []
    if as_address(name) is None:  # "Literal IPv4 and IPv6 addresses are not permitted" (RFC 6066 §3)
        host = ServerName(name_type=NameType.host_name, host_name=name.rstrip(".").encode("ascii"))
        bodies.append(ServerNameList(server_name_list=(host,)))
    bodies.append(NamedGroupList(named_group_list=config.groups))
    bodies.append(SignatureSchemeList(supported_signature_algorithms=config.signature_schemes))
    if config.alpn:
        bodies.append(ProtocolNameList(protocol_name_list=tuple(name.encode("ascii") for name in config.alpn)))
    return bodies


def _for_tls12() -> list[ExtensionBody]:
    return [
        ECPointFormatList(ec_point_format_list=(ECPointFormat.uncompressed,)),
        ExtendedMasterSecret(),
        RenegotiationInfo(renegotiated_connection=b""),
    ]


def _suites(config: ClientConfig) -> tuple[CipherSuite, ...]:
    usable = {suite for version in config.versions for suite in config.suites_of(version)}
    return tuple(suite for suite in config.cipher_suites if suite in usable)


def _start(group: NamedGroup) -> dict[NamedGroup, StartedExchange]:
    return {group: key_exchange.start(group.name)}


def _key_share(shares: dict[NamedGroup, StartedExchange]) -> KeyShareClientHello:
    entries = tuple(KeyShareEntry(group=group, key_exchange=share.public) for group, share in shares.items())
    return KeyShareClientHello(client_shares=entries)
