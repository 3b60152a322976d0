"""The client, up to the point where the version is known (RFC 8446 §4.1.3, appendix A.1: START and WAIT_SH)."""

from __future__ import annotations

from collections.abc import Collection

from transom.errors import PeerIncompatible, PeerMisbehaved, Sentence
from transom.tls.config import ClientConfig, belongs_to
from transom.tls.extensions.supported_versions import SupportedVersionsServerHello
from transom.tls.extensions.tables import IN_HELLO_RETRY_REQUEST, IN_SERVER_HELLO_12, IN_SERVER_HELLO_13
from transom.tls.handshake.checks import check_answered, check_point_formats, unsolicited
from transom.tls.handshake.client12 import client12
from transom.tls.handshake.client13 import client13
from transom.tls.handshake.client_hello import Offered, first_hello, second_hello
from transom.tls.handshake.established import ClientSession
from transom.tls.handshake.steps import Script, SendChangeCipherSpec, expect, send
from transom.tls.handshake.transcript import Transcript
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.small import CompressionMethod
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.hello import DOWNGRADE_TO_TLS12, ServerHello
from transom.tls.suites import SpokenSuite, spoken

_DOWNGRADES = (DOWNGRADE_TO_TLS12, b"DOWNGRD\x00")


def client(config: ClientConfig, name: str) -> Script[ClientSession]:
    """The whole handshake with the server called `name`."""
    transcript = Transcript()
    offered = first_hello(config, name)
    yield from send(transcript, HandshakeType.client_hello, offered.hello)
    hello = yield from expect(transcript, "WAIT_SH", ServerHello)
    suite = _check_answer(config, offered, hello)

    retried = hello.is_retry_request
    if retried:
        transcript.first_hello_becomes_its_hash(suite.hash)
        offered = second_hello(config, offered, hello)
        # Before the second flight, like before every other that a middlebox may watch (RFC 8446 §D.4).
        yield SendChangeCipherSpec()
        yield from send(transcript, HandshakeType.client_hello, offered.hello)
        hello = yield from expect(transcript, "WAIT_SH", ServerHello)
        _check_second_answer(hello, suite, _check_answer(config, offered, hello))

    transcript.choose(suite.hash)
    if hello.version is ProtocolVersion.TLSv1_3:
        return (yield from client13(config, name, transcript, offered, hello, suite, retried=retried))
    return (yield from client12(config, name, transcript, offered.hello, hello, suite))


def _check_answer(config: ClientConfig, offered: Offered, hello: ServerHello) -> SpokenSuite:
    """Judge version, suite and the legacy fields of a ServerHello or HelloRetryRequest (RFC 8446 §4.1.3, §4.1.4)."""
    where = "HelloRetryRequest" if hello.is_retry_request else "ServerHello"
    version = hello.version
    allowed = offered.extension_types
    if hello.is_retry_request:
        allowed |= {ExtensionType.cookie}  # the one extension a server may bring itself (RFC 8446 §4.2)
    if ExtensionType.supported_versions in hello.extensions and ExtensionType.supported_versions not in allowed:
        raise unsolicited(ExtensionType.supported_versions, where)
    _check_version(config, hello, where)
    check_answered(hello.extensions, allowed, _placed(hello), where)
    if version is ProtocolVersion.TLSv1_3:
        _check_tls13_fields(offered, hello, where)
    else:
        _check_tls12_fields(config, offered, hello)
    if hello.legacy_compression_method is not CompressionMethod.null:
        raise PeerMisbehaved("compression was not offered", rfc="8446 §4.1.3", where=where)
    suite = spoken(hello.cipher_suite)
    was_offered = hello.cipher_suite in offered.hello.cipher_suites
    if suite is None or not was_offered or not belongs_to(hello.cipher_suite, version):
        name = hello.cipher_suite.name
        if was_offered:
            what = Sentence("chose {suite}, which is none of {version}'s", suite=name, version=version.title)
        else:
            what = Sentence("chose {suite}, which was not offered", suite=name)
        raise PeerMisbehaved(what, rfc="8446 §4.1.3", where=f"{where}.cipher_suite")
    return suite


def _check_version(config: ClientConfig, hello: ServerHello, where: str) -> None:
    version = hello.version
    selected = hello.extensions.get(SupportedVersionsServerHello)
    if selected is not None and not (version >= ProtocolVersion.TLSv1_3 and config.allows(version)):
        what = Sentence("names {version}; of what we offered only TLS 1.3 may be chosen there", version=version.title)
        raise PeerMisbehaved(what, rfc="8446 §4.2.1", where=f"{where}.extensions.supported_versions")
    if not config.allows(version) or (hello.is_retry_request and selected is None):
        raise PeerIncompatible(
            "the server chose {version}; we allow {allowed}",
            version=version.title,
            allowed=_titles(config),
            alert="protocol_version",
            rfc="8446 §4.2.1",
            where=where,
        )


def _placed(hello: ServerHello) -> Collection[ExtensionType]:
    if hello.is_retry_request:
        return IN_HELLO_RETRY_REQUEST
    if hello.version is ProtocolVersion.TLSv1_3:
        return IN_SERVER_HELLO_13
    # Some load balancers echo supported_groups in TLS 1.2, where it says nothing: every client puts up with it.
    return {*IN_SERVER_HELLO_12, ExtensionType.supported_groups}


def _check_tls13_fields(offered: Offered, hello: ServerHello, where: str) -> None:
    if hello.legacy_version <= ProtocolVersion.SSLv3:
        what = Sentence("is {version}, which must not be negotiated at all", version=hello.legacy_version.title)
        raise PeerIncompatible(what, alert="protocol_version", rfc="8446 §D.5", where=f"{where}.legacy_version")
    if hello.legacy_version is not ProtocolVersion.TLSv1_2:
        what = Sentence("is {version}, where 1.3 always says TLS 1.2", version=hello.legacy_version.title)
        raise PeerMisbehaved(what, rfc="8446 §4.1.3", where=f"{where}.legacy_version")
    if hello.legacy_session_id_echo != offered.hello.legacy_session_id:
        raise PeerMisbehaved("does not echo ours", rfc="8446 §4.1.3", where=f"{where}.legacy_session_id_echo")


def _check_tls12_fields(config: ClientConfig, offered: Offered, hello: ServerHello) -> None:
    if config.allows(ProtocolVersion.TLSv1_3) and hello.random.endswith(_DOWNGRADES):
        what = "says that its server speaks TLS 1.3: somebody on the path took that offer out of our hello"
        raise PeerMisbehaved(what, rfc="8446 §4.1.3", where="ServerHello.random")
    if hello.legacy_session_id_echo and hello.legacy_session_id_echo == offered.hello.legacy_session_id:
        what = "resumes a session that never was: the id is random, for middleboxes only"
        raise PeerMisbehaved(what, rfc="5246 §7.4.1.3", where="ServerHello.legacy_session_id_echo")
    check_point_formats(hello.extensions, "ServerHello")


def _check_second_answer(hello: ServerHello, first: SpokenSuite, second: SpokenSuite) -> None:
    if hello.is_retry_request:
        raise PeerMisbehaved("a second one", alert="unexpected_message", rfc="8446 §4.1.4", where="HelloRetryRequest")
    if hello.version is not ProtocolVersion.TLSv1_3 or second is not first:
        what = Sentence(
            "{version} with {second} after a HelloRetryRequest for {first}",
            version=hello.version.title,
            second=second.suite.name,
            first=first.suite.name,
        )
        raise PeerMisbehaved(what, rfc="8446 §4.1.4", where="ServerHello")


def _titles(config: ClientConfig) -> str:
    return " and ".join(version.title for version in config.versions if config.allows(version))
