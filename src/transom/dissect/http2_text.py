"""HTTP/2 as text: a line for each frame that is no message, header fields as lines, bodies in their charset.

[SETTINGS · MAX_CONCURRENT_STREAMS 128]
[HEADERS · stream 1]
:method: GET
:path: /f.bin

[DATA · stream 1]
...
"""

from __future__ import annotations

from collections.abc import Iterator

from transom.dissect.charset import TextDecoder, charset_of
from transom.http.h2 import frames
from transom.http.h2.direction import Direction, HeaderBlock, Trouble
from transom.http.h2.fields import Form
from transom.http.h2.framer import DataStretch, Frame
from transom.http.h2.frames import error_name
from transom.http.messages import Headers
from transom.wire.tap import Buffer, Side


class Http2Text:
    """The text of both sides; `heads` are the header fields that were last seen of each."""

    def __init__(self) -> None:
        self.heads: dict[Side, Headers] = {}
        self._directions = {side: Direction(side, lambda _: True) for side in Side}
        self._decoders: dict[tuple[Side, int], TextDecoder] = {}
        self._last: int | None = None

    def receive(self, side: Side, data: Buffer) -> str:
        """The text of the next bytes of `side`: what is whole with them."""
        return "".join(self._parts(side, data))

    def _parts(self, side: Side, data: Buffer) -> Iterator[str]:
        for part in self._directions[side].receive(memoryview(data)):
            match part:
                case DataStretch():
                    yield from self._content(side, part)
                case HeaderBlock():
                    yield self._begin_line() + self._head(side, part)
                case Frame():
                    yield self._begin_line() + f"[{' · '.join(_frame(part))}]\r\n"
                case Trouble(problem=problem):
                    yield self._begin_line() + f"[{problem.what}]\r\n"

    def _begin_line(self) -> str:
        """Content need not end with its line."""
        interrupted, self._last = self._last is not None, None
        return "\r\n" if interrupted else ""

    def _head(self, side: Side, block: HeaderBlock) -> str:
        said = [field for field in block.block.fields if field.form is not Form.SIZE_UPDATE]
        if not block.promised:
            known = [(field.name, field.value) for field in said if field.name is not None and field.value is not None]
            self.heads[side] = Headers(known)
            decoder = self._decoders[side, block.number] = TextDecoder()
            decoder.change(charset_of(self.heads[side]))
        kind = "HEADERS" if not block.promised else f"PUSH_PROMISE · stream {block.promised}"
        lines = [f"[{kind} · stream {block.number}{' · END_STREAM' if block.ends_stream else ''}]"]
        lines += [f"{_known(field.name)}: {_known(field.value)}" for field in said]
        return "\r\n".join((*lines, "", ""))

    def _content(self, side: Side, part: DataStretch) -> Iterator[str]:
        if part.data:
            if self._last != part.stream:
                yield self._begin_line() + f"[DATA · stream {part.stream}]\r\n"
                self._last = part.stream
            decoder = self._decoders.setdefault((side, part.stream), TextDecoder())
            yield decoder.decode(bytes(part.data))
        if part.ends_stream:
            self._decoders.pop((side, part.stream), None)
            yield self._begin_line()


def _known(text: bytes | None) -> str:
    return "?" if text is None else text.decode("utf-8", "surrogateescape")


def _frame(frame: Frame) -> Iterator[str]:
    """Its type and what it says."""
    yield frame.type.title if frame.type.is_known else f"type 0x{frame.type:02x}"
    if frame.stream:
        yield f"stream {frame.stream}"
    structure = frames.PAYLOADS.get(frame.type)
    said = structure.look(frame.payload or b"").value if structure is not None else None
    match said:
        case frames.Settings(settings=settings):
            yield from (f"{setting.identifier.title} {setting.value}" for setting in settings)
            if frame.flags & frames.ACK:
                yield "ACK"
        case frames.WindowUpdate(window_size_increment=increment):
            yield f"{increment:,}"
        case frames.RstStream(error_code=code):
            yield error_name(code)
        case frames.GoAway(error_code=code, last_stream_identifier=last):
            yield from (error_name(code), f"last stream {last}")
        case frames.PriorityFields(weight=weight):
            yield f"weight {weight + 1}"
        case _:
            yield f"{frame.length:,} B"
