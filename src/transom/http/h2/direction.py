"""One side's stream: its preface, its frames, and out of HEADERS and CONTINUATION whole blocks of header fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from transom.errors import Sentence
from transom.http.events import Problem
from transom.http.h2.fields import FieldBlock, FieldDecoder
from transom.http.h2.framer import DataStretch, Frame, FrameReader, largest_frame
from transom.http.h2.frames import (
    DEFAULT_FRAME_SIZE,
    END_HEADERS,
    END_STREAM,
    PREFACE,
    STREAM_BITS,
    FrameType,
    PromisedStream,
    Setting,
    SettingValue,
    parts_of,
)
from transom.http.h2.resync import Resync
from transom.value import value
from transom.wire.tap import Side

MOST_BLOCK = 256 * 1024
"""Bytes of a field block, in all its frames, that are held until it is whole."""

MOST_CONTINUATIONS = 64
"""Frames of one block, from which on it is told (CVE-2024-27316 and its like)."""


@value
class HeaderBlock:
    """A whole field block, made by `frames`, the bytes [start, end). `promised` is what a PUSH_PROMISE announces.

    `fragments` are where its parts stand in the stream, `(start, end)` each; joined they are the block.
    """

    start: int
    end: int
    number: int
    ends_stream: bool
    block: FieldBlock
    promised: int | None = None
    frames: tuple[Frame, ...] = ()
    fragments: tuple[tuple[int, int], ...] = ()


@value
class Trouble:
    """Something odd about the frames [start, end)."""

    start: int
    end: int
    problem: Problem


Part = Frame | DataStretch | HeaderBlock | Trouble


class _Block:
    """A field block on its way."""

    def __init__(self, frame: Frame, promised: int | None) -> None:
        self.start = frame.start
        self.number = frame.stream
        self.ends_stream = frame.type is FrameType.HEADERS and bool(frame.flags & END_STREAM)
        self.promised = promised
        self.fragments = bytearray()
        self.places: list[tuple[int, int]] = []
        self.frames: list[Frame] = []
        self.count = 0
        self.too_large = False


class Direction:
    """Whole parts out of the bytes of one side."""

    def __init__(self, side: Side, is_stream: Callable[[int], bool]) -> None:
        self._preface = bytearray(PREFACE if side is Side.CLIENT else b"")
        self._is_stream = is_stream
        self._reader = FrameReader()
        self._fields = FieldDecoder()
        self._block: _Block | None = None
        self._resync: Resync | None = None
        self._largest: int | None = None
        self._stopped = False
        self._was_lost = False

    @property
    def position(self) -> int:
        """How far the stream was read."""
        return self._reader.position + (self._resync.dropped + self._resync.held if self._resync else 0)

    @property
    def content_left(self) -> int:
        """Content of the DATA frame going by that is still to come."""
        return 0 if self._resync else self._reader.content_left

    @property
    def stream(self) -> int:
        """Whose that is."""
        return self._reader.stream

    @property
    def is_whole(self) -> bool:
        """Whether every byte was seen."""
        return not self._was_lost

    def learn(self, settings: Sequence[SettingValue]) -> None:
        """What the other side said that it accepts."""
        for setting in settings:
            if setting.identifier is Setting.MAX_FRAME_SIZE:
                self._largest = max(self._largest or 0, setting.value)

    def passed(self, count: int) -> None:
        """The next `count` bytes, no more than `content_left`, went by unseen."""
        self._reader.passed(count)

    def lose(self, count: int | None) -> Sentence:
        """So many bytes are missing here, None: nobody knows; where the next frame begins has to be found. Says so."""
        position = self.position + (count or 0)
        self._reader = FrameReader(position)
        self._preface.clear()
        self._fields.forget()
        self._block = None
        self._was_lost = True
        largest = max(largest_frame(self._largest), DEFAULT_FRAME_SIZE)
        self._resync = Resync(min(largest, MOST_BLOCK), self._is_stream)
        missing = Sentence("bytes are missing")
        if count is not None:
            missing = Sentence("{count:,} bytes are missing", count=count)
        return Sentence(
            "{missing} among its frames; messages that were going on are cut, header fields that refer to them unknown",
            missing=missing,
        )

    def end(self) -> Sentence | None:
        """Nothing more comes; what is wrong with ending here."""
        if self._stopped or self._resync or (self._reader.is_between_frames and self._block is None):
            return None
        inside_frame = self._block is None
        return Sentence("the stream ended inside a frame" if inside_frame else "the stream ended inside a field block")

    def receive(self, data: memoryview) -> Iterator[Part]:
        """What is whole with this."""
        if self._stopped:
            return
        if self._preface and data:
            data, trouble = self._read_preface(data)
            if trouble is not None:
                yield trouble
                return
        if self._resync is not None:
            found = self._resync.receive(data)
            if found is None:
                return
            self._reader = FrameReader(self._reader.position + self._resync.dropped)
            self._resync = None
            data = memoryview(found)
        for piece in self._reader.receive(data):
            if isinstance(piece, Frame) and piece.type in _OF_BLOCKS:
                yield from self._of_block(piece)
            else:
                if self._block is not None:
                    yield self._interrupted(piece)
                yield piece

    def _read_preface(self, data: memoryview) -> tuple[memoryview, Trouble | None]:
        count = min(len(data), len(self._preface))
        start = self._reader.position
        if bytes(data[:count]) != bytes(self._preface[:count]):
            self._stopped = True
            what = Sentence("it does not begin as RFC 9113 §3.4 says; this direction is not followed")
            return data, Trouble(start, start, Problem("http2-malformed", what))
        del self._preface[:count]
        self._reader = FrameReader(start + count)
        return data[count:], None

    def _of_block(self, frame: Frame) -> Iterator[Part]:
        if frame.type is FrameType.CONTINUATION:
            if self._block is None or self._block.number != frame.stream:
                yield from self._stray(frame)
                return
        else:
            if self._block is not None:
                yield self._interrupted(frame)
            self._block = _Block(frame, None)
        yield from self._add(self._block, frame)

    def _stray(self, frame: Frame) -> Iterator[Part]:
        self._fields.forget()
        if not self._was_lost:
            what = Sentence("CONTINUATION without a block to go on with (RFC 9113 §6.10)")
            yield _trouble(frame, "http2-malformed", what)

    def _add(self, block: _Block, frame: Frame) -> Iterator[Part]:
        block.count += 1
        if block.count <= MOST_CONTINUATIONS:
            block.frames.append(frame)
        if block.count == MOST_CONTINUATIONS:
            what = "{count} frames of one field block by now, as in a flood (CVE-2024-27316)"
            yield _trouble(frame, "http2-flood", Sentence(what, count=MOST_CONTINUATIONS))
        if frame.payload is None:
            block.too_large = True
        else:
            parts = parts_of(frame.type, frame.flags, frame.payload, frame.length)
            if parts.malformed:
                what = Sentence("{frame}: {malformed}", frame=frame.type.title, malformed=parts.malformed)
                yield _trouble(frame, "http2-malformed", what)
                block.too_large = True
            elif parts.promised is not None:
                promised = PromisedStream.decode(frame.payload[parts.promised : parts.start])
                block.promised = promised.promised_stream_identifier & STREAM_BITS
            block.fragments += frame.payload[parts.start : parts.end]
            payload = frame.end - frame.length
            if parts.start < parts.end:
                block.places.append((payload + parts.start, payload + parts.end))
        if len(block.fragments) > MOST_BLOCK:
            block.too_large = True
        if block.too_large:
            block.fragments.clear()
            block.places.clear()
            block.frames.clear()
        if frame.flags & END_HEADERS:
            yield from self._end_block(block, frame)

    def _end_block(self, block: _Block, frame: Frame) -> Iterator[Part]:
        self._block = None
        if block.too_large:
            self._fields.forget()
            what = "a field block that is malformed, or larger than {most:,} bytes: it is not read"
            yield Trouble(block.start, frame.end, Problem("http2-too-large", Sentence(what, most=MOST_BLOCK)))
        fields = FieldBlock((), cut=True) if block.too_large else self._fields.decode(bytes(block.fragments))
        yield HeaderBlock(
            block.start,
            frame.end,
            block.number,
            block.ends_stream,
            fields,
            block.promised,
            tuple(block.frames),
            tuple(block.places),
        )

    def _interrupted(self, piece: Frame | DataStretch) -> Trouble:
        """A block's frames follow each other without any other between (RFC 9113 §4.3)."""
        self._block = None
        self._fields.forget()
        what = Sentence("another frame stands inside a field block, which is not read (RFC 9113 §4.3)")
        return Trouble(piece.start, piece.end, Problem("http2-malformed", what))


_OF_BLOCKS = (FrameType.HEADERS, FrameType.PUSH_PROMISE, FrameType.CONTINUATION)


def _trouble(frame: Frame, code: str, what: Sentence) -> Trouble:
    return Trouble(frame.start, frame.end, Problem(code, what))
