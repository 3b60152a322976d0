"""Which structure a handshake type means: that depends on the version and the key exchange agreed on."""

from __future__ import annotations

from collections.abc import Mapping

from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages import certificate, ending, hello, key_exchange
from transom.tls.suites import KeyExchange
from transom.value import value
from transom.wire.struct import Struct


@value
class Grammar:
    """What is agreed so far; before the ServerHello nothing is."""

    version: ProtocolVersion | None = None
    key_exchange: KeyExchange | None = None

    def structure(self, kind: HandshakeType) -> type[Struct] | None:
        """The declaration of that message here; None if there is none to be had."""
        if kind in _ALWAYS:
            return _ALWAYS[kind]
        if self.version is None:
            return None
        if self.version >= ProtocolVersion.TLSv1_3:
            return _TLS13.get(kind)
        if kind is HandshakeType.server_key_exchange:
            return self._server_key_exchange()
        if kind is HandshakeType.client_key_exchange:
            return self._client_key_exchange()
        table = _TLS12 if self.version is ProtocolVersion.TLSv1_2 else _BEFORE_TLS12
        return table.get(kind)

    def _server_key_exchange(self) -> type[Struct] | None:
        exchange = self.key_exchange
        if exchange is KeyExchange.ECDH_ANON:
            return key_exchange.ServerKeyExchangeECDHAnon
        if exchange is KeyExchange.DH_ANON:
            return key_exchange.ServerKeyExchangeDHAnon
        has_scheme = self.version is ProtocolVersion.TLSv1_2
        if exchange is KeyExchange.ECDHE:
            return key_exchange.ServerKeyExchangeECDHE if has_scheme else key_exchange.ServerKeyExchangeECDHELegacy
        if exchange is KeyExchange.DHE:
            return key_exchange.ServerKeyExchangeDHE if has_scheme else key_exchange.ServerKeyExchangeDHELegacy
        return None

    def _client_key_exchange(self) -> type[Struct] | None:
        if self.key_exchange is KeyExchange.RSA and self.version is ProtocolVersion.SSLv3:
            return key_exchange.ClientKeyExchangeSSL3
        return None if self.key_exchange is None else _CLIENT_KEY_EXCHANGE.get(self.key_exchange)


_Table = Mapping[HandshakeType, type[Struct]]

_ALWAYS: _Table = {
    HandshakeType.hello_request: hello.HelloRequest,
    HandshakeType.client_hello: hello.ClientHello,
    HandshakeType.server_hello: hello.ServerHello,
}

_TLS13: _Table = {
    HandshakeType.new_session_ticket: ending.NewSessionTicket13,
    HandshakeType.end_of_early_data: ending.EndOfEarlyData,
    HandshakeType.encrypted_extensions: ending.EncryptedExtensions,
    HandshakeType.certificate: certificate.Certificate13,
    HandshakeType.compressed_certificate: certificate.CompressedCertificate,
    HandshakeType.certificate_request: certificate.CertificateRequest13,
    HandshakeType.certificate_verify: certificate.CertificateVerify,
    HandshakeType.finished: ending.Finished,
    HandshakeType.key_update: ending.KeyUpdate,
}

_TLS12: _Table = {
    HandshakeType.new_session_ticket: ending.NewSessionTicket12,
    HandshakeType.certificate: certificate.Certificate12,
    HandshakeType.certificate_status: certificate.CertificateStatus,
    HandshakeType.certificate_request: certificate.CertificateRequest12,
    HandshakeType.server_hello_done: ending.ServerHelloDone,
    HandshakeType.certificate_verify: certificate.CertificateVerify,
    HandshakeType.finished: ending.Finished,
    HandshakeType.next_protocol: ending.NextProtocol,
}

_BEFORE_TLS12: _Table = {
    **_TLS12,
    HandshakeType.certificate_request: certificate.CertificateRequestLegacy,
    HandshakeType.certificate_verify: certificate.CertificateVerifyLegacy,
}

_CLIENT_KEY_EXCHANGE: Mapping[KeyExchange, type[Struct]] = {
    KeyExchange.RSA: key_exchange.ClientKeyExchangeRSA,
    KeyExchange.ECDHE: key_exchange.ClientKeyExchangeECDHE,
    KeyExchange.ECDH_ANON: key_exchange.ClientKeyExchangeECDHE,
    KeyExchange.DHE: key_exchange.ClientKeyExchangeDHE,
    KeyExchange.DH_ANON: key_exchange.ClientKeyExchangeDHE,
}
