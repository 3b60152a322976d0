"""Where the RFCs describe a message: the section for the version that this session speaks."""

from __future__ import annotations

from collections.abc import Mapping

from transom.dissect.timeline import Message
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.hello import ServerHello

_TLS12: Mapping[str, str] = {
    "HelloRequest": "5246 §7.4.1.1",
    "ClientHello": "5246 §7.4.1.2",
    "ServerHello": "5246 §7.4.1.3",
    "Certificate": "5246 §7.4.2",
    "CertificateStatus": "6066 §8",
    "CertificateRequest": "5246 §7.4.4",
    "ServerHelloDone": "5246 §7.4.5",
    "CertificateVerify": "5246 §7.4.8",
    "Finished": "5246 §7.4.9",
    "NewSessionTicket": "5077 §3.3",
    "ChangeCipherSpec": "5246 §7.1",
    "Alert": "5246 §7.2",
    "ApplicationData": "5246 §10",
    "EncryptedHandshakeMessage": "5246 §6.2.3",
}
_TLS13: Mapping[str, str] = {
    "ClientHello": "8446 §4.1.2",
    "ServerHello": "8446 §4.1.3",
    "HelloRetryRequest": "8446 §4.1.4",
    "EncryptedExtensions": "8446 §4.3.1",
    "CertificateRequest": "8446 §4.3.2",
    "Certificate": "8446 §4.4.2",
    "CompressedCertificate": "8879 §4",
    "CertificateVerify": "8446 §4.4.3",
    "Finished": "8446 §4.4.4",
    "EndOfEarlyData": "8446 §4.5",
    "NewSessionTicket": "8446 §4.6.1",
    "KeyUpdate": "8446 §4.6.3",
    "ChangeCipherSpec": "8446 §D.4",
    "Alert": "8446 §6",
    "ApplicationData": "8446 §5.2",
    "EncryptedHandshakeMessage": "8446 §5.2",
}
_BY_KIND = ("ServerKeyExchange", "ClientKeyExchange")
"""What they are depends on the key exchange, and so does who declares them."""


def section(message: Message, version: ProtocolVersion | None) -> str | None:
    """`5246 §7.4.1.3`. `version` is the session's; before it is agreed on, a hello is one of TLS 1.3."""
    declared = message.structure.rfc if message.structure else None
    if declared and message.name in _BY_KIND:
        return declared
    is_retry = isinstance(message.value, ServerHello) and message.value.is_retry_request
    return section_of(message.name, ProtocolVersion.TLSv1_3 if is_retry else version) or declared


def section_of(name: str, version: ProtocolVersion | None) -> str | None:
    """That of a message by its name, or of a run of application data."""
    before = version is not None and version < ProtocolVersion.TLSv1_3
    return (_TLS12 if before else _TLS13).get(name)
