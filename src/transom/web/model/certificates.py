"""Certificates: the chain as a drawing, what each check of it came to, and the hash computed beside the hash signed.

Nothing is judged here. The verdict is the observer's, and its words are the catalogue's.
"""

from __future__ import annotations

from datetime import UTC, datetime

from transom.dissect.json_lines import Json, Line
from transom.dissect.timeline import ChainJudged, Message
from transom.tls.iana.handshake_types import HandshakeType
from transom.trust.signature import signature_form, signed_hash
from transom.trust.store import Source
from transom.trust.verdict import ChainStep, Check, Verdict
from transom.web.model.context import Context
from transom.wire.tap import Side

_SOURCES = {
    Source.SYSTEM: "source.system",
    Source.CERTIFI: "source.certifi",
    Source.LOCAL_CA: "source.own_ca",
}
_CERTIFICATES = (HandshakeType.certificate, HandshakeType.compressed_certificate)
_NANOSECONDS = 10**9


def certificates(context: Context) -> Line:
    """`chain` is the path, leaf first; `why` there is none to be seen, as a key of the page's words."""
    judged = next((item for item in context.seen.items if isinstance(item, ChainJudged)), None)
    if judged is None:
        return {"chain": [], "why": why_none(context), "why_not": why_not(context)}
    moment = datetime.fromtimestamp(judged.moment.time // _NANOSECONDS, UTC)
    verdict = judged.verdict
    last = verdict.steps[-1] if verdict.steps else None
    has_anchor = verdict.trusted_by is not None
    return {
        "why": None,
        "step": _step_id(context),
        "moment": _minute(moment),
        "problem": _finding(verdict),
        "chain": chain_of(verdict, moment),
        "missing": last.issuer if last and not has_anchor and last.issuer != last.subject else None,
    }


def chain_of(verdict: Verdict, moment: datetime) -> list[Line]:
    """Each certificate of the path; `moment` is when it was judged."""
    return [_certificate(verdict, position, moment) for position in range(len(verdict.steps))]


def why_none(context: Context) -> str:
    """Why no chain is to be seen: a name in the page's words."""
    tls = context.seen.facts.tls
    if tls is None:
        return "plain"
    if tls.resumed:
        return "resumed"
    return "hidden" if tls.version == "TLSv1.3" else "not_seen"


def why_not(context: Context) -> str:
    """What is in the way of reading one: a name in the page's words."""
    tls = context.seen.facts.tls
    return (tls.why_not if tls else None) or "nothing-sealed"


def _step_id(context: Context) -> str | None:
    """The story's line that carried the chain: its step shows every field."""
    for entry in context.entries:
        item = entry.item
        if isinstance(item, Message) and item.type in _CERTIFICATES and item.side is Side.SERVER:
            return entry.id
    return None


def _certificate(verdict: Verdict, position: int, moment: datetime) -> Line:
    step = verdict.steps[position]
    issuer = _issuer(verdict, position)
    is_root = step.subject == step.issuer and position > 0
    return {
        "place": "root" if is_root else "middle" if position else "leaf",
        "subject": step.subject,
        "issuer": step.issuer,
        "names": list(step.names),
        "key": step.key,
        "serial": step.serial,
        "not_before": _minute(step.not_before),
        "not_after": _minute(step.not_after),
        "days_left": (step.not_after - moment).days,
        "sha256": step.sha256,
        "pin": step.spki_sha256,
        "sent": step.sent,
        "checks": [_check(check, step, issuer, verdict) for check in step.checks],
        "signature": _signature(step, issuer) if issuer else None,
    }


def _issuer(verdict: Verdict, position: int) -> ChainStep | None:
    """Whose key the signature was checked with; None where it was not: a root is trusted for being known."""
    step = verdict.steps[position]
    if not any(check.kind == "signature" for check in step.checks):
        return None
    if position + 1 < len(verdict.steps):
        return verdict.steps[position + 1]
    return step if step.subject == step.issuer else None


def _check(check: Check, step: ChainStep, issuer: ChainStep | None, verdict: Verdict) -> Line:
    """`values` fill the words of the kind, or of the problem where there is one."""
    values = {
        "name": check.detail,
        "first": _minute(step.not_before),
        "last": _minute(step.not_after),
        "key": step.key,
        "issuer": issuer.subject if issuer else step.issuer,
    }
    if check.finding:
        values |= check.finding.parts
    return {
        "kind": check.kind,
        "ok": check.ok,
        "problem": check.finding.code if check.finding else None,
        "values": values,
        "source": source(verdict.trusted_by) if check.kind == "trusted" else None,
    }


def source(trusted_by: str | None) -> Json:
    """The key of its words, and what was given; None when nobody was asked."""
    if trusted_by is None:
        return None
    known = next((key for source, key in _SOURCES.items() if source == trusted_by), None)
    return {"words": known or "source.given", "given": trusted_by}


def _signature(step: ChainStep, issuer: ChainStep) -> Json:
    form = signature_form(step.der)
    if form is None:
        return None
    shown = signed_hash(step.der, issuer.der)
    return {
        "scheme": form.scheme,
        "hash": form.algorithm,
        "computed": form.computed.hex() if form.computed else None,
        "shows_hash": shown is not None,
        "signed": shown.signed.hex() if shown and shown.signed else None,
        "issuer": issuer.subject,
    }


def _finding(verdict: Verdict) -> Json:
    if verdict.finding is None:
        return None
    return {"problem": verdict.finding.code, "values": dict(verdict.finding.parts)}


def _minute(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")
