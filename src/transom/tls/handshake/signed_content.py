"""What is signed: the bytes under CertificateVerify and ServerKeyExchange."""

from __future__ import annotations

from transom.tls.messages.key_exchange import ServerDHParams, ServerECDHParams
from transom.wire.tap import Side

_PADDING = b" " * 64


def signed_content(signer: Side, transcript_hash: bytes) -> bytes:
    """TLS 1.3's CertificateVerify: 64 spaces, who signs and where, a zero, the hash so far (RFC 8446 §4.4.3).

    The spaces keep a signature made here from being one over a TLS 1.2 ServerKeyExchange, which begins with a random
    that the peer chose.
    """
    return _PADDING + f"TLS 1.3, {signer.value} CertificateVerify".encode() + b"\0" + transcript_hash


def signed_params(client_random: bytes, server_random: bytes, params: ServerECDHParams | ServerDHParams) -> bytes:
    """TLS 1.2's ServerKeyExchange: both randoms and the parameters (RFC 5246 §7.4.3, RFC 8422 §5.4)."""
    return client_random + server_random + params.encode()
