"""ClientHello and ServerHello, of both versions (RFC 8446 §4.1, RFC 5246 §7.4.1)."""

from __future__ import annotations

from transom.tls.extensions.base import Extensions, extensions
from transom.tls.extensions.supported_versions import (
    SupportedVersionsClientHello,
    SupportedVersionsServerHello,
)
from transom.tls.extensions.tables import IN_CLIENT_HELLO, IN_HELLO_RETRY_REQUEST, IN_SERVER_HELLO
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.small import CompressionMethod
from transom.tls.iana.versions import ProtocolVersion
from transom.wire.codec import Codec, fixed, opaque, u8, u16, vector
from transom.wire.reader import Reader
from transom.wire.struct import Struct, field
from transom.wire.tree import Node

HELLO_RETRY_REQUEST_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""SHA-256 of "HelloRetryRequest": the random that makes a ServerHello one (RFC 8446 §4.1.3)."""

DOWNGRADE_TO_TLS12 = b"DOWNGRD\x01"
"""The last eight bytes of a random whose sender could do TLS 1.3 and was asked for 1.2 (RFC 8446 §4.1.3)."""


class HelloRequest(Struct, rfc="5246 §7.4.1.1"):
    """A TLS 1.2 server's wish to renegotiate. Empty."""


class ClientHello(Struct, rfc="8446 §4.1.2"):
    """Everything the client offers, readable on the path."""

    legacy_version: ProtocolVersion = field(u16(ProtocolVersion))
    random: bytes = field(fixed(32))
    legacy_session_id: bytes = field(opaque(0, 32))
    cipher_suites: tuple[CipherSuite, ...] = field(vector(u16(CipherSuite), 2, 2**16 - 2))
    legacy_compression_methods: tuple[CompressionMethod, ...] = field(vector(u8(CompressionMethod), 1, 2**8 - 1))
    extensions: Extensions = field(extensions(IN_CLIENT_HELLO, optional=True))

    @property
    def versions(self) -> tuple[ProtocolVersion, ...]:
        """The versions on offer: the extension's, or without it everything up to `legacy_version`'s own."""
        offered = self.extensions.get(SupportedVersionsClientHello)
        return offered.versions if offered else (self.legacy_version,)


class _ServerHelloExtensions(Codec[Extensions]):
    """A HelloRetryRequest is a ServerHello by type, with other extensions: its random, just before, tells."""

    _hello = extensions(IN_SERVER_HELLO, optional=True)
    _retry = extensions(IN_HELLO_RETRY_REQUEST, optional=True)

    def read(self, reader: Reader, tree: Node | None, name: str) -> Extensions:
        # A message is decoded by itself: it begins with two bytes of version, then the random.
        is_retry = reader.data[2:34] == HELLO_RETRY_REQUEST_RANDOM
        return (self._retry if is_retry else self._hello).read(reader, tree, name)

    def write(self, value: Extensions, out: bytearray) -> None:
        self._hello.write(value, out)


class ServerHello(Struct, rfc="8446 §4.1.3"):
    """The server's choice; with a fixed random it is a HelloRetryRequest instead."""

    legacy_version: ProtocolVersion = field(u16(ProtocolVersion))
    random: bytes = field(fixed(32))
    legacy_session_id_echo: bytes = field(opaque(0, 32))
    cipher_suite: CipherSuite = field(u16(CipherSuite))
    legacy_compression_method: CompressionMethod = field(u8(CompressionMethod))
    extensions: Extensions = field(_ServerHelloExtensions())

    @property
    def is_retry_request(self) -> bool:
        """Whether it is a HelloRetryRequest."""
        return self.random == HELLO_RETRY_REQUEST_RANDOM

    @property
    def version(self) -> ProtocolVersion:
        """The version chosen: the extension's in TLS 1.3, else `legacy_version`."""
        selected = self.extensions.get(SupportedVersionsServerHello)
        return selected.selected_version if selected else self.legacy_version
