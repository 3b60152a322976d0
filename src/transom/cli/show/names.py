"""Names as people know them: directions, groups, versions, what a hello offers."""

from __future__ import annotations

from collections.abc import Iterable

from transom.cli.words import Words
from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.extensions.server_name import ServerNameList
from transom.tls.extensions.supported_groups import NamedGroupList
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.hello import ClientHello
from transom.tls.suites import SuiteParts
from transom.trust.describe import CURVE_NAMES
from transom.wire.escape import escape
from transom.wire.tap import Side

SEPARATOR = " · "

_ARROWS = {Side.CLIENT: "C → S", Side.SERVER: "C ← S"}


def direction(sender: Side) -> str:
    """`C → S` for what the client sends."""
    return _ARROWS[sender]


def group_name(group: NamedGroup) -> str:
    """`X25519`, `P-256`; others as IANA has them."""
    if group is NamedGroup.x25519:
        return "X25519"
    return CURVE_NAMES.get(group.name, group.title)


def group_remark(group: NamedGroup, words: Words) -> str:
    """The group's name, and whether it is post-quantum."""
    name = group_name(group)
    return words.say("offer.post_quantum", group=name) if group.is_post_quantum else name


def version_list(versions: Iterable[ProtocolVersion]) -> str:
    """`TLS 1.3, 1.2`: GREASE left out."""
    titles = [version.title for version in versions if version.is_known]
    return ", ".join(titles).replace(", TLS ", ", ")


def offered_groups(hello: ClientHello) -> str:
    """The groups a client can use, GREASE left out."""
    groups = hello.extensions.get(NamedGroupList)
    return ", ".join(group_name(group) for group in groups.named_group_list if group.is_known) if groups else ""


def offered_suites(hello: ClientHello, words: Words) -> str:
    """`18 suites`: as many as the message lists, GREASE and signals among them."""
    return words.count("offer.suites", len(hello.cipher_suites))


def server_name(hello: ClientHello) -> str | None:
    """The name in server_name, escaped."""
    names = hello.extensions.get(ServerNameList)
    return escape(names.server_name_list[0].host_name) if names and names.server_name_list else None


def offered_alpn(hello: ClientHello) -> str:
    """The protocols a client would speak, escaped."""
    return alpn(hello.extensions.get(ProtocolNameList))


def alpn(protocols: ProtocolNameList | None) -> str:
    """`h2, http/1.1`, escaped."""
    return ", ".join(map(escape, protocols.protocol_name_list)) if protocols else ""


def suite_parts(parts: SuiteParts, words: Words, *, tls13: bool) -> str:
    """`key exchange ECDHE · signature RSA · cipher AES-256-GCM · hash SHA-384`."""
    named: list[str] = []
    if not tls13:
        named.append(words.say("suite.key_exchange", name=parts.key_exchange.value))
    if parts.signature:
        named.append(words.say("suite.signature", name=parts.signature))
    named.append(words.say("suite.cipher", name=parts.cipher))
    if parts.hash:
        named.append(words.say("suite.hash", name=parts.hash_title))
    text = SEPARATOR.join(named)
    return f"{text} ({words.say('suite.only')})" if tls13 else text
