"""The TLS 1.3 client from the ServerHello on (RFC 8446 appendix A.1: WAIT_EE to CONNECTED)."""

from __future__ import annotations

from typing import NamedTuple

from transom.errors import PeerMisbehaved, Sentence
from transom.tls.config import ClientConfig
from transom.tls.extensions.key_share import KeyShareServerHello
from transom.tls.extensions.signature_algorithms import SignatureSchemeList
from transom.tls.extensions.tables import IN_CERTIFICATE, IN_ENCRYPTED_EXTENSIONS
from transom.tls.handshake.checks import (
    check_answered,
    check_finished,
    check_key_usage,
    check_no_duplicates,
    check_signature,
    chosen_protocol,
)
from transom.tls.handshake.client_hello import Offered
from transom.tls.handshake.established import ClientSession, UpdatableSecrets
from transom.tls.handshake.logging13 import log_application_secrets, log_handshake_secrets
from transom.tls.handshake.signed_content import signed_content
from transom.tls.handshake.steps import (
    Agree,
    Direction,
    InstallKeys,
    Script,
    SendChangeCipherSpec,
    expect,
    send,
)
from transom.tls.handshake.transcript import Transcript
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.schedule13 import EarlySecrets
from transom.tls.messages.certificate import Certificate13, CertificateRequest13, CertificateVerify
from transom.tls.messages.ending import EncryptedExtensions, Finished
from transom.tls.messages.grammar import Grammar
from transom.tls.messages.hello import ServerHello
from transom.tls.suites import KeyExchange, SpokenSuite
from transom.trust.verify import VerifiedPeer
from transom.wire.tap import Side

_V13 = ProtocolVersion.TLSv1_3


def client13(
    config: ClientConfig,
    name: str,
    transcript: Transcript,
    offered: Offered,
    hello: ServerHello,
    suite: SpokenSuite,
    *,
    retried: bool,
) -> Script[ClientSession]:
    """`transcript` ends with the ServerHello; `retried` says that a HelloRetryRequest came before it."""
    random = offered.hello.random
    yield Agree(Grammar(_V13, KeyExchange.ANY))
    group, shared_secret = _share(offered, hello)
    secrets = EarlySecrets.start(suite.hash).handshake(shared_secret, transcript.digest())
    yield from log_handshake_secrets(random, secrets)
    if not retried:
        yield SendChangeCipherSpec()
    yield InstallKeys(Direction.READ, _V13, secrets.server.keys(suite.aead))
    yield InstallKeys(Direction.WRITE, _V13, secrets.client.keys(suite.aead))

    encrypted = yield from expect(transcript, "WAIT_EE", EncryptedExtensions)
    check_answered(encrypted.extensions, offered.extension_types, IN_ENCRYPTED_EXTENSIONS, "EncryptedExtensions")
    alpn = chosen_protocol(encrypted.extensions, config.alpn, "EncryptedExtensions")

    authenticated = yield from _authenticate_server(config, name, transcript, offered)

    expected = secrets.server.verify_data(transcript.digest())
    finished = yield from expect(transcript, "WAIT_FINISHED", Finished)
    check_finished(expected, finished.verify_data)
    application = secrets.application(transcript.digest())
    yield from log_application_secrets(random, application)
    yield InstallKeys(Direction.READ, _V13, application.server.keys(suite.aead))

    if authenticated.request is not None:
        # We have no certificate to show: an empty message says so (RFC 8446 §4.4.2).
        empty = Certificate13(
            certificate_request_context=authenticated.request.certificate_request_context, certificate_list=()
        )
        yield from send(transcript, HandshakeType.certificate, empty)
    ours = Finished(verify_data=secrets.client.verify_data(transcript.digest()))
    yield from send(transcript, HandshakeType.finished, ours)
    yield InstallKeys(Direction.WRITE, _V13, application.client.keys(suite.aead))
    return ClientSession(
        version=_V13,
        cipher_suite=suite.suite,
        group=group,
        alpn=alpn,
        secrets=UpdatableSecrets(read=application.server, write=application.client, exporter=application.exporter),
        peer=authenticated.peer,
    )


def _share(offered: Offered, hello: ServerHello) -> tuple[NamedGroup, bytes]:
    """The group and the shared secret that the two key shares make (RFC 8446 §4.2.8)."""
    answer = hello.extensions.get(KeyShareServerHello)
    if answer is None:
        what = "has no key_share, and no pre-shared key was offered"
        raise PeerMisbehaved(what, alert="missing_extension", rfc="8446 §9.2", where="ServerHello.extensions")
    group = answer.server_share.group
    ours = offered.shares.get(group)
    if ours is None:
        what = Sentence("{group} was not offered", group=group.name)
        raise PeerMisbehaved(what, rfc="8446 §4.2.8", where="ServerHello.extensions.key_share.group")
    return group, ours.finish(answer.server_share.key_exchange)


def _check_request(request: CertificateRequest13) -> None:
    """RFC 8446 §4.3.2: in the handshake it has no context, and it always says which schemes will do."""
    check_no_duplicates(request.extensions, "CertificateRequest")
    if request.certificate_request_context:
        what = "is not empty in the handshake"
        raise PeerMisbehaved(what, rfc="8446 §4.3.2", where="CertificateRequest.certificate_request_context")
    if request.extensions.get(SignatureSchemeList) is None:
        raise PeerMisbehaved(
            "signature_algorithms is missing",
            alert="missing_extension",
            rfc="8446 §4.3.2",
            where="CertificateRequest.extensions",
        )


class _Authenticated(NamedTuple):
    peer: VerifiedPeer
    request: CertificateRequest13 | None


def _authenticate_server(
    config: ClientConfig, name: str, transcript: Transcript, offered: Offered
) -> Script[_Authenticated]:
    """Certificate and CertificateVerify: who the server is, and that it holds that key (RFC 8446 §4.4.2, §4.4.3)."""
    request: CertificateRequest13 | None = None
    message: CertificateRequest13 | Certificate13
    message = yield from expect(transcript, "WAIT_CERT_CR", CertificateRequest13, Certificate13)
    if isinstance(message, CertificateRequest13):
        request = message
        _check_request(request)
        message = yield from expect(transcript, "WAIT_CERT", Certificate13)
    certificate = message
    if certificate.certificate_request_context:
        what = "a server's Certificate answers no request"
        raise PeerMisbehaved(what, rfc="8446 §4.4.2", where="Certificate.certificate_request_context")
    for entry in certificate.certificate_list:
        check_answered(entry.extensions, offered.extension_types, IN_CERTIFICATE, "Certificate.certificate_list")
    peer = config.verify([entry.cert_data for entry in certificate.certificate_list], name)
    check_key_usage(peer, encrypts=False)

    content = signed_content(Side.SERVER, transcript.digest())
    proof = yield from expect(transcript, "WAIT_CV", CertificateVerify)
    check_signature(
        peer,
        proof.algorithm,
        proof.signature,
        content,
        offer=config,
        version="TLSv1.3",
        where="CertificateVerify",
    )
    return _Authenticated(peer, request)
