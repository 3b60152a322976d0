"""What is to be said of a message in one short line: a function each, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from transom.cli.show import names
from transom.cli.show.figures import duration
from transom.cli.show.terminal import FAILS, HOLDS
from transom.cli.words import Words
from transom.dissect.session import Session
from transom.dissect.timeline import Message
from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.iana.alerts import AlertDescription
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.ending import EncryptedExtensions
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.tls.messages.key_exchange import (
    ClientKeyExchangeECDHE,
    ClientKeyExchangeRSA,
    ClientKeyExchangeSSL3,
)
from transom.wire.tap import Side


def note(message: Message, session: Session, words: Words) -> str:
    """The note of a message; empty for one that speaks for itself."""
    teller = _NOTES.get(message.name)
    return teller(message, session, words) if teller else ""


def handshake_took(message: Message, session: Session, words: Words) -> str:
    """How long the handshake took, said beside the message that ended it; empty for any other."""
    if session.hello_at is None or session.done_at is None or message.type is not HandshakeType.finished:
        return ""
    time = duration(session.done_at - session.hello_at, words)
    return words.count("note.handshake_took", session.round_trips, time=time)


def mark(proof: bool | None) -> str:
    """✓ for what was proven, ✗ for what was disproven, nothing for what cannot be checked here."""
    return "" if proof is None else HOLDS if proof else FAILS


def _client_hello(message: Message, _: Session, words: Words) -> str:
    if not isinstance(message.value, ClientHello):
        return ""
    name = names.server_name(message.value)
    told = words.say("offer.server_name", name=name) if name else words.say("offer.no_server_name")
    return words.say("note.client_hello", suites=names.offered_suites(message.value, words), name=told)


def _server_hello(message: Message, _: Session, words: Words) -> str:
    if not isinstance(message.value, ServerHello):
        return ""
    return words.say("short.retry") if message.value.is_retry_request else message.value.cipher_suite.title


def _encrypted_extensions(message: Message, _: Session, words: Words) -> str:
    chosen = message.value.extensions.get(ProtocolNameList) if isinstance(message.value, EncryptedExtensions) else None
    return words.say("offer.alpn", names=names.alpn(chosen)) if chosen else ""


def _server_key_exchange(message: Message, session: Session, words: Words) -> str:
    key = _one_time_key(session, words)
    if message.proof is None:
        return key
    return f"{words.say('note.signed', key=key)} {mark(message.proof)}"


def _client_key_exchange(message: Message, session: Session, words: Words) -> str:
    match message.value:
        case ClientKeyExchangeRSA() | ClientKeyExchangeSSL3():
            version = session.client_hello.legacy_version if session.client_hello else ProtocolVersion.TLSv1_2
            return words.say("note.pre_master_secret", version=version.to_bytes(2, "big").hex(" "))
        case ClientKeyExchangeECDHE():
            return words.say("note.not_the_secret", key=_one_time_key(session, words))
        case _:
            return ""


def _one_time_key(session: Session, words: Words) -> str:
    name = (
        names.group_name(session.group) if session.group else session.parts.key_exchange.value if session.parts else ""
    )
    return words.say("note.one_time_key", group=name)


def _certificate_verify(message: Message, _: Session, words: Words) -> str:
    if message.proof is None:
        return ""
    key = "note.owns_key" if message.side is Side.SERVER else "note.client_owns_key"
    return f"{mark(message.proof)} {words.say(key)}"


def _change_cipher_spec(message: Message, session: Session, words: Words) -> str:
    if session.is_tls13:
        return words.say("note.means_nothing")
    return words.say("note.sealed_from_here", direction=names.direction(message.side))


def _finished(message: Message, _: Session, words: Words) -> str:
    return f"{mark(message.proof)} {words.say('note.unchanged')}" if message.proof is not None else ""


def _new_session_ticket(_message: Message, _session: Session, words: Words) -> str:
    return words.say("note.ticket")


def _alert(message: Message, _: Session, words: Words) -> str:
    if message.alert is None:
        return ""
    level, description = message.alert
    if description is AlertDescription.close_notify:
        return words.say("note.close_notify")
    return words.say("note.alert", level=level.name, description=description.name, number=int(description))


_NOTES: Mapping[str, Callable[[Message, Session, Words], str]] = {
    "ClientHello": _client_hello,
    "ServerHello": _server_hello,
    "HelloRetryRequest": _server_hello,
    "EncryptedExtensions": _encrypted_extensions,
    "ServerKeyExchange": _server_key_exchange,
    "ClientKeyExchange": _client_key_exchange,
    "CertificateVerify": _certificate_verify,
    "ChangeCipherSpec": _change_cipher_spec,
    "Finished": _finished,
    "NewSessionTicket": _new_session_ticket,
    "Alert": _alert,
}
