"""What each hello adds to the facts of a TLS conversation, and what the observer knows of it by now."""

from __future__ import annotations

from transom.dissect.facts import TlsFacts
from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.extensions.base import Extensions
from transom.tls.extensions.server_name import ServerNameList
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.ending import EncryptedExtensions
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.tls.observer import Observer
from transom.tls.sightings import HandshakeSeen
from transom.wire.struct import Struct

_DRAFTS = 0x7F


def learn_from_message(facts: TlsFacts, message: Struct | None) -> None:
    """Take what a readable message tells about the whole conversation."""
    match message:
        case ClientHello():
            _client_hello(facts, message)
        case ServerHello() if not message.is_retry_request:
            _server_hello(facts, message)
        case EncryptedExtensions():
            facts.alpn = _chosen_protocol(message.extensions)
        case _:
            pass


def learn_from_observer(facts: TlsFacts, observer: Observer) -> None:
    """Take what the observer has come to know."""
    version, suite, group = observer.version, observer.cipher_suite, observer.group
    facts.version = version.dotted if version is not None and version.is_known else None
    facts.cipher_suite = None if suite is None else suite.name
    facts.cipher_suite_code = None if suite is None else int(suite)
    facts.group = None if group is None else group.name
    facts.resumed = observer.resumed
    facts.certificates = observer.certificates
    facts.decrypted = "no" if not observer.opened_records else "partial" if observer.shut_records else "full"
    facts.why_not = observer.why_not


def chosen_version(seen: HandshakeSeen) -> ProtocolVersion:
    """What a ServerHello chooses. Drafts before 22 say it in legacy_version, in a message of another shape."""
    if isinstance(seen.value, ServerHello):
        return seen.value.version
    return ProtocolVersion(int.from_bytes(seen.frame.body[:2], "big"))


def version_text(version: ProtocolVersion) -> str:
    """`0x7f10 (TLS 1.3 draft 16)`: a draft's version is 0x7f and its number (draft-ietf-tls-tls13-16 §4.2.1.1)."""
    major, minor = divmod(int(version), 256)
    return f"0x{int(version):04x}" + (f" (TLS 1.3 draft {minor})" if major == _DRAFTS else "")


def _client_hello(facts: TlsFacts, hello: ClientHello) -> None:
    # The first alone: a second, after a HelloRetryRequest or in a renegotiation, has another fingerprint.
    if facts.client_hello is not None:
        return
    facts.client_hello = hello
    facts.sni = _server_name(hello)


def _server_hello(facts: TlsFacts, hello: ServerHello) -> None:
    if facts.server_hello is not None:
        return
    facts.server_hello = hello
    facts.alpn = _chosen_protocol(hello.extensions)


def _server_name(hello: ClientHello) -> str | None:
    """The first name asked for; bytes that are no ASCII as their numbers."""
    names = hello.extensions.get(ServerNameList)
    return names.server_name_list[0].host_name.decode("ascii", "backslashreplace") if names else None


def _chosen_protocol(extensions: Extensions) -> str | None:
    chosen = extensions.get(ProtocolNameList)
    return chosen.protocol_name_list[0].decode("ascii", "backslashreplace") if chosen else None
