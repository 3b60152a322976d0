"""Two conversations of the capture side by side, each as this view's observer saw it: `transom compare` on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from transom.dissect.column import Column, column
from transom.dissect.differences import Comparison
from transom.dissect.journey import Carried, Journey, Kind, Seen
from transom.dissect.json_lines import Line
from transom.dissect.meaning import meanings_of
from transom.dissect.portrait import Key, Portrait, Portraitist
from transom.dissect.portrait import Told as FieldTold
from transom.dissect.session import Session
from transom.dissect.timeline import HttpBody
from transom.value import value
from transom.web.model.context import Context
from transom.web.model.told import Compared, Comparer
from transom.wire.tap import Side

_REQUEST = Key("http", "request")


def compare(a: Context, b: Context, comparer: Comparer) -> Line:
    """Where they part, every field of both, and what each cost where both brought the same file, by language."""
    comparison = Comparison(_portrait(a), _portrait(b))
    carried = _carried([a, b])
    columns = [_column(context, carried) for context in (a, b)] if carried is not None else []
    told = comparer(Compared(comparison, meanings_of(comparison), carried, columns))
    return {"a": a.looked.number, "b": b.looked.number, "told": told}


def _portrait(context: Context) -> Portrait:
    portraitist = Portraitist()
    for item in context.seen.items:
        portraitist.take(item)
    portrait = portraitist.portrait(context.seen.facts)
    request = portrait.fields[_REQUEST]
    if isinstance(request.value, str):
        portrait.fields[_REQUEST] = FieldTold("seen", context.masking.text(request.value))
    return portrait


@value
class _Download:
    """What the server sent most of."""

    context: Context
    body: HttpBody | None

    @classmethod
    def of(cls, context: Context) -> _Download:
        bodies = [item for item in context.seen.items if isinstance(item, HttpBody) and item.side is Side.SERVER]
        whole = [body for body in bodies if body.complete and body.sha256]
        return cls(context, max(whole, key=lambda body: body.length, default=None))


def _carried(contexts: Sequence[Context]) -> Carried | None:
    """The file that came in one of them, unless another came in the other. What is cut short has no true figures."""
    bodies = [body for context in contexts if (body := _Download.of(context).body) is not None]
    if not bodies or len({body.sha256 for body in bodies}) > 1 or any(context.seen.is_cut for context in contexts):
        return None
    return Carried("", bodies[0].length, bodies[0].sha256 or "")


def _column(context: Context, carried: Carried) -> Column:
    seen, path = context.seen, context.looked.seen["without-keys"]
    session = Session.of(seen.items)
    body = _Download.of(context).body
    journey = Journey(
        _kind(session, is_tls=seen.facts.tls is not None),
        Seen(tuple(seen.items), seen.facts),
        Seen(tuple(path.items), path.facts),
        (seen.facts.end or 0) - context.start,
        (body.sha256 if body else None) or "",
        # Of a server whose key nobody here has it is told from the suite (RFC 5246 §7.4.7.1).
        session.is_static_rsa if seen.facts.tls is not None else None,
    )
    found = column(journey, carried)
    return replace(found, request=None if found.request is None else context.masking.text(found.request))


def _kind(session: Session, *, is_tls: bool) -> Kind:
    if not is_tls:
        return "http"
    return "tls13" if session.is_tls13 else "rsa" if session.is_static_rsa else "ecdhe"
