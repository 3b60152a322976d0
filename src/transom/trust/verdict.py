"""What is said of a chain, as data: each certificate, each check made of it, and the one problem that decided.

The words of a problem and the alert that answers it stand in one table, in order of weight: when several things are
wrong with a chain, the first of them in the table is the one that is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal, NamedTuple

from transom.errors import AlertName, PeerUntrusted, Sentence
from transom.value import value

ProblemCode = Literal[
    "no_certificate",
    "too_many",
    "unreadable",
    "pin_mismatch",
    "bad_signature",
    "weak_signature",
    "self_signed",
    "unknown_ca",
    "missing_issuer",
    "not_a_ca",
    "expired",
    "not_yet_valid",
    "weak_key",
    "name_constraint",
    "wrong_name",
    "wrong_purpose",
    "policy",
]

CheckKind = Literal["signature", "trusted", "constraints", "dates", "key", "name", "purpose", "rule"]


class Problem(NamedTuple):
    """The alert that answers a problem (RFC 8446 §6.2), and its sentence with the places for what was seen."""

    alert: AlertName
    sentence: str


PROBLEMS: dict[ProblemCode, Problem] = {
    # A server's empty Certificate message is a decode_error by RFC 8446 §4.4.2.4.
    "no_certificate": Problem("decode_error", "the peer sent no certificate"),
    "too_many": Problem("bad_certificate", "the peer sent {seen} certificates; {most} are the most that are looked at"),
    "unreadable": Problem("bad_certificate", "certificate {position} of the chain cannot be read: {reason}"),
    "pin_mismatch": Problem("bad_certificate", "the key of {subject} is {seen}, not the pinned {expected}"),
    "bad_signature": Problem(
        "bad_certificate", "the signature on the certificate of {subject} was not made with the key of {issuer}"
    ),
    # MD5 must be answered so, SHA-1 should be (RFC 8446 §4.4.2.4).
    "weak_signature": Problem(
        "bad_certificate",
        "the certificate of {subject} is signed with {seen}, which is not accepted; expected SHA-256 or better",
    ),
    "self_signed": Problem("unknown_ca", "the certificate of {subject} is signed by itself and is not trusted here"),
    "unknown_ca": Problem("unknown_ca", "the chain of {server} ends at {issuer}, which is not trusted here"),
    "missing_issuer": Problem(
        "unknown_ca", "the certificate of {subject} was issued by {issuer}, which was neither sent nor is trusted here"
    ),
    "not_a_ca": Problem("bad_certificate", "the certificate of {subject} may not issue {below}: {reason}"),
    "expired": Problem("certificate_expired", "certificate of {subject} expired on {limit} ({now})"),
    "not_yet_valid": Problem("certificate_expired", "certificate of {subject} is valid only from {limit} on ({now})"),
    "weak_key": Problem("unsupported_certificate", "the key of {subject} is not accepted: {seen}; expected {expected}"),
    "name_constraint": Problem("bad_certificate", "{issuer} may not issue for {seen}: its names are limited"),
    "wrong_name": Problem("bad_certificate", "the certificate is for {seen}, not for {expected}"),
    "wrong_purpose": Problem("unsupported_certificate", "the certificate of {subject} is not meant for TLS servers"),
    "policy": Problem("certificate_unknown", "the chain of {server} breaks a rule for certificates: {reason}"),
}
"""Every problem, the weightiest first: what the chain is, then whether it holds, then what it is good for."""

_WEIGHT: dict[ProblemCode, int] = {code: weight for weight, code in enumerate(PROBLEMS)}


@value
class Finding:
    """One thing that is wrong. `parts` fill the problem's sentence, in any language."""

    code: ProblemCode
    parts: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def alert(self) -> AlertName:
        return PROBLEMS[self.code].alert

    @property
    def sentence(self) -> Sentence:
        """What was seen and what was expected, in English."""
        return Sentence(PROBLEMS[self.code].sentence, **self.parts)

    @property
    def weight(self) -> int:
        """Its place in `PROBLEMS`; 0 weighs most."""
        return _WEIGHT[self.code]


@value
class Check:
    """One question asked of a certificate. `ok` is None when it could not be asked: no store, no name, no time."""

    kind: CheckKind
    ok: bool | None
    detail: str
    finding: Finding | None = None


@value
class ChainStep:
    """One certificate of the path, described.

    `sent` is False for a root that only our store has. `serial` and `sha256` are lower-case hex; `spki_sha256` is
    the pin, `sha256//` and base64, of its SubjectPublicKeyInfo (None for a key of unknown kind). `der` is all of it.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    key: str
    serial: str
    not_before: datetime
    not_after: datetime
    sha256: str
    spki_sha256: str | None
    sent: bool
    checks: tuple[Check, ...]
    der: bytes = field(default=b"", repr=False)


@value
class Verdict:
    """What became of a chain: the path taken through it (leaf first) and what decided.

    `trusted_by` says where the anchor came from ("the system's store", "--cacert", "your Transom CA", "--pin …"), or
    is None. With no `finding` and no `trusted_by`, nobody has judged whether it is trusted.
    """

    steps: tuple[ChainStep, ...]
    trusted_by: str | None
    finding: Finding | None

    @property
    def problem(self) -> ProblemCode | None:
        """The stable code of what is wrong."""
        return self.finding.code if self.finding else None

    @property
    def sentence(self) -> str:
        """The outcome in one plain sentence."""
        if self.finding:
            return self.finding.sentence
        return f"trusted by {self.trusted_by}" if self.trusted_by else "not compared with any trusted certificate"


class UntrustedChain(PeerUntrusted):
    """The chain is refused; `verdict` holds every step of it and why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.sentence, alert=verdict.finding.alert if verdict.finding else None)
        self.verdict = verdict


def refused(finding: Finding) -> UntrustedChain:
    """The refusal of a chain of which no certificate could be described."""
    return UntrustedChain(Verdict(steps=(), trusted_by=None, finding=finding))
