"""The server, up to the point where the version is known (RFC 8446 §4.1.2, appendix A.2: START)."""

from __future__ import annotations

from transom.errors import PeerIncompatible, PeerMisbehaved, Sentence
from transom.tls.config import ServerConfig
from transom.tls.extensions.server_name import ServerNameList
from transom.tls.extensions.supported_versions import SupportedVersionsClientHello
from transom.tls.handshake.checks import check_compression, check_no_duplicates, listed
from transom.tls.handshake.established import ServerSession
from transom.tls.handshake.server12 import server12
from transom.tls.handshake.server13 import server13
from transom.tls.handshake.steps import Script, expect
from transom.tls.handshake.transcript import Transcript
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.small import NameType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.hello import ClientHello


def server(config: ServerConfig) -> Script[ServerSession]:
    """The whole handshake with whoever calls."""
    transcript = Transcript()
    hello = yield from expect(transcript, "START", ClientHello)
    check_no_duplicates(hello.extensions, "ClientHello")
    check_compression(hello)
    if hello.legacy_version <= ProtocolVersion.SSLv3:
        what = Sentence("is {version}, which must not be negotiated at all", version=hello.legacy_version.title)
        raise PeerIncompatible(what, alert="protocol_version", rfc="8446 §D.5", where="ClientHello.legacy_version")
    version = _choose_version(config, hello)
    if version is ProtocolVersion.TLSv1_3:
        return (yield from server13(config, transcript, hello, server_name(hello)))
    return (yield from server12(config, transcript, hello, server_name(hello)))


def server_name(hello: ClientHello) -> str | None:
    """The host name the client asked for (RFC 6066 §3)."""
    names = hello.extensions.get(ServerNameList)
    if names is None:
        return None
    hosts = [name.host_name for name in names.server_name_list if name.name_type is NameType.host_name]
    if len(hosts) > 1:
        what = Sentence("asks for {count} host names, where one may stand", count=len(hosts))
        raise PeerMisbehaved(what, rfc="6066 §3", where="ClientHello.extensions.server_name")
    return hosts[0].decode("latin-1") if hosts else None


def _choose_version(config: ServerConfig, hello: ClientHello) -> ProtocolVersion:
    """The highest of ours that the client has (RFC 8446 §4.2.1)."""
    offered = _offered_versions(hello)
    common = [version for version in config.versions if version in offered and config.allows(version)]
    if not common:
        seen = listed(version.title for version in offered) or Sentence("no version")
        raise PeerIncompatible(
            "offers {seen}; we allow {allowed}",
            seen=seen,
            allowed=", ".join(version.title for version in filter(config.allows, config.versions)),
            alert="protocol_version",
            rfc="8446 §4.2.1",
            where="ClientHello",
        )
    chosen = max(common)
    if CipherSuite.TLS_FALLBACK_SCSV in hello.cipher_suites and chosen < max(filter(config.allows, config.versions)):
        raise PeerIncompatible(
            "falls back to {version} after a failure, though both sides speak more",
            version=chosen.title,
            alert="inappropriate_fallback",
            rfc="7507 §3",
            where="ClientHello.cipher_suites",
        )
    return chosen


def _offered_versions(hello: ClientHello) -> tuple[ProtocolVersion, ...]:
    extension = hello.extensions.get(SupportedVersionsClientHello)
    if extension is not None:
        return extension.versions
    # Without the extension a hello for 1.2 or more means 1.2: 1.3 is never negotiated by this field.
    if hello.legacy_version >= ProtocolVersion.TLSv1_2:
        return (ProtocolVersion.TLSv1_2,)
    return (hello.legacy_version,)
