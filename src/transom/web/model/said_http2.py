"""What two sides said in HTTP/2 with the secrets taken out, so that what is left is still HTTP/2.

All is masked but what is known to be none: the framing, header fields that name no secret, bodies as those of HTTP/1
are. A value is masked in the coding it is in: a star is eight bits in Huffman's too (RFC 7541 appendix B), so a masked
string is as long as it was, and whoever reads the masked bytes reads stars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from transom.http.h2.direction import Direction, HeaderBlock, Part, Trouble
from transom.http.h2.fields import Field, Form
from transom.http.h2.framer import DataStretch, Frame
from transom.http.h2.frames import HEADER_LENGTH, PADDED, PREFACE, FrameType
from transom.http.messages import NO_HEADERS, Headers
from transom.value import value
from transom.web.model.scrub import scrub, stars
from transom.wire.tap import Side

_HUFFMAN_STAR = b"\xf9"
_PLAIN = (FrameType.SETTINGS, FrameType.WINDOW_UPDATE, FrameType.RST_STREAM, FrameType.PRIORITY)
"""Whose payload is numbers of the protocol's own."""

_BEFORE_DEBUG_DATA = 8

MaskBody = Callable[[bytes, Headers, list[int]], bytes]


@value
class Stretch:
    """Bytes of one side; `lost` are missing before them, None: nobody knows how many."""

    side: Side
    data: bytes
    lost: int | None = 0


def mask_http2(stretches: Iterable[Stretch], mask_body: MaskBody) -> dict[Side, bytes]:
    """Each side's stretches, joined."""
    tunnels: set[int] = set()
    reading = {side: _Side(side, tunnels) for side in Side}
    for stretch in stretches:
        reading[stretch.side].receive(stretch)
    return {side: reading[side].masked(mask_body) for side in Side}


@dataclass
class _Body:
    """Where its content stands, and the places in the content at which some is missing."""

    headers: Headers | None = None
    places: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    holes: list[int] = field(default_factory=list[int])
    length: int = 0


class _Side:
    """One side. It is followed until the first thing that is odd: behind that nothing is shown."""

    def __init__(self, side: Side, tunnels: set[int]) -> None:
        self._tunnels = tunnels
        """Streams on which something else is spoken, on both sides (RFC 9113 §8.5)."""
        self._data = bytearray()
        self._shown = bytearray()
        self._lost = 0
        self._over = False
        self._direction = Direction(side, lambda _: True)
        self._bodies: dict[int, list[_Body]] = {}
        self._preface = len(PREFACE) if side is Side.CLIENT else 0

    def receive(self, stretch: Stretch) -> None:
        if stretch.lost != 0:
            self._hole(stretch.lost)
        start = len(self._data)
        self._data += stretch.data
        self._shown += stars(stretch.data)
        if self._over:
            return
        self._show(start, min(self._preface, len(self._data)))
        for part in self._direction.receive(memoryview(stretch.data)):
            if not self._over:
                self._take(part)

    def masked(self, mask_body: MaskBody) -> bytes:
        for stream, bodies in self._bodies.items():
            for body in bodies if stream not in self._tunnels else ():
                self._mask_body(body, mask_body)
        return bytes(self._shown)

    def _hole(self, lost: int | None) -> None:
        """Inside a frame of DATA it is a hole of the body; anywhere else nobody knows what follows."""
        if lost is None or not 0 < lost < self._direction.content_left or self._over:
            self._over = True
            return
        self._lost += lost
        body = self._body(self._direction.stream)
        body.holes.append(body.length)
        self._direction.passed(lost)

    def _take(self, part: Part) -> None:
        match part:
            case HeaderBlock():
                self._block(part)
            case DataStretch():
                self._content(part)
            case Frame(payload=payload) if payload is not None:
                self._frame(part)
            case _:
                self._over = True
                if isinstance(part, Trouble):
                    return
                self._frame_header(part.start)

    def _frame_header(self, start: int) -> None:
        self._reveal(start, start + HEADER_LENGTH)

    def _frame(self, frame: Frame) -> None:
        self._frame_header(frame.start)
        if frame.type in _PLAIN:
            self._reveal(frame.start, frame.end)
        elif frame.type is FrameType.GOAWAY:
            self._reveal(frame.start, min(frame.start + HEADER_LENGTH + _BEFORE_DEBUG_DATA, frame.end))

    def _content(self, part: DataStretch) -> None:
        if part.malformed:
            self._over = True
            return
        if part.at > part.start:  # its header, and how much padding there is
            self._reveal(part.start, part.at)
        elif not part.length:
            self._frame_header(part.start)
        if part.data:
            body = self._body(part.stream)
            start = self._place(part.at)
            body.places.append((start, start + len(part.data)))
            body.length += len(part.data)

    def _body(self, stream: int) -> _Body:
        """The one that goes on; without a head nobody knows what it is."""
        return self._bodies.setdefault(stream, [_Body()])[-1]

    def _block(self, block: HeaderBlock) -> None:
        if not block.block.is_all:
            self._over = True  # nor is the table known any more
            return
        for frame in block.frames:
            self._reveal(frame.start, frame.start + HEADER_LENGTH + _behind_header(frame))
        joined = [place for start, end in block.fragments for place in range(self._place(start), self._place(end))]
        masked = bytearray(self._data[place] for place in joined)
        for one in block.block.fields:
            _mask_field(one, masked)
        for place, byte in zip(joined, masked, strict=True):
            self._shown[place] = byte
        if not block.promised:
            self._begin(block)

    def _begin(self, block: HeaderBlock) -> None:
        fields = [one for one in block.block.fields if one.is_known]
        if any((one.name, one.value) == (b":method", b"CONNECT") for one in fields):
            self._tunnels.add(block.number)
        if any(one.name in (b":method", b":status") for one in fields):
            headers = Headers((one.name or b"", one.value or b"") for one in fields)
            self._bodies.setdefault(block.number, []).append(_Body(headers))

    def _mask_body(self, body: _Body, mask_body: MaskBody) -> None:
        if body.headers is None:
            return
        content = b"".join(self._data[start:end] for start, end in body.places)
        shown = mask_body(content, body.headers or NO_HEADERS, body.holes)
        at = 0
        for start, end in body.places:
            self._shown[start:end] = shown[at : at + end - start]
            at += end - start

    def _reveal(self, start: int, end: int) -> None:
        self._show(self._place(start), self._place(end))

    def _show(self, start: int, end: int) -> None:
        self._shown[start:end] = self._data[start:end]

    def _place(self, position: int) -> int:
        """Where a byte of the stream is in what came of it: what is read now stands behind all the holes."""
        return max(position - self._lost, 0)


def _behind_header(frame: Frame) -> int:
    """Bytes that say how the rest is to be read: the length of padding, the promised stream."""
    count = 1 if frame.flags & PADDED and frame.type is not FrameType.CONTINUATION else 0
    return count + (4 if frame.type is FrameType.PUSH_PROMISE else 0)


def _mask_field(field: Field, block: bytearray) -> None:
    at = field.value_at
    if field.form is Form.SIZE_UPDATE or at is None:
        return  # what an index stands for was masked where it was said
    if field.name is None or field.value is None:
        masked = None
    else:
        masked = _masked(field.name, field.value)
        if masked == field.value:
            return
    count = at.end - at.start
    if at.huffman:
        block[at.start : at.end] = _HUFFMAN_STAR * count
    else:
        block[at.start : at.end] = stars(bytes(count)) if masked is None else masked


def _masked(name: bytes, content: bytes) -> bytes:
    """As `mask.Masking` shows it among the header fields, the target and the authority."""
    if name == b":authority":
        userinfo, at, host = content.rpartition(b"@")
        return stars(userinfo) + at + host
    if name.startswith(b":"):
        return scrub(content, is_whole=True)
    return scrub(name + b":" + content, is_whole=True)[len(name) + 1 :]
