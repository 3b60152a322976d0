"""A key that is pinned on top of verification: what curl's --pinnedpubkey means."""

from __future__ import annotations

from dataclasses import replace

from transom.trust.certificate import spki_pin
from transom.trust.verdict import Finding, UntrustedChain
from transom.trust.verify import VerifiedPeer


class OtherKey(UntrustedChain):
    """The chain was accepted, and the server's key is not one of those that were pinned besides."""

    by_pin_alone = True


def require_pinned(peer: VerifiedPeer, pins: frozenset[str]) -> VerifiedPeer:
    """The same peer, if the public key of its leaf is pinned (`pins` as `parse_pins` gives them). Raises OtherKey."""
    pin = spki_pin(peer.public_key)
    if pin in pins:
        return peer
    parts = {"subject": peer.leaf.subject, "seen": pin, "expected": ", ".join(sorted(pins))}
    raise OtherKey(replace(peer.verdict, finding=Finding("pin_mismatch", parts)))
