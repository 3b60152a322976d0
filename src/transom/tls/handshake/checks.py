"""What is not allowed, though it parses: the judgements that more than one script makes."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable
from itertools import islice

from cryptography.x509 import KeyUsage
from cryptography.x509.oid import PublicKeyAlgorithmOID

from transom.crypto import signatures
from transom.errors import PeerIncompatible, PeerMisbehaved, Sentence
from transom.tls.config import Offer
from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.extensions.base import Extensions
from transom.tls.extensions.supported_groups import ECPointFormatList
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.groups import ECPointFormat
from transom.tls.iana.signature_schemes import SignatureScheme
from transom.tls.iana.small import CompressionMethod
from transom.tls.messages.hello import ClientHello
from transom.trust.verify import VerifiedPeer

_MOST_LISTED = 12


def check_no_duplicates(extensions: Extensions, where: str) -> None:
    """RFC 8446 §4.2: one of a type."""
    seen: set[ExtensionType] = set()
    for kind in extensions.types:
        if kind in seen:
            raise PeerMisbehaved(
                "{extension} stands twice", extension=kind.name, rfc="8446 §4.2", where=f"{where}.extensions"
            )
        seen.add(kind)


def check_answered(
    extensions: Extensions, offered: Collection[ExtensionType], placed: Collection[ExtensionType], where: str
) -> None:
    """RFC 8446 §4.2: a server answers extensions, it does not bring its own, and each answer has its message."""
    check_no_duplicates(extensions, where)
    for kind in extensions.types:
        if kind not in offered:
            raise unsolicited(kind, where)
        if kind not in placed:
            raise PeerMisbehaved(
                "{extension} does not belong here", extension=kind.name, rfc="8446 §4.2", where=f"{where}.extensions"
            )


def unsolicited(kind: ExtensionType, where: str) -> PeerMisbehaved:
    """The answer to a question that was not asked (RFC 8446 §4.2)."""
    what = Sentence("{extension} was not offered", extension=kind.name)
    return PeerMisbehaved(what, alert="unsupported_extension", rfc="8446 §4.2", where=f"{where}.extensions")


def check_compression(hello: ClientHello) -> None:
    """Null compression must be on offer (RFC 5246 §7.4.1.2, RFC 8446 §4.1.2)."""
    if CompressionMethod.null not in hello.legacy_compression_methods:
        raise PeerMisbehaved("null is not offered", rfc="8446 §4.1.2", where="ClientHello.legacy_compression_methods")


def check_hello13(hello: ClientHello) -> None:
    """What TLS 1.3 asks of a ClientHello even where we make no use of it (RFC 8446 §4.1.2, §4.2.9, §4.2.11)."""
    if hello.legacy_compression_methods != (CompressionMethod.null,):
        what = "TLS 1.3 offers null and nothing else"
        raise PeerMisbehaved(what, rfc="8446 §4.1.2", where="ClientHello.legacy_compression_methods")
    if ExtensionType.pre_shared_key not in hello.extensions:
        return
    if hello.extensions.types[-1] is not ExtensionType.pre_shared_key:
        raise PeerMisbehaved("pre_shared_key is not the last", rfc="8446 §4.2.11", where="ClientHello.extensions")
    if ExtensionType.psk_key_exchange_modes not in hello.extensions:
        what = "pre_shared_key came without psk_key_exchange_modes"
        raise PeerMisbehaved(what, alert="missing_extension", rfc="8446 §4.2.9", where="ClientHello.extensions")


def check_point_formats(extensions: Extensions, where: str) -> None:
    """A side that lists how it reads points must list the one form that is left (RFC 8422 §5.1.2)."""
    formats = extensions.get(ECPointFormatList)
    if formats is not None and ECPointFormat.uncompressed not in formats.ec_point_format_list:
        what = "uncompressed is not listed"
        raise PeerMisbehaved(what, rfc="8422 §5.1.2", where=f"{where}.extensions.ec_point_formats")


def check_finished(expected: bytes, seen: bytes) -> None:
    """RFC 8446 §4.4.4, RFC 5246 §7.4.9: both sides saw the same handshake, and hold the same keys."""
    if not hmac.compare_digest(expected, seen):
        raise PeerMisbehaved(
            "verify_data is not the MAC of this handshake ({count} bytes seen, {expected} expected)",
            count=len(seen),
            expected=len(expected),
            alert="decrypt_error",
            rfc="8446 §4.4.4",
            where="Finished",
        )


def check_signature(
    peer: VerifiedPeer,
    scheme: SignatureScheme,
    signature: bytes,
    content: bytes,
    *,
    offer: Offer,
    version: signatures.Version,
    where: str,
) -> None:
    """The scheme was offered, suits the certificate's key, and the signature holds."""
    if scheme not in offer.signature_schemes:
        raise PeerMisbehaved(
            "signed with {scheme}, which was not offered", scheme=scheme.name, rfc="8446 §4.4.3", where=where
        )
    key = peer.public_key
    if (
        not isinstance(key, signatures.PublicKey)
        or not signatures.can_verify(key, scheme.name, version)
        or not _padding_allowed(peer, scheme)
    ):
        raise PeerMisbehaved(
            "{scheme} does not go with the certificate's key ({key}) in {version}",
            scheme=scheme.name,
            key=peer.leaf.key,
            version=version,
            rfc="8446 §4.4.3",
            where=where,
        )
    signatures.verify(key, scheme.name, signature, content)


def _padding_allowed(peer: VerifiedPeer, scheme: SignatureScheme) -> bool:
    """The rsa_pss_pss_* schemes are for certificates whose key says PSS only, every other for those that do not."""
    is_pss_only = peer.leaf.parsed.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSASSA_PSS
    return is_pss_only == scheme.name.startswith("rsa_pss_pss")


def check_key_usage(peer: VerifiedPeer, *, encrypts: bool) -> None:
    """What the key will do must be among what its certificate allows, if that says anything.

    Signing, in TLS 1.3 and with ECDHE (RFC 8446 §4.4.2.2); being encrypted to, with static RSA (RFC 5246 §7.4.2).
    """
    usage = peer.leaf.extension(KeyUsage)
    if usage is None or (usage.key_encipherment if encrypts else usage.digital_signature):
        return
    wanted = "keyEncipherment" if encrypts else "digitalSignature"
    raise PeerMisbehaved(
        "its keyUsage does not allow {wanted}",
        wanted=wanted,
        alert="unsupported_certificate",
        rfc="5246 §7.4.2" if encrypts else "8446 §4.4.2.2",
        where="Certificate",
    )


def chosen_protocol(extensions: Extensions, offered: tuple[str, ...], where: str) -> str | None:
    """The ALPN name the server chose: exactly one, of those offered (RFC 7301 §3.1)."""
    answer = extensions.get(ProtocolNameList)
    if answer is None:
        return None
    names = [name.decode("latin-1") for name in answer.protocol_name_list]
    if len(names) != 1 or names[0] not in offered:
        raise PeerMisbehaved(
            "chose {offered!r}; one of {expected} was expected",
            offered=listed(names),
            expected=", ".join(offered),
            rfc="7301 §3.1",
            where=f"{where}.extensions.application_layer_protocol_negotiation",
        )
    return names[0]


def choose_protocol(hello: ClientHello, ours: tuple[str, ...]) -> str | None:
    """The ALPN name we choose as a server, by our preference (RFC 7301 §3.2)."""
    offered = hello.extensions.get(ProtocolNameList)
    if offered is None or not ours:
        return None
    names = [name.decode("latin-1") for name in offered.protocol_name_list]
    for name in ours:
        if name in names:
            return name
    raise PeerIncompatible(
        "ALPN offers {offered!r}; we speak {ours}",
        offered=listed(names),
        ours=", ".join(ours),
        alert="no_application_protocol",
        rfc="7301 §3.2",
        where="ClientHello",
    )


def listed(names: Iterable[str]) -> str:
    """What a peer listed, for a message: the first dozen, since it may have listed tens of thousands."""
    first = list(islice(names, _MOST_LISTED + 1))
    more = ", …" if len(first) > _MOST_LISTED else ""
    return ", ".join(first[:_MOST_LISTED]) + more
