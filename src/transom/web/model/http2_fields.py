"""The frames of HTTP/2 as fields with their places: each header, what it frames, and beneath a field block its list."""

from __future__ import annotations

from collections.abc import Iterator

from transom.dissect.json_lines import Json
from transom.dissect.labels import label
from transom.dissect.lines import Space
from transom.http.h2 import frames
from transom.http.h2.direction import Direction, HeaderBlock, Trouble
from transom.http.h2.fields import Field, Form
from transom.http.h2.framer import DataStretch, Frame
from transom.http.h2.frames import HEADER_LENGTH, PREFACE, FrameHeader, FrameType, error_name
from transom.value import value
from transom.wire.codepoint import CodePoint
from transom.wire.escape import escape
from transom.wire.tap import Side
from transom.wire.tree import Node


@value
class Row:
    """One field: `[start, end)` of its side's stream."""

    depth: int
    name: str
    value: str | None
    start: int
    end: int
    rfc: str

    def json(self, space: Space, origin: int) -> Json:
        """As the page takes it; its place counts from `origin`."""
        return {
            "depth": self.depth, "name": self.name, "value": self.value, "space": space.value,
            "offset": self.start - origin, "length": self.end - self.start, "rfc": self.rfc,
        }  # fmt: skip


def frame_rows(side: Side, data: bytes) -> list[Row]:
    """The rows of a side's stream from its beginning on, as far as `data` goes and makes sense."""
    rows: list[Row] = []
    direction = Direction(side, lambda _: True)
    if side is Side.CLIENT and data.startswith(PREFACE):
        rows.append(Row(0, "Connection preface", "PRI * HTTP/2.0", 0, len(PREFACE), "9113 §3.4"))
    for part in direction.receive(memoryview(data)):
        match part:
            case HeaderBlock():
                rows += _block(part, data)
            case DataStretch():
                rows += _content(part, data)
            case Frame():
                rows += _frame(part, data)
            case Trouble(start=start, end=end, problem=problem):
                rows.append(Row(0, f"[{problem.what}]", None, start, end, "9113 §5.4"))
    return rows


def _header(start: int, end: int, data: bytes) -> Iterator[Row]:
    """What stands before every payload."""
    header = FrameHeader.decode(data[start : start + HEADER_LENGTH])
    stream = header.stream_identifier & frames.STREAM_BITS
    kind = header.type.title if header.type.is_known else f"Unknown ({header.type:d})"
    rfc = _SECTIONS.get(header.type, "9113 §4.1")
    yield Row(0, f"HTTP/2 Stream: {kind}, Stream ID: {stream}, Length {header.length}", None, start, end, rfc)
    flags = ", ".join(name for bit, name in _FLAGS.get(header.type, ()) if header.flags & bit)
    said = f"0x{header.flags:02x}" + (f" ({flags})" if flags else "")
    for name, content, at, count in (
        ("Length", str(header.length), 0, 3),
        ("Type", f"{kind} ({header.type:d})", 3, 1),
        ("Flags", said, 4, 1),
        ("Stream Identifier", str(stream), 5, 4),
    ):
        yield Row(1, name, content, start + at, start + at + count, "9113 §4.1")


def _frame(frame: Frame, data: bytes) -> Iterator[Row]:
    yield from _header(frame.start, frame.end, data)
    structure = frames.PAYLOADS.get(frame.type)
    payload = frame.start + HEADER_LENGTH
    if structure is not None and frame.payload is not None:
        yield from _tree(structure.look(frame.payload).tree, payload, 1)
    elif frame.length:
        yield Row(1, "Payload", f"{frame.length} bytes", payload, frame.end, "9113 §4.1")


def _tree(node: Node, base: int, depth: int) -> Iterator[Row]:
    for child in node.children:
        name = label(node.kind or "", child.name).name
        if child.name.startswith("["):
            name = "Setting"
        place = base + child.offset, base + child.offset + child.length
        yield Row(depth, name, _shown(child), *place, child.rfc or node.rfc or "9113 §6")
        yield from _tree(child, base, depth + 1)
    if node.error:
        yield Row(depth, f"[Malformed: {escape(node.error)}]", None, base, base + node.length, node.rfc or "9113 §6")


def _shown(node: Node) -> str | None:
    if node.name == "error_code" and isinstance(node.value, int):
        return f"{error_name(node.value)} ({node.value})"
    match node.value:
        case CodePoint() as point:
            return f"{point.title if point.is_known else 'Unknown'} ({point:d})"
        case int() as number:
            return str(number)
        case bytes() as opaque:
            return opaque[:32].hex()
        case _:
            return None


def _content(part: DataStretch, data: bytes) -> Iterator[Row]:
    begins = part.at - part.start >= HEADER_LENGTH or (part.ends_frame and not part.length)
    if begins:
        yield from _header(part.start, part.end, data)
    if part.data:
        yield Row(1, "Data", f"{len(part.data)} bytes", part.at, part.at + len(part.data), "9113 §6.1")


def _block(block: HeaderBlock, data: bytes) -> Iterator[Row]:
    for frame in block.frames:
        yield from _header(frame.start, frame.end, data)
    if not block.fragments:
        return
    start, end = block.fragments[0][0], block.fragments[-1][1]
    yield Row(1, "Header Block Fragment", f"{sum(b - a for a, b in block.fragments)} bytes", start, end, "7541 §3.2")
    for field in block.block.fields:
        yield _field(field, block)
    if block.block.error:
        yield Row(2, f"[{block.block.error}]", None, start, end, "7541")


def _field(field: Field, block: HeaderBlock) -> Row:
    start, end = _place(field.start, block), _place(field.end - 1, block) + 1
    if field.form is Form.SIZE_UPDATE:
        return Row(2, "Dynamic Table Size Update", str(field.index), start, end, "7541 §6.3")
    name = "?" if field.name is None else escape(field.name)
    content = "?" if field.value is None else escape(field.value)
    coded = "Huffman, " if field.value_at is not None and field.value_at.huffman else ""
    how = f"index {field.index}" if field.form is Form.INDEXED else field.form.value
    return Row(2, f"Header: {name}", f"{content}  [{coded}{how}]", start, end, _FORMS[field.form])


def _place(at: int, block: HeaderBlock) -> int:
    """Where a byte of the joined block stands in the stream."""
    for start, end in block.fragments:
        if at < end - start:
            return start + at
        at -= end - start
    return block.end


_FORMS = {
    Form.INDEXED: "7541 §6.1",
    Form.INCREMENTAL: "7541 §6.2.1",
    Form.PLAIN: "7541 §6.2.2",
    Form.NEVER: "7541 §6.2.3",
}
_SECTIONS = {
    FrameType.DATA: "9113 §6.1",
    FrameType.HEADERS: "9113 §6.2",
    FrameType.PRIORITY: "9113 §6.3",
    FrameType.RST_STREAM: "9113 §6.4",
    FrameType.SETTINGS: "9113 §6.5",
    FrameType.PUSH_PROMISE: "9113 §6.6",
    FrameType.PING: "9113 §6.7",
    FrameType.GOAWAY: "9113 §6.8",
    FrameType.WINDOW_UPDATE: "9113 §6.9",
    FrameType.CONTINUATION: "9113 §6.10",
}
_END_STREAM = (frames.END_STREAM, "End Stream")
_END_HEADERS = (frames.END_HEADERS, "End Headers")
_PADDED = (frames.PADDED, "Padded")
_FLAGS: dict[FrameType, tuple[tuple[int, str], ...]] = {
    FrameType.DATA: (_END_STREAM, _PADDED),
    FrameType.HEADERS: (_END_STREAM, _END_HEADERS, _PADDED, (frames.PRIORITY_FLAG, "Priority")),
    FrameType.PUSH_PROMISE: (_END_HEADERS, _PADDED),
    FrameType.CONTINUATION: (_END_HEADERS,),
    FrameType.SETTINGS: ((frames.ACK, "ACK"),),
    FrameType.PING: ((frames.ACK, "ACK"),),
}
