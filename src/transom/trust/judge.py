"""Our own look at a chain: every certificate of it checked and described, and the weightiest problem named."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from cryptography import x509

from transom.errors import Sentence
from transom.trust.certificate import Certificate, spki_pin
from transom.trust.checks import (
    Moment,
    check_constraints,
    check_dates,
    check_key,
    check_name,
    check_purpose,
    check_signature,
)
from transom.trust.path import Path
from transom.trust.verdict import ChainStep, Check, Finding, Verdict


def judge_path(
    path: Path, sent: Collection[Certificate], name: str | None, moment: Moment | None, *, against_a_store: bool
) -> Verdict:
    """Check every certificate of a path. `sent` are those that the peer sent."""
    trusted = _check_trusted(path, name, against_a_store=against_a_store)
    steps = tuple(
        _step(certificate, tuple(_checks(path, position, name, moment, trusted)), sent=certificate in sent)
        for position, certificate in enumerate(path.certificates)
    )
    findings = [check.finding for step in steps for check in step.checks if check.finding]
    return Verdict(
        steps=steps,
        trusted_by=path.anchor.source if path.anchor else None,
        finding=min(findings, key=lambda finding: finding.weight, default=None),
    )


def with_broken_rule(verdict: Verdict, path: Path, name: str) -> Verdict:
    """What to say of a chain that the verifier refused and our checks passed, at the step that breaks the rule."""
    position, reason = _broken_rule(path, name)
    finding = Finding("policy", {"server": name, "reason": reason})
    broken = verdict.steps[position]
    marked = replace(broken, checks=(*broken.checks, Check("rule", False, reason, finding)))
    steps = (*verdict.steps[:position], marked, *verdict.steps[position + 1 :])
    return replace(verdict, steps=steps, finding=finding)


def _broken_rule(path: Path, name: str) -> tuple[int, Sentence]:
    """The position of the certificate, and the rule: one of those known to be only the verifier's own."""
    if "_" in name or not name.isascii():
        return 0, Sentence("{name} is no name that a certificate can prove (RFC 5280 §4.2.1.6)", name=name)
    basic = path.leaf.extension(x509.BasicConstraints)
    if basic is not None and basic.ca:
        return 0, Sentence("the first certificate is a CA's (basicConstraints), not a server's")
    for position, issuer in enumerate(path.certificates[1:], start=1):
        if issuer.key.startswith("Ed"):
            return position, Sentence(
                "the CA {subject} signs with {key}; RSA and ECDSA are accepted of CAs",
                subject=issuer.subject,
                key=issuer.key,
            )
    return 0, Sentence("the verifier refused it, and no single check here says why")


def _checks(path: Path, position: int, name: str | None, moment: Moment | None, trusted: Check) -> Iterator[Check]:
    """The checks of the certificate at `position` (0: the leaf), in the order in which they are shown."""
    certificate = path.certificates[position]
    last = position == len(path.certificates) - 1
    if position == 0:
        yield check_name(certificate, name)
    yield check_dates(certificate, moment)
    yield check_key(certificate)
    if position == 0:
        yield check_purpose(certificate)
    else:
        yield check_constraints(path, position)
    # A root is trusted for being known: who signed it, itself or an older root, proves nothing more.
    if not (last and path.anchor):
        yield check_signature(path, position)
    if last:
        yield trusted


def _check_trusted(path: Path, name: str | None, *, against_a_store: bool) -> Check:
    """Does the path end at a certificate that was trusted beforehand? `name` is the server's, if that is known."""
    if path.anchor:
        return Check("trusted", ok=True, detail=path.anchor.source)
    if not against_a_store:
        return Check("trusted", None, "no trusted certificates to compare with")
    last = path.certificates[-1]
    if not last.self_issued:
        finding = Finding("missing_issuer", {"subject": last.subject, "issuer": last.issuer})
    elif last is path.leaf:
        finding = Finding("self_signed", {"subject": last.subject, "issuer": last.subject})
    else:
        # A chain is a server's: what its first certificate calls itself need not be what one has asked for.
        finding = Finding("unknown_ca", {"server": name or path.leaf.subject, "issuer": last.subject})
    return Check("trusted", False, finding.sentence, finding)


def _step(certificate: Certificate, checks: tuple[Check, ...], *, sent: bool) -> ChainStep:
    return ChainStep(
        subject=certificate.subject,
        issuer=certificate.issuer,
        names=certificate.names,
        key=certificate.key,
        serial=certificate.serial,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        sha256=certificate.sha256,
        spki_sha256=spki_pin(certificate.public_key) if certificate.public_key else None,
        sent=sent,
        checks=checks,
        der=certificate.der,
    )
