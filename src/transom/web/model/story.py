"""The story of one conversation: its messages in order, the steps that do not cross, and where sealing begins."""

from __future__ import annotations

from collections.abc import Iterator

from transom.dissect.json_lines import Json, Line, seconds
from transom.dissect.timeline import (
    ApplicationData,
    Closed,
    HttpBody,
    HttpRequest,
    HttpResponse,
    Message,
    Problem,
    SealedFromHere,
)
from transom.tls.iana.alerts import AlertLevel
from transom.tls.messages.frame import HEADER
from transom.tls.suites import KeyExchange, take_apart
from transom.web.model.bodies import body_line
from transom.web.model.context import Context
from transom.web.model.entries import Entry, Http
from transom.web.model.findings import finding_line
from transom.web.model.flights import folds
from transom.web.model.other_version import other_version
from transom.web.model.step_zero import step_zero
from transom.web.model.watched import MOST_ITEMS

NO_STEP = "+"


def story(context: Context) -> Line:
    """`items` in order, the steps that do not cross where they would stand; `before` is step 0, `folds` see `folds`."""
    return {
        "view": context.seen.view,
        "over": context.looked.over,
        "start": seconds(context.start),
        "before": step_zero(context),
        "items": _with_absent(list(_items(context)), context),
        "folds": folds(context.entries, context),
    }


def _with_absent(items: list[Line], context: Context) -> list[Json]:
    """A step that does not cross stands before the first message of a later one."""
    for line in _absent(context):
        place = next((at for at, item in enumerate(items) if _is_later(item, line)), len(items))
        items.insert(place, line | {"flight": items[min(place, len(items) - 1)]["flight"]})
    return list(items)


def _is_later(item: Line, absent: Line) -> bool:
    step, number = item.get("step"), absent["step"]
    return isinstance(step, int) and isinstance(number, int) and step > number and item["name"] != "ChangeCipherSpec"


def _items(context: Context) -> Iterator[Line]:
    """Where lines are left out, one that says so stands in their place, before what ended the conversation."""
    seen = context.seen
    left_out = seen.lines_left_out
    for entry in context.entries:
        if left_out and entry.place >= MOST_ITEMS:
            yield _left_out(entry, context)
            left_out = 0
        yield _item(entry, context)
    if left_out:
        yield _left_out(context.entries[-1], context)


def _left_out(near: Entry, context: Context) -> Line:
    seen = context.seen
    return {
        "id": "left",
        "flight": near.flight,
        "at": context.since_start(near.item),
        "packet": 0,
        "kind": "left",
        "lines": seen.lines_left_out,
        "exchanges": seen.exchanges,
    }


def _item(entry: Entry, context: Context) -> Line:
    item = entry.item
    line: Line = {"id": entry.id, "flight": entry.flight, "at": context.since_start(item), "packet": item.moment.packet}
    match item:
        case Message():
            return line | _message(item, entry, context)
        case ApplicationData():
            return line | _run(item, entry, context)
        case SealedFromHere():
            return line | {"kind": "sealed", "from": None if entry.both else item.side.value}
        case HttpRequest() | HttpResponse():
            return line | {"kind": "http", **http_lines((item, *entry.http), context)[0]}
        case Problem():
            side = item.side.value if item.side else None
            told = finding_line(item.code, item.where, item.what, context.narration, context.masking)
            return line | {"kind": "problem", "from": side} | told
        case Closed():
            return line | {"kind": "closed", "from": item.side.value, "how": item.how}
        case _:
            return line | {"kind": "other"}


def _message(item: Message, entry: Entry, context: Context) -> Line:
    """`joined`: it begins in a record that has a message before it."""
    return {
        "kind": "message",
        "step": NO_STEP if item.step is None else item.step,
        "name": item.name,
        "from": item.side.value,
        "length": message_size(item),
        "sealed": item.sealed,
        "opened": item.sealed and item.opened,
        "proof": item.proof,
        "fatal": item.alert is not None and item.alert[0] is AlertLevel.fatal,
        "offset": item.records[0].offset,
        "records": len(item.records),
        "joined": entry.id in context.joined,
        "note": dict(context.narration.note(item)),
    }


def message_size(item: Message) -> int:
    """With a handshake message's own header: that is what crosses."""
    return item.length + HEADER if item.frame is not None else item.length


def _run(item: ApplicationData, entry: Entry, context: Context) -> Line:
    return {
        "kind": "data",
        "step": item.step,
        "name": "ApplicationData",
        "from": item.side.value,
        "length": item.length,
        "wire_bytes": item.wire_bytes,
        "records": item.records,
        "sealed": item.sealed,
        "opened": item.length is not None,
        "offset": item.offset,
        "lasted": item.last.time - item.moment.time,
        "http": http_lines(entry.http, context),
    }


def http_lines(items: tuple[Http, ...], context: Context) -> list[Line]:
    """Each head with the body that followed it; a body whose head is elsewhere by itself."""
    lines: list[Line] = []
    for item in items:
        match item:
            case HttpRequest():
                target = context.masking.text(item.target)
                authority = None if item.authority is None else context.masking.authority(item.authority)
                lines.append({
                    "from": item.side.value, "stream": item.stream, "version": item.version, "head": item.head,
                    "method": item.method, "target": target, "authority": authority,
                    "body": None,
                })  # fmt: skip
            case HttpResponse():
                lines.append({
                    "from": "server", "stream": item.stream, "version": item.version, "head": item.head,
                    "status": item.status, "reason": context.masking.text(item.reason),
                    "content_type": context.masked("Content-Type", item.headers), "body": None,
                })  # fmt: skip
            case HttpBody():
                _add_body(lines, item)
    return lines


def _add_body(lines: list[Line], body: HttpBody) -> None:
    told = body_line(body)
    for line in lines:
        if line["from"] == body.side.value and line["stream"] == body.stream:
            line["body"] = told
            return
    lines.append({"from": body.side.value, "stream": body.stream, "body": told})


def _absent(context: Context) -> Iterator[Line]:
    """The steps of the nine that this handshake has no message for, each with the key of the reason."""
    tls = context.seen.facts.tls
    hello = tls.server_hello if tls else None
    if tls is None or hello is None or tls.resumed:
        return
    seen = {item.step for item in context.seen.items if isinstance(item, Message)}
    if tls.version == "TLSv1.3":
        yield _not_sent(5, "ServerHelloDone", "absent.server_hello_done_13", context)
        yield _not_sent(6, "ClientKeyExchange", "absent.client_key_exchange_13", context)
    elif 4 not in seen and (parts := take_apart(hello.cipher_suite)) and parts.key_exchange is KeyExchange.RSA:
        yield _not_sent(4, "ServerKeyExchange", "absent.server_key_exchange_rsa", context)


def _not_sent(step: int, name: str, why: str, context: Context) -> Line:
    other = other_version(step, context)
    return {"id": f"absent-{step}", "kind": "absent", "step": step, "name": name, "why": why, "other": other}
