"""What two sides said in HTTP/2 with the secrets taken out, so that what is left is still HTTP/2.

All is masked but what is known to be none: the framing, header fields that name no secret, bodies as those of HTTP/1
are. A value is masked in the coding it is in: a star is eight bits in Huffman's too (RFC 7541 appendix B), so a masked
string is as long as it was, and whoever reads the masked bytes reads stars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from transom.http.h2.direction import Direction, HeaderBlock, Part, Trouble
from transom.http.h2.fields import Field, Form
from transom.http.h2.framer import DataStretch, Frame
from transom.http.h2.frames import HEADER_LENGTH, PADDED, PREFACE, FrameType
from transom.http.messages import NO_HEADERS, Headers
from transom.value import value
from transom.web.model.digest_fields import mask_digest
from transom.web.model.looked_through import of_a_body
from transom.web.model.scrub import scrub, stars
from transom.web.model.secret_forms.spans import Span
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

    @cache
    def tells_digests(stream: int) -> bool:
        """Whether a digest among its fields may be told: a body is there, and nothing in any is masked."""
        bodies = [one for side in reading.values() for one in side.bodies_of(stream)]
        return bool(bodies) and all(
            headers is not None and of_a_body(content, headers, is_all=is_all) is None
            for content, headers, is_all in bodies
        )

    return {side: reading[side].masked(mask_body, tells_digests) for side in Side}


@dataclass
class _Body:
    """Where its content stands, and the places in the content at which some is missing."""

    headers: Headers | None = None
    places: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    holes: list[int] = field(default_factory=list[int])
    length: int = 0
    is_all: bool = False


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
        self._digests: list[tuple[int, list[int], bytes]] = []
        """Values that may be one: of which stream, where they stand, and how they are shown where they may be told."""
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

    def bodies_of(self, stream: int) -> Iterator[tuple[bytes, Headers | None, bool]]:
        """Their content, and whether it is all of it; in a tunnel nobody knows what it is."""
        for body in self._bodies.get(stream, ()):
            if body.length:
                content = b"".join(self._data[start:end] for start, end in body.places)
                headers = None if stream in self._tunnels else body.headers
                yield content, headers, body.is_all and not body.holes

    def masked(self, mask_body: MaskBody, tells_digests: Callable[[int], bool]) -> bytes:
        for stream, places, plain in self._digests:
            if tells_digests(stream):
                for place, byte in zip(places, plain, strict=True):
                    self._shown[place] = byte
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
        if part.ends_stream:
            self._body(part.stream).is_all = True
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
            if (span := _mask_digest(one, masked)) is not None:
                (start, end), plain = span
                self._digests.append((block.promised or block.number, joined[start:end], plain))
        for place, byte in zip(joined, masked, strict=True):
            self._shown[place] = byte
        if block.ends_stream and block.number in self._bodies:
            self._bodies[block.number][-1].is_all = True  # these are its trailers
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


def _mask_digest(field: Field, block: bytearray) -> tuple[Span, bytes] | None:
    """Where it stands, and what stood there, if it is one."""
    at = field.value_at
    if field.form is Form.SIZE_UPDATE or at is None or field.name is None or field.value is None:
        return None
    masked = mask_digest(field.name, field.value)
    if masked == field.value:
        return None
    plain = bytes(block[at.start : at.end])
    block[at.start : at.end] = _HUFFMAN_STAR * len(plain) if at.huffman else masked
    return (at.start, at.end), plain


def _masked(name: bytes, content: bytes) -> bytes:
    """As `mask.Masking` shows it among the header fields, the target and the authority."""
    if name == b":authority":
        userinfo, at, host = content.rpartition(b"@")
        return stars(userinfo) + at + host
    if name.startswith(b":"):
        return scrub(content, is_whole=True)
    return scrub(name + b":" + content, is_whole=True)[len(name) + 1 :]
