"""Two conversations of the capture side by side, each as this view's observer saw it: `transom compare` on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from transom.dissect.both_ends import BothEnds, Place, with_ends
from transom.dissect.column import Column, column
from transom.dissect.differences import Comparison
from transom.dissect.exchanges import Exchange
from transom.dissect.journey import Carried, Journey, Kind, Seen
from transom.dissect.json_lines import Line
from transom.dissect.meaning import meanings_of
from transom.dissect.portrait import Key, Portrait, Portraitist
from transom.dissect.portrait import Told as FieldTold
from transom.dissect.session import Session
from transom.dissect.timeline import HttpBody, HttpRequest, HttpResponse, Item
from transom.http.messages import Headers
from transom.value import value
from transom.web.model.context import Context
from transom.web.model.names import named
from transom.web.model.told import Compared, Comparer
from transom.wire.tap import Side

_REQUEST = Key("http", "request")
_FINAL = 200
"""From this status on: what comes before is informational (RFC 9110 §15.2)."""


def compare(a: Context, b: Context, ways: Sequence[Context], ends: BothEnds | None, comparer: Comparer) -> Line:
    """Where they part, every field of both, and what each cost where both brought the same file, by language.

    `ways` are the columns of the costs, the two among them: see `model.ways`. One that is not read yet is left out.
    """
    comparison = _comparison(a, b, ends)
    carried = _carried([a, b])
    shown = [context for context in ways if context.looked.over or context in (a, b)] if carried is not None else []
    columns = [_column(context, carried) for context in shown] if carried is not None else []
    told = comparer(Compared(comparison, meanings_of(comparison), carried, columns))
    return {
        "a": a.looked.number,
        "b": b.looked.number,
        "columns": [context.looked.number for context in shown],
        "over": all(context.looked.over for context in (a, b, *ways)),
        "told": told,
    }


def _comparison(a: Context, b: Context, ends: BothEnds | None) -> Comparison:
    one, other = _portrait(a), _portrait(b)
    places = [_place(context) for context in (a, b)]
    if ends is None or places[0] is None or places[1] is None:
        return Comparison(one, other)
    return Comparison(with_ends(one, places[0], ends, "a"), with_ends(other, places[1], ends, "b"), ends)


def _place(context: Context) -> Place | None:
    ends = context.seen.facts.endpoints
    return Place(context.looked.path, context.looked.number, ends) if ends else None


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
    """What the server sent most of, and what it is called."""

    name: str
    body: HttpBody

    @classmethod
    def of(cls, context: Context) -> _Download | None:
        bodies = [item for item in context.seen.items if isinstance(item, HttpBody) and item.side is Side.SERVER]
        whole = [body for body in bodies if body.complete and body.identity]
        body = max(whole, key=lambda body: body.length, default=None)
        if body is None:
            return None
        request = next((item for item in context.seen.items if _asks_for(item, body)), None)
        if not isinstance(request, HttpRequest):
            return cls("", body)
        answer = next((item for item in context.seen.items if _answers(item, body)), None)
        headers = answer.headers if isinstance(answer, HttpResponse) else Headers()
        target = Exchange(body.stream, request).path or ""
        return cls(context.masking.text(named(context.masking.text(target), headers)), body)


def _asks_for(item: Item, body: HttpBody) -> bool:
    return isinstance(item, HttpRequest) and item.stream == body.stream


def _answers(item: Item, body: HttpBody) -> bool:
    return isinstance(item, HttpResponse) and item.stream == body.stream and item.status >= _FINAL


def _carried(contexts: Sequence[Context]) -> Carried | None:
    """The file that came in one of them, unless another came in the other, or none in one that is not sealed.

    What is cut short has no true figures.
    """
    downloads = [(_Download.of(context), _is_sealed(context)) for context in contexts]
    found = [download for download, _ in downloads if download is not None]
    missing = any(download is None and not is_sealed for download, is_sealed in downloads)
    if not found or missing or len({one.body.identity for one in found}) > 1:
        return None
    if any(context.seen.is_cut for context in contexts):
        return None
    body = found[0].body
    return Carried(found[0].name, body.length, body.identity or "", body.withheld.why if body.withheld else None)


def _is_sealed(context: Context) -> bool:
    tls = context.seen.facts.tls
    return tls is not None and tls.why_not is not None


def _column(context: Context, carried: Carried) -> Column:
    seen, path = context.seen, context.looked.seen["without-keys"]
    session = Session.of(seen.items)
    download = _Download.of(context)
    journey = Journey(
        _kind(session, is_tls=seen.facts.tls is not None),
        Seen(tuple(seen.items), seen.facts),
        Seen(tuple(path.items), path.facts),
        (seen.facts.end or 0) - context.start,
        (download.body.identity if download else None) or "",
        # Of a server whose key nobody here has it is told from the suite (RFC 5246 §7.4.7.1).
        session.is_static_rsa if seen.facts.tls is not None else None,
    )
    found = column(journey, carried)
    return replace(found, request=None if found.request is None else context.masking.text(found.request))


def _kind(session: Session, *, is_tls: bool) -> Kind:
    if not is_tls:
        return "http"
    return "tls13" if session.is_tls13 else "rsa" if session.is_static_rsa else "ecdhe"
