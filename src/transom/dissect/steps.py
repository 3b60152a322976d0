"""Which of the nine steps a message is.

The numbers are those of the TLS 1.2 handshake as it is taught: 1 ClientHello, 2 ServerHello, 3 Certificate,
4 ServerKeyExchange, 5 ServerHelloDone, 6 ClientKeyExchange, 7 ChangeCipherSpec, 8 Finished, 9 application data. TLS 1.3
keeps 1, 2, 3, 8 and 9; its CertificateVerify does what the signature in step 4 did, 5 and 6 are gone, and 7 crosses
only so that old boxes on the path see what they expect (RFC 8446 §D.4).
"""

from __future__ import annotations

from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.wire.tap import Side

CHANGE_CIPHER_SPEC = 7
FINISHED = 8
APPLICATION_DATA = 9

_Steps = dict[tuple[Side, HandshakeType], int]

_IN_ANY_VERSION: _Steps = {
    (Side.CLIENT, HandshakeType.client_hello): 1,
    (Side.SERVER, HandshakeType.server_hello): 2,
    (Side.SERVER, HandshakeType.certificate): 3,
    (Side.CLIENT, HandshakeType.finished): FINISHED,
    (Side.SERVER, HandshakeType.finished): FINISHED,
}
_TLS12: _Steps = {
    **_IN_ANY_VERSION,
    (Side.SERVER, HandshakeType.server_key_exchange): 4,
    (Side.SERVER, HandshakeType.server_hello_done): 5,
    (Side.CLIENT, HandshakeType.client_key_exchange): 6,
}
_TLS13: _Steps = {
    **_IN_ANY_VERSION,
    (Side.SERVER, HandshakeType.compressed_certificate): 3,
    (Side.SERVER, HandshakeType.certificate_verify): 4,
}


def handshake_step(kind: HandshakeType, side: Side, version: ProtocolVersion | None) -> int | None:
    """The step of a handshake message that `side` sent; None for one outside the nine.

    A client's own certificate has none: the nine tell how the *server* proves itself. `version` is None until the
    ServerHello chose one. A HelloRetryRequest is told apart by its caller: by type it is a ServerHello.
    """
    return (_TLS13 if version == ProtocolVersion.TLSv1_3 else _TLS12).get((side, kind))
