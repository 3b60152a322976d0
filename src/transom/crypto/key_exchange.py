"""Ephemeral key exchange over the named groups (RFC 8446 §4.2.8, RFC 8422 §5.10, RFC 7748 §6).

The first side to speak starts, the other answers. For a Diffie-Hellman group both do the same; the two verbs are
apart because a key encapsulation (ML-KEM) lets only the answering side encapsulate. In TLS 1.3 the client starts, in
TLS 1.2 the server does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from transom.errors import PeerMisbehaved, Sentence, UsageError
from transom.value import value


@value
class StartedExchange:
    """Our half, waiting for the peer's. `public` is what goes on the wire."""

    group: str
    public: bytes
    _exchange: Callable[[bytes], bytes] = field(repr=False)

    def finish(self, peer_public: bytes) -> bytes:
        """The shared secret. Raises PeerMisbehaved (illegal_parameter) for a share that is no point of the group."""
        return self._exchange(peer_public)


class Answer(NamedTuple):
    """The answering side's half: `public` goes on the wire, `secret` is shared."""

    public: bytes
    secret: bytes


def start(group: str) -> StartedExchange:
    """Make a fresh key pair in a group of `GROUPS`, by its IANA name."""
    try:
        return GROUPS[group](group)
    except KeyError:
        raise UsageError(
            "no key exchange over the group {group!r}: there are {groups}", group=group, groups=", ".join(GROUPS)
        ) from None


def answer(group: str, peer_public: bytes) -> Answer:
    """Answer the share of the side that started. Raises PeerMisbehaved (illegal_parameter) as `finish` does."""
    ours = start(group)
    return Answer(ours.public, ours.finish(peer_public))


def _start_x25519(group: str) -> StartedExchange:
    private = X25519PrivateKey.generate()

    def exchange(peer_public: bytes) -> bytes:
        try:
            return private.exchange(X25519PublicKey.from_public_bytes(peer_public))
        except ValueError:
            # Also the all-zero secret of a point of small order, which 8446 §7.4.2 has us refuse.
            raise _bad_share(
                group, peer_public, expected=Sentence("32 bytes of no small order"), rfc="7748 §6.1"
            ) from None

    return StartedExchange(group, private.public_key().public_bytes_raw(), exchange)


def _start_on_curve(curve: ec.EllipticCurve) -> Callable[[str], StartedExchange]:
    def start_on_curve(group: str) -> StartedExchange:
        private = ec.generate_private_key(curve)

        def exchange(peer_public: bytes) -> bytes:
            return private.exchange(ec.ECDH(), _uncompressed_point(group, curve, peer_public))

        public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return StartedExchange(group, public, exchange)

    return start_on_curve


def _uncompressed_point(group: str, curve: ec.EllipticCurve, encoded: bytes) -> ec.EllipticCurvePublicKey:
    length = 1 + 2 * ((curve.key_size + 7) // 8)
    expected = Sentence("an uncompressed point on the curve, {length} bytes", length=length)
    # The library would take the compressed forms, which TLS 1.3 removed and 1.2 never negotiates here.
    if encoded[:1] != b"\x04":
        raise _bad_share(group, encoded, expected, rfc="8446 §4.2.8.2")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, encoded)
    except ValueError:
        raise _bad_share(group, encoded, expected, rfc="8446 §4.2.8.2") from None


def _bad_share(group: str, seen: bytes, expected: Sentence, rfc: str) -> PeerMisbehaved:
    what = Sentence(
        "the {group} share of {count} bytes is not {expected}", group=group, count=len(seen), expected=expected
    )
    return PeerMisbehaved(what, alert="illegal_parameter", rfc=rfc)


GROUPS: dict[str, Callable[[str], StartedExchange]] = {
    "x25519": _start_x25519,
    "secp256r1": _start_on_curve(ec.SECP256R1()),
    "secp384r1": _start_on_curve(ec.SECP384R1()),
}
"""The groups, by IANA name, in the order we like them."""
