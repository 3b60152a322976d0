"""What a handshake comes to."""

from __future__ import annotations

from dataclasses import field

from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.groups import NamedGroup
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.keys.schedule13 import ExporterSecret, TrafficSecret
from transom.trust.verify import VerifiedPeer
from transom.value import value


@value
class UpdatableSecrets:
    """TLS 1.3: the traffic secrets now in force, from which KeyUpdate makes the next (RFC 8446 §7.2)."""

    read: TrafficSecret = field(repr=False)
    write: TrafficSecret = field(repr=False)
    exporter: ExporterSecret = field(repr=False)


@value
class Session:
    """A finished handshake. A client's `peer` is verified, or there is no session: the type is the proof.

    `group` is None with static RSA. `secrets` is None before TLS 1.3.
    """

    version: ProtocolVersion
    cipher_suite: CipherSuite
    group: NamedGroup | None
    alpn: str | None
    secrets: UpdatableSecrets | None


@value
class ClientSession(Session):
    """Seen from the client."""

    peer: VerifiedPeer


@value
class ServerSession(Session):
    """Seen from the server; `server_name` is what the client asked for."""

    server_name: str | None
