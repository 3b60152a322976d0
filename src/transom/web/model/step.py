"""One step in full: what it is for, every field, the bytes it was read from, and where they lie."""

from __future__ import annotations

from collections.abc import Iterator

from transom.dissect.field_tree import MOST_RECORDS, RECORD_HEADER
from transom.dissect.json_lines import Json, Line
from transom.dissect.lines import Space
from transom.dissect.sections import section, section_of
from transom.dissect.timeline import ApplicationData, HttpRequest, HttpResponse, Message
from transom.errors import UsageError
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.sightings import Record
from transom.web.model.context import Context
from transom.web.model.entries import Entry
from transom.web.model.http2_fields import Row
from transom.web.model.http_fields import head_fields
from transom.web.model.other_version import other_version, session_version
from transom.web.model.step_fields import message_fields
from transom.web.model.story import NO_STEP, http_lines, message_size
from transom.web.model.watched import MOST_SHOWN
from transom.wire.tap import Side

MOST_OF_A_MESSAGE = 16 * 1024
"""Bytes of a message or a head that a step shows; a browser takes seconds for a hundred thousand of them.

The chains of the web have less; what a peer may make of one is sixteen MiB (RFC 8446 §4).
"""


def step(context: Context, name: str) -> Line:
    """The entry of that id. Raises UsageError where there is none."""
    entry = context.entry.get(name)
    match entry.item if entry else None:
        case Message() as message if entry:
            return _message(message, entry, context)
        case ApplicationData() as run if entry:
            return _run(run, entry, context)
        case HttpRequest() | HttpResponse() as head if entry:
            return _http(head, entry, context)
        case _:
            raise UsageError(f"no step {name} in this conversation")


def _message(message: Message, entry: Entry, context: Context) -> Line:
    """`blocks` are the bytes, `fields` what they say; both are placed in the stream or in the message alone."""
    version = session_version(context)
    narration = context.narration
    return {
        "id": entry.id,
        "kind": "message",
        "step": NO_STEP if message.step is None else message.step,
        "name": message.name,
        "from": message.side.value,
        "length": message_size(message),
        "sealed": message.sealed,
        "opened": message.sealed and message.opened,
        "proof": message.proof,
        "at": context.since_start(message),
        "packet": message.moment.packet,
        "sentence": dict(narration.sentence(message)),
        "note": dict(narration.note(message)),
        "facts": [{"label": dict(label), "text": dict(text)} for label, text in narration.facts(message)],
        "rfc": section(message, version),
        "other": _other_version(message, context),
        "fields": list(message_fields(message, version)),
        "blocks": list(_blocks(message, entry, context)),
        "records": [_record(record) for record in message.records[:MOST_RECORDS]],
    }


def _other_version(message: Message, context: Context) -> Json:
    """Nothing is said of what stays shut: that it has a counterpart would tell what it is."""
    if message.sealed and not message.opened:
        return None
    return other_version(message.step or message.name, context)


def _content(message: Message) -> bytes:
    """What a message's own offsets count in."""
    return message.frame.raw if message.frame is not None else message.fragment


def _blocks(message: Message, entry: Entry, context: Context) -> Iterator[Line]:
    kept = {found.offset: found.data for found in context.seen.records.get(entry.place, [])}
    for record in message.records[:MOST_RECORDS]:
        data = kept.get(record.offset)
        if data is None:
            continue
        yield _block("header", Space.STREAM, record.offset, data[:RECORD_HEADER], RECORD_HEADER)
        if record.sealed:
            yield _block("sealed", Space.STREAM, record.offset + RECORD_HEADER, data[RECORD_HEADER:], record.length)
    if content := _content(message):
        state = "opened" if message.sealed else "open"
        yield _block(state, Space.MESSAGE, 0, content[:MOST_OF_A_MESSAGE], len(content))


def _block(state: str, space: Space, offset: int, data: bytes, length: int) -> Line:
    """`length` is the whole; `hex` may be the beginning of it."""
    return {"state": state, "space": space.value, "offset": offset, "hex": data.hex(), "length": length}


def _record(record: Record) -> Json:
    return {
        "offset": record.offset,
        "length": record.length,
        "type": record.content_type.title,
        "inner_type": record.inner_type.title if record.inner_type is not None else None,
        "sealed": record.sealed,
    }


def _run(run: ApplicationData, entry: Entry, context: Context) -> Line:
    blocks: list[Json] = []
    crossed = context.wire[run.side][run.offset : run.offset + min(run.wire_bytes, MOST_SHOWN)]
    if crossed and not context.looked.wire.gaps[run.side]:
        blocks.append(_block("header", Space.STREAM, run.offset, crossed[:RECORD_HEADER], RECORD_HEADER))
        sealed, left = crossed[RECORD_HEADER:], run.wire_bytes - RECORD_HEADER
        blocks.append(_block("sealed", Space.STREAM, run.offset + RECORD_HEADER, sealed, left))
    start = context.seen.plaintext_from.get(entry.place, 0)
    opened = _plaintext(run, start, context)
    if run.length and opened:
        blocks.append(_block("opened", Space.MESSAGE, 0, opened, run.length))
    return {
        "id": entry.id,
        "kind": "data",
        "step": run.step,
        "name": "ApplicationData",
        "from": run.side.value,
        "length": run.length,
        "wire_bytes": run.wire_bytes,
        "records": run.records,
        "sealed": run.sealed,
        "opened": run.length is not None,
        "proof": None,
        "at": context.since_start(run),
        "packet": run.moment.packet,
        "sentence": "step.sealed_records" if _may_be_anything(run, context) else "step.application_data",
        "note": {},
        "facts": [],
        "rfc": section_of("ApplicationData", session_version(context)),
        "other": other_version(run.step, context),
        "fields": [*_record_fields(run, crossed), *_head_fields(run, entry, start, opened, context)],
        "blocks": blocks,
        "http": http_lines(entry.http, context),
    }


def _may_be_anything(run: ApplicationData, context: Context) -> bool:
    """In TLS 1.3 what stays shut has the type of data, whatever it is (RFC 8446 §5.2)."""
    version = session_version(context)
    return run.sealed and run.length is None and version is not None and version >= ProtocolVersion.TLSv1_3


def _record_fields(run: ApplicationData, crossed: bytes) -> list[Json]:
    """The header of the first record: all that a sealed one shows."""
    if len(crossed) < RECORD_HEADER:
        return []
    version, length = int.from_bytes(crossed[1:3], "big"), int.from_bytes(crossed[3:5], "big")
    rows = (
        (0, "Record Layer: Application Data", None, 0, RECORD_HEADER + length),
        (1, "Opaque Type", f"Application Data ({crossed[0]})", 0, 1),
        (1, "Version", f"{ProtocolVersion(version).title} (0x{version:04x})", 1, 2),
        (1, "Length", str(length), 3, 2),
        (1, "Encrypted Application Data", f"{length} bytes", RECORD_HEADER, length),
    )
    return [
        {
            "depth": depth, "name": name, "value": content, "space": Space.STREAM.value,
            "offset": run.offset + at, "length": size, "rfc": "8446 §5.1",
        }
        for depth, name, content, at, size in rows
    ]  # fmt: skip


def _head_fields(run: ApplicationData, entry: Entry, start: int, opened: bytes, context: Context) -> Iterator[Json]:
    """The heads in what a run opened to, of HTTP/2 all frames; `start` is its place in its side's plaintext."""
    if context.is_http2:
        yield from _frame_fields(context.frames_opened[run.side], start, start + len(opened), Space.MESSAGE, start)
        return
    for item in entry.http:
        if isinstance(item, HttpRequest | HttpResponse):
            at = item.offset - start
            yield from head_fields(opened[max(at, 0) : max(at + item.head, 0)], at, Space.MESSAGE)


def _frame_fields(rows: list[Row], start: int, end: int, space: Space, origin: int) -> Iterator[Json]:
    """The frames that begin in `[start, end)`, and what is in that of one that began before."""
    return (row.json(space, origin) for row in rows if start <= row.start < end)


def _plaintext(run: ApplicationData, start: int, context: Context) -> bytes:
    if context.withheld:
        return b""
    return context.plaintext[run.side][start : start + min(run.length or 0, MOST_SHOWN)]


def _http(head: HttpRequest | HttpResponse, entry: Entry, context: Context) -> Line:
    """A head that crossed in the clear."""
    asks = isinstance(head, HttpRequest)
    side = head.side if isinstance(head, HttpRequest) else Side.SERVER
    end = head.offset + head.head
    data = context.wire[side][head.offset : end]
    if head.version == "2":
        rows = context.frames_crossed[side]
        fields = list(_frame_fields(rows, head.offset, end, Space.STREAM, 0))
    else:
        fields = head_fields(data, head.offset, Space.STREAM)
    return {
        "id": entry.id,
        "kind": "http",
        "step": None,
        "name": "HTTP request" if asks else "HTTP response",
        "from": side.value,
        "length": head.head,
        "sealed": False,
        "opened": False,
        "proof": None,
        "at": context.since_start(head),
        "packet": head.moment.packet,
        "sentence": "page.http.request" if asks else "page.http.response",
        "note": {},
        "facts": [],
        "rfc": "9113 §8.3" if head.version == "2" else "9112 §3" if asks else "9112 §4",
        "other": None,
        "fields": fields,
        "blocks": [_block("open", Space.STREAM, head.offset, data[:MOST_OF_A_MESSAGE], head.head)] if data else [],
        "http": http_lines((head, *entry.http), context),
    }
