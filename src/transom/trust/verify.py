"""Whom to believe: the one place that can make a `VerifiedPeer`.

A chain is judged twice. `cryptography.x509.verification` decides whether it holds, by the rules in `policy.py`, and
gives no reason. Our own look gives the reasons, and a refusal of its own where that library is content (a leaf with a
weak key). Both must agree for a peer to be verified; the three ways past the first are functions with names that say
what they do: `accept_pinned`, `accept_unverified`, and a certificate that was given as trusted is that very server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import InitVar, dataclass, replace
from datetime import datetime
from typing import final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.verification import VerificationError

from transom.trust.certificate import Certificate, read_chain, spki_pin
from transom.trust.checks import Moment, check_key
from transom.trust.judge import judge_path, with_broken_rule
from transom.trust.names import reference_name
from transom.trust.path import Path, find_path
from transom.trust.policy import verifier_policy
from transom.trust.store import Source, TrustStore
from transom.trust.verdict import Finding, UntrustedChain, Verdict
from transom.wire.address import as_address


class _Seal:
    """Proof that this module looked. Only the functions below make one."""


@final
@dataclass(frozen=True)  # no value: a seal is looked at, and not kept
class VerifiedPeer:
    """A peer whose certificate was accepted: what a handshake needs before it may be established.

    `chain` is the path in DER, leaf first. `unverified` is None, or the reason why nobody checked (`-k`).
    """

    seal: InitVar[_Seal]
    leaf: Certificate
    public_key: CertificatePublicKeyTypes
    chain: tuple[bytes, ...]
    verdict: Verdict
    unverified: str | None = None

    def __post_init__(self, seal: _Seal) -> None:
        if type(seal) is not _Seal:
            raise TypeError("only transom.trust.verify makes a VerifiedPeer")


def verify_chain(chain: Sequence[bytes], name: str, store: TrustStore, now: datetime) -> VerifiedPeer:
    """Verify a server's chain (DER, leaf first) for `name`, a DNS name in ASCII or an IP literal without brackets.

    `now` is an aware datetime. Raises UntrustedChain with the alert that answers it (RFC 5280 §6, RFC 9525).
    """
    return _verify(chain, name, store, Moment(now, live=True))


def judge(chain: Sequence[bytes], name: str | None, store: TrustStore | None, when: datetime | None) -> Verdict:
    """The verdict that `verify_chain` would have come to at `when`; what is None is not judged. Raises nothing."""
    moment = Moment(when, live=False) if when else None
    try:
        if name is not None and store is not None and moment is not None:
            return _verify(chain, name, store, moment).verdict
        sent, unreadable = read_chain(chain)
        path = find_path(sent, store or TrustStore())
        reference = None if name is None else reference_name(name)
        verdict = judge_path(path, sent, reference, moment, against_a_store=store is not None)
        return _with_unreadable(verdict, unreadable)
    except UntrustedChain as refusal:
        return refusal.verdict


def accept_pinned(chain: Sequence[bytes], pins: frozenset[str]) -> VerifiedPeer:
    """Accept the peer because the public key of its leaf is pinned (`pins` as `parse_pins` gives them).

    Names, dates and issuers are not asked. Raises UntrustedChain when the key is another one.
    """
    peer = _unjudged(chain, unverified=None)
    pin = spki_pin(peer.public_key)
    if pin in pins:
        return replace(peer, seal=_Seal(), verdict=replace(peer.verdict, trusted_by=f"--pin {pin}"))
    finding = Finding("pin_mismatch", {"subject": peer.leaf.subject, "seen": pin, "expected": ", ".join(sorted(pins))})
    raise UntrustedChain(replace(peer.verdict, finding=finding))


def accept_unverified(chain: Sequence[bytes], reason: str) -> VerifiedPeer:
    """Accept whoever it is, because a person said so; `reason` tells how ("-k").

    Raises UntrustedChain only when there is no leaf with a public key to go on with.
    """
    return _unjudged(chain, unverified=reason)


def _verify(chain: Sequence[bytes], name: str, store: TrustStore, moment: Moment) -> VerifiedPeer:
    sent, unreadable = read_chain(chain)
    reference = reference_name(name)
    accepted = _accepted_path(sent, reference, store, moment) or _given_itself(sent[0], store)
    path = accepted or find_path(sent, store)
    verdict = judge_path(path, sent, reference, moment, against_a_store=True)
    if accepted is None:
        verdict = _with_unreadable(verdict, unreadable)
        verdict = verdict if verdict.finding else with_broken_rule(verdict, path, reference)
    if verdict.finding or path.leaf.public_key is None:
        raise UntrustedChain(verdict)
    return _peer(path, path.leaf.public_key, verdict)


def _accepted_path(sent: Sequence[Certificate], name: str, store: TrustStore, moment: Moment) -> Path | None:
    """The path by which the library's verifier accepts the chain, or None."""
    if store.verifier_store is None:
        return None
    leaf, *others = (certificate.parsed for certificate in sent)
    policy = verifier_policy(store.verifier_store, moment.time)
    try:
        verified = policy.build_server_verifier(_subject(name)).verify(leaf, others)
    except (VerificationError, ValueError):
        # ValueError: a name that is no DNS name for the library, such as one with an underscore.
        return None
    known = {certificate.parsed: certificate for certificate in sent}
    *below, anchor = verified
    root = store.find(anchor)
    if root is None:
        return None
    return Path((*(known[certificate] for certificate in below), root.certificate), root, proven=True)


def _given_itself(leaf: Certificate, store: TrustStore) -> Path | None:
    """The path of one that a leaf is when it was given as trusted, byte for byte, by the person who asks.

    It proves itself: the verifier's rules for what issuers may do have nothing to say. Name and dates do.
    """
    root = store.find(leaf.parsed)
    return Path((leaf,), root) if root and root.source is Source.GIVEN else None


def _subject(name: str) -> x509.DNSName | x509.IPAddress:
    address = as_address(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)


def _with_unreadable(verdict: Verdict, unreadable: Finding | None) -> Verdict:
    """A link that is missing where one could not be read: the second is the news."""
    return replace(verdict, finding=unreadable) if unreadable and verdict.problem == "missing_issuer" else verdict


def _unjudged(chain: Sequence[bytes], unverified: str | None) -> VerifiedPeer:
    """The peer with its chain described; what the description found wrong decides nothing."""
    sent, _ = read_chain(chain)
    path = find_path(sent, TrustStore())
    verdict = judge_path(path, sent, name=None, moment=None, against_a_store=False)
    if path.leaf.public_key is None:
        raise UntrustedChain(replace(verdict, finding=check_key(path.leaf).finding))
    return _peer(path, path.leaf.public_key, replace(verdict, finding=None), unverified)


def _peer(
    path: Path, public_key: CertificatePublicKeyTypes, verdict: Verdict, unverified: str | None = None
) -> VerifiedPeer:
    return VerifiedPeer(
        seal=_Seal(),
        leaf=path.leaf,
        public_key=public_key,
        chain=tuple(certificate.der for certificate in path.certificates),
        verdict=verdict,
        unverified=unverified,
    )
