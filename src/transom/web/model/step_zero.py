"""Step 0: the CA that signed for this very server, and the root that the client had to have beforehand."""

from __future__ import annotations

from transom.dissect.json_lines import Line
from transom.dissect.timeline import ChainJudged
from transom.web.model.certificates import source, why_none, why_not
from transom.web.model.context import Context
from transom.web.model.other_version import other_version


def step_zero(context: Context) -> Line | None:
    """Names as the chain gives them; `why` none is to be seen. None without TLS, and as long as it may still come."""
    if context.seen.facts.tls is None:
        return None
    line: Line = {"id": "before", "kind": "before", "step": 0, "other": other_version(0, context)}
    judged = next((item for item in context.seen.items if isinstance(item, ChainJudged)), None)
    if judged is None or not judged.verdict.steps:
        why = why_none(context) if judged is None else "not_seen"
        if why == "not_seen" and not context.looked.over:
            return None  # it may still come
        return line | {"why": why, "reason": why_not(context)}
    steps = judged.verdict.steps
    leaf, last = steps[0], steps[-1]
    signs_itself = leaf.subject == leaf.issuer
    return line | {
        "why": None,
        "subject": leaf.subject,
        "ca": None if signs_itself else leaf.issuer,
        "root": None if signs_itself else last.issuer,
        "between": [step.subject for step in steps[1:] if step.subject != step.issuer],
        "source": source(judged.verdict.trusted_by),
    }
