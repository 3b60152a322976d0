"""A ClientHello as our client sends it, with what another client would send besides."""

from __future__ import annotations

from dataclasses import replace

from tests.tls.shuttle import Shuttle, client_config, server_config
from transom.tls.extensions.base import ExtensionBody, Extensions
from transom.tls.extensions.encrypted_client_hello import EchClientHello, EchOuter
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.small import EchClientHelloType, HpkeAead, HpkeKdf
from transom.tls.messages.frame import Frame
from transom.tls.messages.hello import ClientHello
from transom.tls.record.header import HEADER_LENGTH, write_header

ECH = EchClientHello(
    ech_type=EchClientHelloType.outer,
    outer=EchOuter(
        kdf_id=HpkeKdf.HKDF_SHA256, aead_id=HpkeAead.AES_128_GCM, config_id=7, enc=bytes(32), payload=bytes(144)
    ),
)
_FRAME_HEADER = 4


def client_hello(*besides: ExtensionBody) -> bytes:
    """Its record, for `localhost`."""
    _, sent = Shuttle.between(client_config(), server_config("rsa")).handshake().wire[0]
    hello = ClientHello.decode(bytes(sent)[HEADER_LENGTH + _FRAME_HEADER :])
    items = (*hello.extensions.items, *Extensions.of(*besides).items)
    raw = Frame.of(HandshakeType.client_hello, replace(hello, extensions=Extensions(items)).encode()).raw
    return write_header(ContentType.handshake, len(raw)) + bytes(raw)
