"""The fields of a message as rows: each suite taken apart beneath its own, and what a value means beside it."""

from __future__ import annotations

from collections.abc import Iterator

from transom.dissect.field_tree import RECORD_HEADER, field_tree
from transom.dissect.json_lines import Json, Line
from transom.dissect.lines import Line as FieldLine
from transom.dissect.lines import Space
from transom.dissect.remarks import Remark, remarks
from transom.dissect.suite_parts import SuitePart, suite_parts
from transom.dissect.timeline import Message
from transom.tls.iana.cipher_suites import CipherSuite
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.hello import ClientHello


def message_fields(message: Message, version: ProtocolVersion | None) -> Iterator[Line]:
    """A row a field. `version` is the session's.

    `remarks` stand beside it. The parts of a suite are rows without bytes of their own (`derived`): `part` and `use`
    are names in the page's words. Those of an offer are `folded`, and `beneath` is what is remarked on among them.
    """
    for line in field_tree(message, version):
        row = _row(line, message)
        parts = suite_parts(line.shown, message) if isinstance(line.shown, CipherSuite) else ()
        if parts:
            weak = [remark for part in parts for remark in part.remarks if remark.kind == "weak"]
            row["folded"] = isinstance(message.value, ClientHello)
            row["beneath"] = [_remark(remark) for remark in weak]
        yield row
        for part in parts:
            yield _part(part, row)


def _row(line: FieldLine, message: Message) -> Line:
    label, colon, content = line.text.partition(": ")
    space, offset = line.space, line.offset
    if space is Space.MESSAGE and message.frame is None and not message.fragment:
        # What stays shut has no bytes of its own to point at: it is the fragment on the wire.
        space, offset = Space.STREAM, message.records[0].offset + RECORD_HEADER
    row: Line = {
        "depth": line.depth,
        "name": label,
        "value": content if colon else None,
        "space": space.value,
        "offset": offset,
        "length": line.length,
        "rfc": line.rfc,
    }
    said = remarks(line.shown, message)
    return row | {"remarks": [_remark(remark) for remark in said]} if said else row


def _part(part: SuitePart, suite: Line) -> Line:
    row: Line = {
        "depth": int(str(suite["depth"])) + 1,
        "name": None,
        "part": part.role,
        "value": part.name,
        "use": part.use,
        "derived": True,
    }
    placed = {name: suite[name] for name in ("space", "offset", "length", "rfc")}
    return row | placed | {"remarks": [_remark(remark) for remark in part.remarks]}


def _remark(remark: Remark) -> Json:
    """Its words are `remark.CODE.badge` and `remark.CODE.why`."""
    return {"code": remark.code, "kind": remark.kind, "parts": dict(remark.parts)}
