"""The sentence of each message: what it is for, short, or in full as it is taught."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from transom.cli.show.alerts import alert_sentence
from transom.cli.words import Words
from transom.dissect.session import Session
from transom.dissect.steps import FINISHED
from transom.dissect.timeline import Message
from transom.tls.extensions.supported_versions import SupportedVersionsClientHello
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.certificate import Certificate12, Certificate13
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.wire.tap import Side

Acceptance = Literal["chain", "pin", "insecure"]
"""By what the client takes the server for who it says it is: its chain, its key alone (`--pin`), or nothing (`-k`)."""

_FULL: Mapping[str, str] = {
    "ClientHello": "step.client_hello",
    "ServerHello": "step.server_hello",
    "Certificate": "step.certificate",
    "ServerKeyExchange": "step.server_key_exchange",
    "CertificateRequest": "step.certificate_request",
    "ServerHelloDone": "step.server_hello_done",
    "ClientKeyExchange": "step.client_key_exchange",
    "ChangeCipherSpec": "step.change_cipher_spec",
    "Finished": "step.finished",
}

_FULL_13: Mapping[str, str] = {
    "ClientHello": "step13.client_hello",
    "ServerHello": "step13.server_hello",
    "EncryptedExtensions": "step13.encrypted_extensions",
    "CertificateRequest": "step.certificate_request",
    "Certificate": "step13.certificate",
    "CompressedCertificate": "step13.certificate",
    "CertificateVerify": "step13.certificate_verify",
    "ChangeCipherSpec": "step13.change_cipher_spec",
    "Finished": "step13.finished",
    "NewSessionTicket": "step13.new_session_ticket",
}


def full_sentence(message: Message, session: Session, words: Words, acceptance: Acceptance) -> str:
    """What the message is for, said once and in full; empty for one outside the story."""
    if _is_retry(message):
        return words.say("short.retry")
    if unchecked := _unchecked(message, words, acceptance):
        return unchecked
    if _is_clients_proof(message):
        return words.say("step.certificate_verify_client")
    if message.name == "Alert":
        return alert_sentence(message, session, words)
    if message.name == "EncryptedHandshakeMessage":
        return words.say("step.encrypted_finished" if message.step == FINISHED else "step.encrypted_handshake_message")
    table = _FULL_13 if _speaks_13(message, session) else _FULL
    return words.say(table[message.name]) if message.name in table else ""


def short_sentence(message: Message, session: Session, words: Words, acceptance: Acceptance) -> str:
    """The same in a line, for those messages that no note tells enough of."""
    if _is_retry(message):
        return ""  # Its note says it.
    match message.name:
        case "ClientHello":
            return words.say("short.client_hello_13" if _speaks_13(message, session) else "short.client_hello")
        case "ServerHello":
            return words.say("short.server_hello_13" if session.is_tls13 else "short.server_hello")
        case "Certificate" | "CompressedCertificate":
            return _unchecked(message, words, acceptance) or words.say("short.certificate")
        case "CertificateRequest":
            return words.say("short.certificate_request")
        case "CertificateVerify" if message.proof is None and _is_clients_proof(message):
            return words.say("short.certificate_verify_client")
        case _:
            return ""


def _unchecked(message: Message, words: Words, acceptance: Acceptance) -> str:
    """What is to be said of a certificate whose chain this client does not check; empty for any other message."""
    if message.name not in ("Certificate", "CompressedCertificate"):
        return ""
    if message.side is Side.CLIENT:
        empty = isinstance(message.value, Certificate12 | Certificate13) and not message.value.certificate_list
        return words.say("short.certificate_none" if empty else "short.certificate_client")
    match acceptance:
        case "chain":
            return ""
        case "pin":
            return words.say("short.certificate_pinned")
        case "insecure":
            return words.say("short.certificate_insecure")


def _is_clients_proof(message: Message) -> bool:
    """Only a client that was asked for a certificate, and has one, signs."""
    return message.name == "CertificateVerify" and message.side is Side.CLIENT


def _is_retry(message: Message) -> bool:
    return isinstance(message.value, ServerHello) and message.value.is_retry_request


def _speaks_13(message: Message, session: Session) -> bool:
    """A ClientHello that offers TLS 1.3 brings its key share, whatever the server makes of it."""
    if isinstance(message.value, ClientHello):
        offered = message.value.extensions.get(SupportedVersionsClientHello)
        return offered is not None and ProtocolVersion.TLSv1_3 in offered.versions
    return session.is_tls13
