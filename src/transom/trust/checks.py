"""The questions asked of each certificate on a path, each answered as one `Check`."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from transom.errors import Sentence
from transom.trust.certificate import Certificate
from transom.trust.describe import CURVE_NAMES, bounded, name_list, two_dates
from transom.trust.link import signed_by, weak_hash
from transom.trust.names import name_matches, outside_constraints
from transom.trust.path import Path
from transom.trust.verdict import Check, Finding
from transom.value import value

LEAST_RSA_BITS = 2048
"""The least RSA modulus, as for CAs in the verifier (CA/Browser Forum baseline requirements §6.1.5)."""

SERVER_PURPOSES = frozenset({ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})


@value
class Moment:
    """When a chain is judged, and how that time is told: by a live clock, or as of a capture."""

    time: datetime
    live: bool

    def told(self, date: str) -> str:
        if self.live:
            return Sentence("now {date}, by this machine's clock", date=date)
        return Sentence("judged as of {date}", date=date)


def check_signature(path: Path, position: int) -> Check:
    """Was it signed with the key of the next certificate up?"""
    certificate, issuer = path.certificates[position], path.issuer_of(position)
    if issuer is None:
        return Check("signature", None, f"the key of {certificate.issuer} is not at hand")
    signed = path.proven or signed_by(certificate, issuer)
    if signed is None:
        return Check("signature", None, f"{issuer.key} of {issuer.subject} cannot be checked")
    if not signed:
        finding = Finding("bad_signature", {"subject": certificate.subject, "issuer": issuer.subject})
        return Check("signature", False, f"does not verify with {issuer.key} of {issuer.subject}", finding)
    weak = weak_hash(certificate)
    # What one says of oneself proves nothing by any hash, and nobody needs it (RFC 8446 §4.4.2.4).
    if weak and issuer is not certificate:
        parts = {"subject": certificate.subject, "issuer": issuer.subject, "seen": weak}
        return Check("signature", False, f"verifies, but over {weak}", Finding("weak_signature", parts))
    return Check("signature", ok=True, detail=f"verified with {issuer.key} of {issuer.subject}")


def check_dates(certificate: Certificate, moment: Moment | None) -> Check:
    """Is the moment within the validity, both ends included (RFC 5280 §4.1.2.5)?"""
    if moment is None:
        return Check("dates", None, "no time to judge by")
    if moment.time < certificate.not_before:
        limit, now = two_dates(certificate.not_before, moment.time)
        finding = Finding("not_yet_valid", _dated(certificate, limit, moment.told(now)))
        return Check("dates", False, f"valid only from {limit} on", finding)
    limit, now = two_dates(certificate.not_after, moment.time)
    if moment.time > certificate.not_after:
        finding = Finding("expired", _dated(certificate, limit, moment.told(now)))
        return Check("dates", False, f"expired on {limit}", finding)
    return Check("dates", ok=True, detail=f"valid until {limit}")


def check_key(certificate: Certificate) -> Check:
    """Is its key one that the web still accepts?"""
    if _strong_enough(certificate):
        return Check("key", ok=True, detail=certificate.key)
    expected = Sentence(
        "RSA from {bits} bits, ECDSA on {curves}, Ed25519 and Ed448",
        bits=LEAST_RSA_BITS,
        curves=name_list(tuple(CURVE_NAMES.values())),
    )
    parts = {"subject": certificate.subject, "seen": certificate.key, "expected": expected}
    return Check("key", False, certificate.key, Finding("weak_key", parts))


def check_name(leaf: Certificate, name: str | None) -> Check:
    """Does the leaf speak for the server that was asked for (RFC 9525)?"""
    if name is None:
        return Check("name", None, "no name to look for")
    if name_matches(name, leaf.names):
        return Check("name", ok=True, detail=bounded(name))
    seen = name_list(leaf.names) if leaf.names else Sentence("no server at all (it has no subjectAltName)")
    return Check("name", False, f"for {seen}", Finding("wrong_name", {"seen": seen, "expected": bounded(name)}))


def check_purpose(leaf: Certificate) -> Check:
    """May it be used by a TLS server (RFC 5280 §4.2.1.12)? One that names no purpose may."""
    usage = leaf.extension(x509.ExtendedKeyUsage)
    if usage is None or SERVER_PURPOSES.intersection(usage):
        return Check("purpose", ok=True, detail="TLS server")
    return Check("purpose", False, "not for TLS servers", Finding("wrong_purpose", {"subject": leaf.subject}))


def check_constraints(path: Path, position: int) -> Check:
    """May the certificate at `position` (from 1: above the leaf) issue what stands below it?"""
    issuer = path.certificates[position]
    below = path.certificates[position - 1].subject
    if reason := _why_not_a_ca(issuer, intermediates_below=position - 1):
        finding = Finding("not_a_ca", {"subject": issuer.subject, "below": below, "reason": reason})
        return Check("constraints", False, reason, finding)
    constraints = issuer.extension(x509.NameConstraints)
    if constraints is None:
        return Check("constraints", ok=True, detail="a CA for any name")
    outside = [name for name in path.leaf.names if outside_constraints(name, constraints)]
    if not outside:
        return Check("constraints", ok=True, detail="a CA for some names, these among them")
    finding = Finding("name_constraint", {"issuer": issuer.subject, "seen": name_list(outside)})
    return Check("constraints", False, f"not for {name_list(outside)}", finding)


def _dated(certificate: Certificate, limit: str, now: str) -> dict[str, str]:
    return {"subject": certificate.subject, "limit": limit, "now": now}


def _strong_enough(certificate: Certificate) -> bool:
    match certificate.public_key:
        case rsa.RSAPublicKey() as key:
            return key.key_size >= LEAST_RSA_BITS
        case ec.EllipticCurvePublicKey() as key:
            return key.curve.name in CURVE_NAMES
        case key:
            return isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey)


def _why_not_a_ca(issuer: Certificate, intermediates_below: int) -> Sentence | None:
    basic = issuer.extension(x509.BasicConstraints)
    if basic is None or not basic.ca:
        return Sentence("it is no CA (basicConstraints)")
    usage = issuer.extension(x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        return Sentence("its key is not for signing certificates (keyUsage)")
    if basic.path_length is not None and intermediates_below > basic.path_length:
        return Sentence(
            "it allows {most} CAs below itself, {count} follow", most=basic.path_length, count=intermediates_below
        )
    return None
