"""The TLS 1.2 server from the ClientHello on (RFC 5246 §7.3), with ECDHE or with static RSA."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from transom.crypto import key_exchange as groups
from transom.crypto import signatures
from transom.crypto.key_exchange import StartedExchange
from transom.crypto.rsa_transport import open_premaster
from transom.errors import PeerMisbehaved
from transom.tls.config import ServerConfig
from transom.tls.extensions.alpn import ProtocolNameList
from transom.tls.extensions.base import ExtensionBody, Extensions
from transom.tls.extensions.server_name import ServerNameAcknowledged
from transom.tls.extensions.session import ExtendedMasterSecret, RenegotiationInfo
from transom.tls.extensions.supported_groups import ECPointFormatList
from transom.tls.handshake.checks import check_finished, check_point_formats, choose_protocol
from transom.tls.handshake.choose import Credential, choose_suite12, common_group
from transom.tls.handshake.established import ServerSession
from transom.tls.handshake.secrets12 import derive_master
from transom.tls.handshake.signed_content import signed_params
from transom.tls.handshake.steps import (
    Agree,
    Direction,
    ExpectChangeCipherSpec,
    InstallKeys,
    LogSecret,
    Script,
    SendChangeCipherSpec,
    expect,
    send,
)
from transom.tls.handshake.transcript import Transcript
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.groups import ECCurveType, ECPointFormat, NamedGroup
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.small import CompressionMethod
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import format_line, format_rsa_line
from transom.tls.messages.certificate import Certificate12
from transom.tls.messages.ending import Finished, ServerHelloDone
from transom.tls.messages.grammar import Grammar
from transom.tls.messages.hello import DOWNGRADE_TO_TLS12, ClientHello, ServerHello
from transom.tls.messages.key_exchange import (
    ClientKeyExchangeECDHE,
    ClientKeyExchangeRSA,
    DigitallySigned,
    ServerECDHParams,
    ServerKeyExchangeECDHE,
)
from transom.tls.suites import KeyExchange, SpokenSuite
from transom.wire.tap import Side

_V12 = ProtocolVersion.TLSv1_2


def server12(
    config: ServerConfig, transcript: Transcript, hello: ClientHello, server_name: str | None
) -> Script[ServerSession]:
    """`transcript` holds the ClientHello."""
    check_point_formats(hello.extensions, "ClientHello")
    suite, credential = choose_suite12(config, hello)
    transcript.choose(suite.hash)
    is_static_rsa = credential.scheme is None
    yield Agree(Grammar(_V12, KeyExchange.RSA if is_static_rsa else KeyExchange.ECDHE))
    alpn = choose_protocol(hello, config.alpn)
    answer = _server_hello(config, hello, suite, alpn, named=server_name is not None)
    randoms = hello.random, answer.random
    yield from send(transcript, HandshakeType.server_hello, answer)
    certificate = Certificate12(certificate_list=tuple(credential.identity.chain))
    yield from send(transcript, HandshakeType.certificate, certificate)

    group = None if is_static_rsa else common_group(config, hello)
    if group is None:
        yield from send(transcript, HandshakeType.server_hello_done, ServerHelloDone())
        premaster = yield from _receive_sealed_premaster(transcript, hello, credential)
    else:
        started = groups.start(group.name)
        exchange = _sign_share(credential, group, started, randoms)
        yield from send(transcript, HandshakeType.server_key_exchange, exchange)
        yield from send(transcript, HandshakeType.server_hello_done, ServerHelloDone())
        message = yield from expect(transcript, "WAIT_CLIENT_KEY_EXCHANGE", ClientKeyExchangeECDHE)
        premaster = started.finish(message.ecdh_Yc)
    extended = answer.extensions.get(ExtendedMasterSecret) is not None
    master = derive_master(premaster, randoms, transcript.digest() if extended else None, suite.hash)
    yield LogSecret(format_line("CLIENT_RANDOM", hello.random, master.secret))

    keys = master.key_block(suite.aead, *randoms)
    expected = master.verify_data(Side.CLIENT, transcript.digest())
    yield ExpectChangeCipherSpec("WAIT_CHANGE_CIPHER_SPEC")
    yield InstallKeys(Direction.READ, _V12, keys.client)
    finished = yield from expect(transcript, "WAIT_FINISHED", Finished)
    check_finished(expected, finished.verify_data)
    yield SendChangeCipherSpec()
    yield InstallKeys(Direction.WRITE, _V12, keys.server)
    ours = Finished(verify_data=master.verify_data(Side.SERVER, transcript.digest()))
    yield from send(transcript, HandshakeType.finished, ours)
    return ServerSession(
        version=_V12, cipher_suite=suite.suite, group=group, alpn=alpn, secrets=None, server_name=server_name
    )


def _server_hello(
    config: ServerConfig, hello: ClientHello, suite: SpokenSuite, alpn: str | None, *, named: bool
) -> ServerHello:
    bodies: list[ExtensionBody] = []
    if named:
        bodies.append(ServerNameAcknowledged())
    if _knows_secure_renegotiation(hello):
        bodies.append(RenegotiationInfo(renegotiated_connection=b""))
    if hello.extensions.get(ECPointFormatList) is not None:
        bodies.append(ECPointFormatList(ec_point_format_list=(ECPointFormat.uncompressed,)))
    if alpn is not None:
        bodies.append(ProtocolNameList(protocol_name_list=(alpn.encode("ascii"),)))
    if hello.extensions.get(ExtendedMasterSecret) is not None:
        bodies.append(ExtendedMasterSecret())
    random = config.random(32)
    if config.allows(ProtocolVersion.TLSv1_3):
        random = random[:24] + DOWNGRADE_TO_TLS12
    return ServerHello(
        legacy_version=_V12,
        random=random,
        # Empty: this session is not kept, so there is nothing to resume it by (RFC 5246 §7.4.1.3).
        legacy_session_id_echo=b"",
        cipher_suite=suite.suite,
        legacy_compression_method=CompressionMethod.null,
        extensions=Extensions.of(*bodies),
    )


def _knows_secure_renegotiation(hello: ClientHello) -> bool:
    """By the extension, empty in a first handshake, or by the signalling suite (RFC 5746 §3.6)."""
    info = hello.extensions.get(RenegotiationInfo)
    if info is not None and info.renegotiated_connection:
        raise PeerMisbehaved(
            "is not empty in a first handshake",
            alert="handshake_failure",
            rfc="5746 §3.6",
            where="ClientHello.extensions.renegotiation_info",
        )
    return info is not None or CipherSuite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV in hello.cipher_suites


def _sign_share(
    credential: Credential, group: NamedGroup, started: StartedExchange, randoms: tuple[bytes, bytes]
) -> ServerKeyExchangeECDHE:
    """Step 4: the one-time key, signed together with both randoms (RFC 8422 §5.4)."""
    identity, scheme = credential
    if scheme is None:
        raise RuntimeError("static RSA has no ServerKeyExchange")
    params = ServerECDHParams(curve_type=ECCurveType.named_curve, named_curve=group, public=started.public)
    signature = signatures.sign(identity.private_key, scheme.name, signed_params(*randoms, params))
    return ServerKeyExchangeECDHE(params=params, signed_params=DigitallySigned(algorithm=scheme, signature=signature))


def _receive_sealed_premaster(transcript: Transcript, hello: ClientHello, credential: Credential) -> Script[bytes]:
    """Static RSA: what only our certificate's key opens (RFC 5246 §7.4.7.1)."""
    key = credential.identity.private_key
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("static RSA is chosen only with an RSA key")
    message = yield from expect(transcript, "WAIT_CLIENT_KEY_EXCHANGE", ClientKeyExchangeRSA)
    sealed = message.encrypted_pre_master_secret
    premaster = open_premaster(key, sealed, hello.legacy_version.to_bytes(2, "big"))
    yield LogSecret(format_rsa_line(sealed, premaster))
    return premaster
