"""The messages of a TLS 1.2 handshake themselves, for the one signature that is over them and not over their hash.

A client's CertificateVerify is signed over all messages before it, with a hash of its own choice (RFC 5246 §7.4.8),
which nobody knows before it is there. They are kept while one may come: until ServerHelloDone if no certificate was
asked for, and in TLS 1.3 not at all.
"""

from __future__ import annotations

from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.messages.frame import Frame

MOST_KEPT = 64 * 1024
"""Bytes: two chains of certificates are 10 KiB."""


class Spoken:
    """All that was said so far, or nothing."""

    def __init__(self) -> None:
        self._said: bytearray | None = bytearray()
        self._is_asked = False

    def add(self, frame: Frame) -> None:
        """The next message, exactly as it crossed."""
        if self._said is None:
            return
        self._is_asked = self._is_asked or frame.type is HandshakeType.certificate_request
        is_over = frame.type is HandshakeType.certificate_verify or (
            frame.type is HandshakeType.server_hello_done and not self._is_asked
        )
        if is_over or len(self._said) + len(frame.raw) > MOST_KEPT:
            self.forget()
        else:
            self._said += frame.raw

    def forget(self) -> None:
        """No signature over it will come."""
        self._said = None

    @property
    def content(self) -> bytes | None:
        """What a CertificateVerify that comes now is signed over; None where it was too much, or none is due."""
        return None if self._said is None else bytes(self._said)
