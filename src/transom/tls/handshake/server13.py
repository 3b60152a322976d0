"""The TLS 1.3 server from the ClientHello on (RFC 8446 appendix A.2: NEGOTIATED to CONNECTED)."""

from __future__ import annotations

from dataclasses import replace

from transom.crypto import key_exchange, signatures
from transom.errors import PeerIncompatible, PeerMisbehaved, Sentence
from transom.tls.config import ServerConfig
from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.extensions.base import ExtensionBody, Extensions
from transom.tls.extensions.key_share import (
    KeyShareClientHello,
    KeyShareEntry,
    KeyShareHelloRetryRequest,
    KeyShareServerHello,
)
from transom.tls.extensions.pre_shared_key import EarlyDataIndication
from transom.tls.extensions.server_name import ServerNameAcknowledged
from transom.tls.extensions.supported_groups import NamedGroupList
from transom.tls.extensions.supported_versions import SupportedVersionsServerHello
from transom.tls.handshake.checks import (
    check_finished,
    check_hello13,
    check_no_duplicates,
    choose_protocol,
    listed,
)
from transom.tls.handshake.choose import Credential, choose_credential13, choose_suite13
from transom.tls.handshake.established import ServerSession, UpdatableSecrets
from transom.tls.handshake.logging13 import log_application_secrets, log_handshake_secrets
from transom.tls.handshake.signed_content import signed_content
from transom.tls.handshake.steps import (
    Agree,
    Direction,
    InstallKeys,
    PassOverEarlyData,
    Script,
    SendChangeCipherSpec,
    expect,
    send,
)
from transom.tls.handshake.transcript import Transcript
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.small import CompressionMethod
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.schedule13 import EarlySecrets
from transom.tls.messages.certificate import Certificate13, CertificateEntry, CertificateVerify
from transom.tls.messages.ending import EncryptedExtensions, Finished
from transom.tls.messages.grammar import Grammar
from transom.tls.messages.hello import HELLO_RETRY_REQUEST_RANDOM, ClientHello, ServerHello
from transom.tls.suites import KeyExchange, SpokenSuite
from transom.wire.tap import Side

_V13 = ProtocolVersion.TLSv1_3


def server13(
    config: ServerConfig, transcript: Transcript, hello: ClientHello, server_name: str | None
) -> Script[ServerSession]:
    """`transcript` holds the ClientHello."""
    check_hello13(hello)
    suite = choose_suite13(config, hello)
    credential = choose_credential13(config, hello)
    alpn = choose_protocol(hello, config.alpn)
    yield Agree(Grammar(_V13, KeyExchange.ANY))
    if hello.extensions.get(EarlyDataIndication) is not None:
        yield PassOverEarlyData()

    share = _usable_share(config, hello)
    retried = share is None
    if share is None:
        hello, share = yield from _ask_again(config, transcript, hello, suite)
    group = share.group
    answer = key_exchange.answer(group.name, share.key_exchange)
    yield from send(transcript, HandshakeType.server_hello, _server_hello(config, hello, suite, group, answer.public))
    transcript.choose(suite.hash)
    if not retried:
        yield SendChangeCipherSpec()
    secrets = EarlySecrets.start(suite.hash).handshake(answer.secret, transcript.digest())
    yield from log_handshake_secrets(hello.random, secrets)
    yield InstallKeys(Direction.WRITE, _V13, secrets.server.keys(suite.aead))
    yield InstallKeys(Direction.READ, _V13, secrets.client.keys(suite.aead))

    yield from _authenticate(transcript, credential, alpn, named=server_name is not None)
    ours = Finished(verify_data=secrets.server.verify_data(transcript.digest()))
    yield from send(transcript, HandshakeType.finished, ours)
    application = secrets.application(transcript.digest())
    yield from log_application_secrets(hello.random, application)
    yield InstallKeys(Direction.WRITE, _V13, application.server.keys(suite.aead))

    expected = secrets.client.verify_data(transcript.digest())
    finished = yield from expect(transcript, "WAIT_FINISHED", Finished)
    check_finished(expected, finished.verify_data)
    yield InstallKeys(Direction.READ, _V13, application.client.keys(suite.aead))
    return ServerSession(
        version=_V13,
        cipher_suite=suite.suite,
        group=group,
        alpn=alpn,
        secrets=UpdatableSecrets(read=application.client, write=application.server, exporter=application.exporter),
        server_name=server_name,
    )


def _usable_share(config: ServerConfig, hello: ClientHello) -> KeyShareEntry | None:
    """The client's share in the first of our groups that it sent one for; None: it has to be asked again."""
    shares = hello.extensions.get(KeyShareClientHello)
    groups = hello.extensions.get(NamedGroupList)
    if shares is None or groups is None:
        raise _missing("key_share" if shares is None else "supported_groups", "ClientHello.extensions")
    sent = [share.group for share in shares.client_shares]
    if len(set(sent)) != len(sent) or not set(sent) <= set(groups.named_group_list):
        what = "shares are for groups that supported_groups does not list, or two for one"
        raise PeerMisbehaved(what, rfc="8446 §4.2.8", where="ClientHello.extensions.key_share")
    for group in config.groups:
        for share in shares.client_shares:
            if share.group is group:
                return share
    return None


def _missing(extension: str, where: str) -> PeerMisbehaved:
    return PeerMisbehaved(
        "{extension} is missing", extension=extension, alert="missing_extension", rfc="8446 §9.2", where=where
    )


def _ask_again(
    config: ServerConfig, transcript: Transcript, hello: ClientHello, suite: SpokenSuite
) -> Script[tuple[ClientHello, KeyShareEntry]]:
    """HelloRetryRequest, and the second hello, which must bring what was asked for (RFC 8446 §4.1.4)."""
    offered = hello.extensions.get(NamedGroupList)
    usable = [group for group in config.groups if offered and group in offered.named_group_list]
    if not usable:
        names = listed(group.title for group in offered.named_group_list) if offered else "none"
        raise PeerIncompatible(
            "offers the groups {names}; none of them is ours",
            names=names,
            rfc="8446 §4.1.1",
            where="ClientHello.extensions.supported_groups",
        )
    wanted = usable[0]
    yield from send(transcript, HandshakeType.server_hello, _retry_request(hello, suite, wanted))
    transcript.first_hello_becomes_its_hash(suite.hash)
    yield SendChangeCipherSpec()

    second = yield from expect(transcript, "START", ClientHello)
    check_no_duplicates(second.extensions, "ClientHello")
    check_hello13(second)
    shares = second.extensions.get(KeyShareClientHello)
    if shares is None:
        raise _missing("key_share", "the second ClientHello.extensions")
    if second.extensions.get(EarlyDataIndication) is not None:
        what = "early_data stands in it again"
        raise PeerMisbehaved(what, rfc="8446 §4.1.2", where="the second ClientHello.extensions")
    brought = [share.group for share in shares.client_shares]
    if brought != [wanted] or _without_what_may_change(second) != _without_what_may_change(hello):
        what = Sentence("differs from the first one by more than a share of {group}", group=wanted.name)
        raise PeerMisbehaved(what, rfc="8446 §4.1.2", where="the second ClientHello")
    return second, shares.client_shares[0]


_MAY_CHANGE = {
    ExtensionType.key_share,
    ExtensionType.cookie,
    ExtensionType.early_data,
    ExtensionType.pre_shared_key,
    ExtensionType.padding,
    ExtensionType.encrypted_client_hello,
}
"""What a second ClientHello may have otherwise than the first (RFC 8446 §4.1.2; RFC 9849 §6.1.5)."""


def _without_what_may_change(hello: ClientHello) -> ClientHello:
    kept = tuple(item for item in hello.extensions if item.type not in _MAY_CHANGE)
    return replace(hello, extensions=Extensions(kept))


def _retry_request(hello: ClientHello, suite: SpokenSuite, group: NamedGroup) -> ServerHello:
    return _hello(
        hello,
        suite,
        HELLO_RETRY_REQUEST_RANDOM,
        SupportedVersionsServerHello(selected_version=_V13),
        KeyShareHelloRetryRequest(selected_group=group),
    )


def _server_hello(
    config: ServerConfig, hello: ClientHello, suite: SpokenSuite, group: NamedGroup, public: bytes
) -> ServerHello:
    return _hello(
        hello,
        suite,
        config.random(32),
        SupportedVersionsServerHello(selected_version=_V13),
        KeyShareServerHello(server_share=KeyShareEntry(group=group, key_exchange=public)),
    )


def _hello(hello: ClientHello, suite: SpokenSuite, random: bytes, *bodies: ExtensionBody) -> ServerHello:
    return ServerHello(
        legacy_version=ProtocolVersion.TLSv1_2,
        random=random,
        legacy_session_id_echo=hello.legacy_session_id,
        cipher_suite=suite.suite,
        legacy_compression_method=CompressionMethod.null,
        extensions=Extensions.of(*bodies),
    )


def _authenticate(transcript: Transcript, credential: Credential, alpn: str | None, *, named: bool) -> Script[None]:
    """EncryptedExtensions, Certificate and CertificateVerify (RFC 8446 §4.3.1, §4.4.2, §4.4.3)."""
    bodies: list[ExtensionBody] = []
    if named:
        bodies.append(ServerNameAcknowledged())
    if alpn is not None:
        bodies.append(ProtocolNameList(protocol_name_list=(alpn.encode("ascii"),)))
    encrypted = EncryptedExtensions(extensions=Extensions.of(*bodies))
    yield from send(transcript, HandshakeType.encrypted_extensions, encrypted)

    identity, scheme = credential
    if scheme is None:
        raise RuntimeError("TLS 1.3 always signs")
    entries = tuple(CertificateEntry(cert_data=der, extensions=Extensions()) for der in identity.chain)
    certificate = Certificate13(certificate_request_context=b"", certificate_list=entries)
    yield from send(transcript, HandshakeType.certificate, certificate)
    signature = signatures.sign(identity.private_key, scheme.name, signed_content(Side.SERVER, transcript.digest()))
    proof = CertificateVerify(algorithm=scheme, signature=signature)
    yield from send(transcript, HandshakeType.certificate_verify, proof)
