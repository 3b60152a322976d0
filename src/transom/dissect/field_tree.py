"""One message of a timeline as Wireshark's packet details show it: its records, its header, every field.

    TLSv1.2 Record Layer: Handshake Protocol: Client Hello
        Content Type: Handshake (22)
        Version: TLS 1.0 (0x0301)
        Length: 512
        Handshake Protocol: Client Hello
            Handshake Type: Client Hello (1)
            ...

Labels are Wireshark's where they are true. A signature is called a signature.
"""

from __future__ import annotations

from transom.dissect.labels import GROUPED
from transom.dissect.lines import Line, Pen, Space, counted
from transom.dissect.struct_tree import code_point, write_fields
from transom.dissect.timeline import Message
from transom.tls.iana.content_types import ContentType
from transom.tls.iana.handshake_types import HandshakeType
from transom.tls.iana.versions import ProtocolVersion
from transom.tls.messages.frame import HEADER, LONGEST, Frame
from transom.tls.messages.hello import ServerHello
from transom.tls.sightings import Record

RECORD_HEADER = 5
MOST_RECORDS = 100
"""Of one message: each may carry a single byte of it."""

OPENED = "[opened with the key log]"

_ALERTS = ("Alert", "EncryptedAlert")


def field_tree(message: Message, version: ProtocolVersion | None = None) -> list[Line]:
    """The lines of `message`, outermost first. One that nobody would take for its length is not taken apart.

    `version` is the session's, for the headings; while it is not known, the record's own stands there.
    """
    pen = Pen()
    last = len(message.records) - 1
    for position, record in enumerate(message.records[:MOST_RECORDS]):
        part = "" if last == 0 else " (last fragment)" if position == last else " (fragment)"
        _write_record(pen, record, _protocol(message) + part, version)
    if left := message.records[MOST_RECORDS:]:
        start, end = left[0].offset, left[-1].offset + RECORD_HEADER + left[-1].length
        with pen.declared("8446 §5.1", Space.STREAM):
            pen.line(f"[{counted(len(left), 'record')} more]", start, end - start)
    with pen.beneath():
        _write_content(pen, message)
    return pen.lines


def _write_record(pen: Pen, record: Record, protocol: str, version: ProtocolVersion | None) -> None:
    opened = f" {OPENED}" if record.inner_type is not None and record.sealed else ""
    # The type of a TLS 1.3 record says nothing of what is inside: Wireshark calls it opaque.
    disguised = record.sealed and record.content_type is ContentType.application_data
    with pen.declared("8446 §5.2" if disguised else "8446 §5.1", Space.STREAM):
        layer = (version or record.version).dotted
        pen.line(f"{layer} Record Layer: {protocol}{opened}", record.offset, RECORD_HEADER + record.length)
        with pen.beneath():
            kind = "Opaque Type" if disguised else "Content Type"
            pen.line(f"{kind}: {code_point(record.content_type)}", record.offset, 1)
            pen.line(f"Version: {code_point(record.version)}", record.offset + 1, 2)
            pen.line(f"Length: {record.length}", record.offset + 3, 2)
            if disguised and record.inner_type is not None:
                inner = record.offset + RECORD_HEADER
                pen.line(f"[Content Type: {code_point(record.inner_type)}]", inner, record.length)


def _protocol(message: Message) -> str:
    """What the record layer's heading says is inside."""
    if message.name == "ChangeCipherSpec":
        return "Change Cipher Spec Protocol: Change Cipher Spec"
    if message.name in _ALERTS:
        return f"Alert ({_alert_summary(message)})"
    return f"Handshake Protocol: {_title(message)}"


def _alert_summary(message: Message) -> str:
    if message.alert is None:
        return "Encrypted"
    level, description = message.alert
    return f"Level: {_capitals(level.name)}, Description: {_capitals(description.name)}"


def _title(message: Message) -> str:
    if message.type is None:
        return "Encrypted Handshake Message"
    return _structure_title(message, message.type)


def _structure_title(message: Message, kind: HandshakeType) -> str:
    if isinstance(message.value, ServerHello) and message.value.is_retry_request:
        return "Hello Retry Request"
    return kind.title


def _write_content(pen: Pen, message: Message) -> None:
    if message.name == "ChangeCipherSpec":
        with pen.declared("5246 §7.1"):
            pen.line("Change Cipher Spec Message", 0, message.length)
    elif message.name in _ALERTS:
        _write_alert(pen, message)
    elif message.frame is None:
        with pen.declared("8446 §5.2"):
            pen.line(f"Handshake Protocol: {_title(message)}", 0, message.length)
    else:
        _write_handshake(pen, message, message.frame)


def _write_alert(pen: Pen, message: Message) -> None:
    with pen.declared("8446 §6"):
        if message.alert is None:
            pen.line("Alert Message: Encrypted Alert", 0, message.length)
            return
        level, description = message.alert
        pen.line("Alert Message", 0, message.length)
        with pen.beneath():
            pen.line(f"Level: {_capitals(level.name)} ({level:d})", 0, 1)
            pen.line(f"Description: {_capitals(description.name)} ({description:d})", 1, 1)


def _capitals(name: str) -> str:
    """`Handshake Failure`, as Wireshark writes an alert."""
    return name.replace("_", " ").title()


def _write_handshake(pen: Pen, message: Message, frame: Frame) -> None:
    with pen.declared("8446 §4"):
        pen.line(f"Handshake Protocol: {_title(message)}", 0, len(frame.raw))
        with pen.beneath():
            pen.line(f"Handshake Type: {_title(message)} ({frame.type:d})", 0, 1)
            pen.line(f"Length: {len(frame.body)}", 1, 3)
            _write_body(pen, message, frame)


def _write_body(pen: Pen, message: Message, frame: Frame) -> None:
    if len(frame.body) > LONGEST:
        text = f"Data ({len(frame.body)} bytes) [longer than {LONGEST} bytes: not taken apart]"
        pen.line(text, HEADER, len(frame.body))
        return
    if message.structure is None:
        if frame.body:
            pen.line(f"Data ({len(frame.body)} bytes)", HEADER, len(frame.body))
        return
    structure = message.structure
    tree = structure.look(frame.body).tree
    heading = GROUPED.get(structure.__name__)
    if heading is None:
        write_fields(pen, tree, HEADER)
        return
    with pen.declared(structure.rfc):
        pen.line(heading, HEADER, len(frame.body))
    with pen.beneath():
        write_fields(pen, tree, HEADER)
