"""What each hello adds to the facts of a TLS conversation, and what the observer knows of it by now."""

from __future__ import annotations

from transom.dissect.facts import TlsFacts
from transom.dissect.fingerprints import ja3, ja3_full, ja3s, ja4
from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.extensions.base import Extensions
from transom.tls.extensions.server_name import ServerNameList
from transom.tls.messages.ending import EncryptedExtensions
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.tls.observer import Observer
from transom.wire.struct import Struct


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
    suite, group = observer.cipher_suite, observer.group
    facts.version = None if observer.version is None else observer.version.dotted
    facts.cipher_suite = None if suite is None else suite.name
    facts.cipher_suite_code = None if suite is None else int(suite)
    facts.group = None if group is None else group.name
    facts.resumed = observer.resumed
    facts.certificates = observer.certificates
    facts.decrypted = "no" if not observer.opened_records else "partial" if observer.shut_records else "full"
    facts.why_not = observer.why_not


def _client_hello(facts: TlsFacts, hello: ClientHello) -> None:
    # The first alone: a second, after a HelloRetryRequest or in a renegotiation, has another fingerprint.
    if facts.client_hello is not None:
        return
    facts.client_hello = hello
    facts.sni = _server_name(hello)
    facts.ja3_full, facts.ja3, facts.ja4 = ja3_full(hello), ja3(hello), ja4(hello)


def _server_hello(facts: TlsFacts, hello: ServerHello) -> None:
    if facts.server_hello is not None:
        return
    facts.server_hello = hello
    facts.ja3s = ja3s(hello)
    facts.alpn = _chosen_protocol(hello.extensions)


def _server_name(hello: ClientHello) -> str | None:
    """The first name asked for; bytes that are no ASCII as their numbers."""
    names = hello.extensions.get(ServerNameList)
    return names.server_name_list[0].host_name.decode("ascii", "backslashreplace") if names else None


def _chosen_protocol(extensions: Extensions) -> str | None:
    chosen = extensions.get(ProtocolNameList)
    return chosen.protocol_name_list[0].decode("ascii", "backslashreplace") if chosen else None
