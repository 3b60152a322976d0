"""The TLS 1.2 client from the ServerHello on (RFC 5246 §7.3), with ECDHE or with static RSA.

steps 3 to 5    Certificate, ServerKeyExchange (ECDHE only), ServerHelloDone
steps 6 to 8    ClientKeyExchange, ChangeCipherSpec, Finished, and the server's two
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from transom.crypto import key_exchange as groups
from transom.crypto.rsa_transport import seal_premaster
from transom.errors import PeerMisbehaved, Sentence
from transom.tls.config import ClientConfig
from transom.tls.extensions.session import ExtendedMasterSecret, RenegotiationInfo
from transom.tls.handshake.checks import check_finished, check_key_usage, check_signature, chosen_protocol
from transom.tls.handshake.established import ClientSession
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
from transom.tls.iana.groups import ECCurveType, NamedGroup
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.keylog import format_line, format_rsa_line
from transom.tls.messages.certificate import Certificate12, CertificateRequest12
from transom.tls.messages.ending import Finished, ServerHelloDone
from transom.tls.messages.grammar import Grammar
from transom.tls.messages.hello import ClientHello, ServerHello
from transom.tls.messages.key_exchange import (
    ClientKeyExchangeECDHE,
    ClientKeyExchangeRSA,
    ServerECDHParams,
    ServerKeyExchangeECDHE,
)
from transom.tls.suites import KeyExchange, SpokenSuite, take_apart
from transom.trust.verify import VerifiedPeer
from transom.wire.struct import Struct
from transom.wire.tap import Side

_V12 = ProtocolVersion.TLSv1_2


def client12(
    config: ClientConfig,
    name: str,
    transcript: Transcript,
    client_hello: ClientHello,
    server_hello: ServerHello,
    suite: SpokenSuite,
) -> Script[ClientSession]:
    """`transcript` ends with the ServerHello."""
    parts = take_apart(suite.suite)
    is_static_rsa = parts is not None and parts.key_exchange is KeyExchange.RSA
    yield Agree(Grammar(_V12, KeyExchange.RSA if is_static_rsa else KeyExchange.ECDHE))
    _check_renegotiation_info(server_hello)
    alpn = chosen_protocol(server_hello.extensions, config.alpn, "ServerHello")

    certificate = yield from expect(transcript, "WAIT_CERTIFICATE", Certificate12)
    peer = config.verify(certificate.certificate_list, name)
    check_key_usage(peer, encrypts=is_static_rsa)
    if is_static_rsa:
        exchanged = _seal_to_certificate(config, peer, client_hello)
    else:
        _check_key_of_suite(peer, suite)
        message = yield from expect(transcript, "WAIT_SERVER_KEY_EXCHANGE", ServerKeyExchangeECDHE)
        _check_server_key_exchange(config, peer, client_hello, server_hello, message)
        exchanged = _answer_share(config, message.params)
    ending = yield from expect(transcript, "WAIT_SERVER_HELLO_DONE", CertificateRequest12, ServerHelloDone)
    if isinstance(ending, CertificateRequest12):
        yield from expect(transcript, "WAIT_SERVER_HELLO_DONE", ServerHelloDone)
        # We have no certificate to show: an empty message says so (RFC 5246 §7.4.6).
        yield from send(transcript, HandshakeType.certificate, Certificate12(certificate_list=()))

    yield from send(transcript, HandshakeType.client_key_exchange, exchanged.message)
    extended = server_hello.extensions.get(ExtendedMasterSecret) is not None
    randoms = client_hello.random, server_hello.random
    master = derive_master(exchanged.premaster, randoms, transcript.digest() if extended else None, suite.hash)
    if isinstance(exchanged.message, ClientKeyExchangeRSA):
        yield LogSecret(format_rsa_line(exchanged.message.encrypted_pre_master_secret, exchanged.premaster))
    yield LogSecret(format_line("CLIENT_RANDOM", client_hello.random, master.secret))

    keys = master.key_block(suite.aead, *randoms)
    yield SendChangeCipherSpec()
    yield InstallKeys(Direction.WRITE, _V12, keys.client)
    ours = Finished(verify_data=master.verify_data(Side.CLIENT, transcript.digest()))
    yield from send(transcript, HandshakeType.finished, ours)
    expected = master.verify_data(Side.SERVER, transcript.digest())
    yield ExpectChangeCipherSpec("WAIT_CHANGE_CIPHER_SPEC")
    yield InstallKeys(Direction.READ, _V12, keys.server)
    finished = yield from expect(transcript, "WAIT_FINISHED", Finished)
    check_finished(expected, finished.verify_data)
    return ClientSession(
        version=_V12, cipher_suite=suite.suite, group=exchanged.group, alpn=alpn, secrets=None, peer=peer
    )


def _check_renegotiation_info(hello: ServerHello) -> None:
    """In a first handshake it is empty (RFC 5746 §3.4); a server without it is let be, as everywhere."""
    info = hello.extensions.get(RenegotiationInfo)
    if info is not None and info.renegotiated_connection:
        raise PeerMisbehaved(
            "is not empty in a first handshake",
            alert="handshake_failure",
            rfc="5746 §3.4",
            where="ServerHello.extensions.renegotiation_info",
        )


class _Exchanged(NamedTuple):
    """Step 6: the message, and the pre-master secret that both sides then hold."""

    message: Struct
    premaster: bytes
    group: NamedGroup | None


def _seal_to_certificate(config: ClientConfig, peer: VerifiedPeer, hello: ClientHello) -> _Exchanged:
    """Static RSA: 46 random bytes behind the two of the version we offered (RFC 5246 §7.4.7.1)."""
    if not isinstance(peer.public_key, RSAPublicKey):
        raise _unfit_key(peer, Sentence("an RSA key to encrypt to"))
    version = hello.legacy_version.to_bytes(2, "big")
    sealed = seal_premaster(peer.public_key, version, config.random(46))
    return _Exchanged(ClientKeyExchangeRSA(encrypted_pre_master_secret=sealed.ciphertext), sealed.premaster, group=None)


def _check_key_of_suite(peer: VerifiedPeer, suite: SpokenSuite) -> None:
    """ECDHE_RSA is signed by an RSA key; ECDHE_ECDSA by one on a curve, EdDSA included (RFC 8422 §2)."""
    parts = take_apart(suite.suite)
    wants_rsa = parts is not None and parts.signature == "RSA"
    if isinstance(peer.public_key, RSAPublicKey) != wants_rsa:
        raise _unfit_key(peer, Sentence("the key that {suite} signs with", suite=suite.suite.name))


def _unfit_key(peer: VerifiedPeer, wanted: Sentence) -> PeerMisbehaved:
    what = Sentence("holds {key}, where the suite needs {wanted}", key=peer.leaf.key, wanted=wanted)
    return PeerMisbehaved(what, rfc="5246 §7.4.2", where="Certificate")


def _check_server_key_exchange(
    config: ClientConfig,
    peer: VerifiedPeer,
    client_hello: ClientHello,
    server_hello: ServerHello,
    message: ServerKeyExchangeECDHE,
) -> None:
    content = signed_params(client_hello.random, server_hello.random, message.params)
    check_signature(
        peer,
        message.signed_params.algorithm,
        message.signed_params.signature,
        content,
        offer=config,
        version="TLSv1.2",
        where="ServerKeyExchange.signed_params",
    )


def _answer_share(config: ClientConfig, params: ServerECDHParams) -> _Exchanged:
    """ECDHE: our one-time public key for the server's; the secret itself never crosses (RFC 8422 §5.7)."""
    group = params.named_curve
    if params.curve_type is not ECCurveType.named_curve or group not in config.groups:
        what = Sentence("{kind} {group} was not offered", kind=params.curve_type.name, group=group.name)
        raise PeerMisbehaved(what, rfc="8422 §5.4", where="ServerKeyExchange.params")
    answer = groups.answer(group.name, params.public)
    return _Exchanged(ClientKeyExchangeECDHE(ecdh_Yc=answer.public), answer.secret, group)
