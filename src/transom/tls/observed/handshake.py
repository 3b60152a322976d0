"""What an observer learns from the handshake messages of both sides, and what it can check of them itself."""

from __future__ import annotations

import zlib

from transom.crypto import signatures
from transom.errors import PeerError
from transom.tls.extensions.key_share import KeyShareServerHello
from transom.tls.handshake.signed_content import signed_content, signed_params
from transom.tls.handshake.transcript import Transcript
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.small import CertificateCompressionAlgorithm
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.certificate import (
    Certificate12,
    Certificate13,
    CertificateVerify,
    CompressedCertificate,
)
from transom.tls.messages.frame import Frame
from transom.tls.messages.grammar import Grammar
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.tls.messages.key_exchange import (
    ClientKeyExchangeDHE,
    ClientKeyExchangeECDHE,
    ClientKeyExchangeRSA,
    ServerKeyExchangeDHE,
    ServerKeyExchangeECDHE,
    ServerKeyExchangeECDHELegacy,
)
from transom.tls.observed.spoken import Spoken
from transom.tls.suites import SpokenSuite, spoken, take_apart
from transom.trust.certificate import PARSE_ERRORS, read_certificate
from transom.wire.struct import Struct
from transom.wire.tap import Side

_V13 = ProtocolVersion.TLSv1_3
_LONGEST_CERTIFICATE = 2**17
_HELLO_AND_RETRY = 2


class ObservedHandshake:
    """The facts so far; everything is None until its message has been seen."""

    def __init__(self) -> None:
        self.client_hello: ClientHello | None = None
        self.server_hello: ServerHello | None = None
        self.grammar = Grammar()
        self.group: NamedGroup | None = None
        self.certificates: dict[Side, tuple[bytes, ...]] = {}
        self.encrypted_premaster: bytes | None = None
        self.session_hash: bytes | None = None
        self.transcript = Transcript()
        self._spoken = Spoken()
        self.complete = False
        """Whether the transcript holds every message: else nothing that needs it can be checked."""

    def digest(self) -> bytes | None:
        """The hash of all messages so far; None when some were not seen, or which hash it is."""
        return self.transcript.digest() if self.complete and self.transcript.is_hashed else None

    @property
    def version(self) -> ProtocolVersion | None:
        return self.grammar.version

    @property
    def cipher_suite(self) -> CipherSuite | None:
        return self.server_hello.cipher_suite if self.server_hello else None

    @property
    def suite(self) -> SpokenSuite | None:
        """The suite, if it is one whose records we can open."""
        return spoken(self.server_hello.cipher_suite) if self.server_hello else None

    @property
    def client_random(self) -> bytes | None:
        return self.client_hello.random if self.client_hello else None

    @property
    def resumed(self) -> bool | None:
        """Whether an earlier session's secret is used again; None before that can be told."""
        if self.server_hello is None or self.client_hello is None:
            return None
        if self.version is _V13:
            return ExtensionType.pre_shared_key in self.server_hello.extensions
        echoed = self.server_hello.legacy_session_id_echo
        by_id = bool(echoed) and echoed == self.client_hello.legacy_session_id
        return by_id and Side.SERVER not in self.certificates

    def learn(self, side: Side, frame: Frame, value: Struct | None) -> bool | None:
        """Take in the next message of the transcript. Returns whether its own proof holds, where it has one here.

        Finished is not judged here: that takes secrets.
        """
        proof = self._prove(side, value) if self.complete else None
        self._learn(side, value)
        # A HelloRequest is in no handshake's hash (RFC 5246 §7.4.1.1).
        if self.complete and frame.type is not HandshakeType.hello_request:
            self.transcript.add(frame)
            self._spoken.add(frame)
            self._after(value)
        return proof

    def _learn(self, side: Side, value: Struct | None) -> None:
        match value:
            case ClientHello():
                self._begin(value)
            case ServerHello():
                self._choose(value)
            case Certificate12():
                self.certificates[side] = value.certificate_list
            case Certificate13():
                self.certificates[side] = tuple(entry.cert_data for entry in value.certificate_list)
            case CompressedCertificate():
                self.certificates[side] = _decompressed(value)
            case ServerKeyExchangeECDHE() | ServerKeyExchangeECDHELegacy():
                self.group = value.params.named_curve
            case ClientKeyExchangeRSA():
                self.encrypted_premaster = value.encrypted_pre_master_secret
            case _:
                pass

    def _begin(self, hello: ClientHello) -> None:
        """A first hello, the second one after a HelloRetryRequest, or a renegotiation's."""
        is_second = self.server_hello is not None and self.server_hello.is_retry_request
        if not is_second:
            self.transcript = Transcript()
            self._spoken = Spoken()
            self.complete = True
            self.certificates = {}
        self.client_hello = hello

    def _choose(self, hello: ServerHello) -> None:
        self.server_hello = hello
        parts = take_apart(hello.cipher_suite)
        self.grammar = Grammar(hello.version, parts.key_exchange if parts else None)
        share = hello.extensions.get(KeyShareServerHello)
        if share is not None:
            self.group = share.server_share.group

    def _after(self, value: Struct | None) -> None:
        """What has to be done once the message is in the transcript."""
        if isinstance(value, ServerHello):
            if self.version is not ProtocolVersion.TLSv1_2:
                self._spoken.forget()
            if self.suite is None:
                self.complete = False  # a hash we do not have
            elif not value.is_retry_request:
                self.transcript.choose(self.suite.hash)
            elif self.transcript.waiting == _HELLO_AND_RETRY:
                self.transcript.first_hello_becomes_its_hash(self.suite.hash)
            else:
                self.complete = False  # messages that do not belong there
        elif isinstance(value, ClientKeyExchangeRSA | ClientKeyExchangeECDHE | ClientKeyExchangeDHE):
            self.session_hash = self.digest()

    def _prove(self, side: Side, value: Struct | None) -> bool | None:
        """The signature in ServerKeyExchange or CertificateVerify, checked with the certificate's key."""
        match value:
            case ServerKeyExchangeECDHE() | ServerKeyExchangeDHE() if self.client_hello and self.server_hello:
                content = signed_params(self.client_hello.random, self.server_hello.random, value.params)
                signed = value.signed_params
                return self._holds(side, signed.algorithm.name, signed.signature, content)
            case CertificateVerify() if self.version is _V13:
                so_far = self.digest()
                if so_far is None:
                    return None
                content = signed_content(side, so_far)
                return self._holds(side, value.algorithm.name, value.signature, content)
            case CertificateVerify() if (said := self._spoken.content) is not None:
                return self._holds(side, value.algorithm.name, value.signature, said)
            case _:
                return None

    def _holds(self, side: Side, scheme: str, signature: bytes, content: bytes) -> bool | None:
        chain = self.certificates.get(side)
        if not chain or scheme not in signatures.SCHEMES:
            return None
        try:
            key = read_certificate(chain[0]).public_key
        except PARSE_ERRORS:
            return None
        if not isinstance(key, signatures.PublicKey):
            return None
        try:
            signatures.verify(key, scheme, signature, content)
        except PeerError:
            return False
        return True


def _decompressed(message: CompressedCertificate) -> tuple[bytes, ...]:
    """The chain in a zlib-compressed Certificate (RFC 8879 §4); none for what cannot be undone here."""
    if message.algorithm is not CertificateCompressionAlgorithm.zlib:
        return ()
    try:
        body = zlib.decompressobj().decompress(message.compressed_certificate_message, _LONGEST_CERTIFICATE)
        certificate = Certificate13.decode(body)
    except (zlib.error, PeerError):
        return ()
    return tuple(entry.cert_data for entry in certificate.certificate_list)
