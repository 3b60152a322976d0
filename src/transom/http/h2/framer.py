"""One side's stream of HTTP/2 cut into frames: DATA passes through in stretches as it comes, any other frame whole.

The nine bytes before each payload are read by hand, for there is a frame in every 16 KiB of a body; a test holds that
to the declaration (`frames.FrameHeader`).
"""

from __future__ import annotations

from collections.abc import Iterator

from transom.errors import Sentence
from transom.http.h2.frames import (
    DEFAULT_FRAME_SIZE,
    END_STREAM,
    HEADER_LENGTH,
    PADDED,
    STREAM_BITS,
    FrameType,
    parts_of,
)
from transom.value import value

MOST_PAYLOAD = 256 * 1024
"""Bytes of a frame other than DATA that are held until it is whole; a larger one is passed over."""


@value
class Frame:
    """A whole frame but for DATA, the bytes [start, end) of its stream. `payload` is None if it was too large."""

    start: int
    end: int
    type: FrameType
    flags: int
    stream: int
    length: int
    payload: bytes | None


@value
class DataStretch:
    """Content of a DATA frame, `[start, end)` of the stream with the framing and padding around it; it begins at `at`.

    `data` is valid until the next `receive`. `ends_frame`: nothing more of this frame comes. `ends_stream`: nor of the
    message. `length` is the payload's of the whole frame.
    """

    start: int
    end: int
    stream: int
    data: memoryview
    length: int
    ends_frame: bool
    ends_stream: bool
    at: int = 0
    malformed: Sentence | None = None


Piece = Frame | DataStretch

_EMPTY = memoryview(b"")


class FrameReader:
    """Cuts frames out of what it is given. `position` is how far it has come in the stream."""

    def __init__(self, position: int = 0) -> None:
        self.position = position
        self._start = position
        self._held = bytearray()
        self._awaits_header = True
        self._length = 0
        self._type = FrameType.DATA
        self._flags = 0
        self.stream = 0
        self._skipping = 0
        self.content_left = 0
        """Content of the DATA frame on stream `stream` that is still to come."""
        self._padding_left = 0
        self._in_data = False

    @property
    def is_between_frames(self) -> bool:
        """Whether what comes next is a header."""
        return self._awaits_header and not self._held

    def receive(self, data: memoryview) -> Iterator[Piece]:
        """The frames and stretches that are whole with this."""
        while data or self._is_due():
            if self._in_data:
                taken, piece = self._read_data(data)
            elif self._skipping:
                taken, piece = self._skip(data)
            elif self._awaits_header:
                taken, piece = self._read_header(data)
            else:
                taken, piece = self._read_payload(data)
            data = data[taken:]
            if piece is not None:
                yield piece

    def passed(self, count: int) -> None:
        """The next `count` bytes, no more than `content_left`, are content that went by unseen."""
        self.position += count
        self.content_left -= count

    def _is_due(self) -> bool:
        """Whether a frame is whole already that has nothing after its header, or whose content went by unseen."""
        if self._in_data:
            return not self.content_left and not self._padding_left
        return not self._awaits_header and not self._skipping and len(self._held) >= self._needed

    @property
    def _needed(self) -> int:
        """Bytes that are held before there is something to be done with them."""
        if self._awaits_header:
            return HEADER_LENGTH
        if self._type is FrameType.DATA:
            return min(1, self._length) if self._flags & PADDED else 0
        return self._length

    def _hold(self, data: memoryview) -> int:
        count = min(self._needed - len(self._held), len(data))
        self._held += data[:count]
        self.position += count
        return count

    def _read_header(self, data: memoryview) -> tuple[int, Piece | None]:
        if not self._held:
            self._start = self.position
        taken = self._hold(data)
        if len(self._held) == HEADER_LENGTH:
            header = self._held
            self._length = int.from_bytes(header[:3], "big")
            self._type = FrameType(header[3])
            self._flags = header[4]
            self.stream = int.from_bytes(header[5:9], "big") & STREAM_BITS
            self._held = bytearray()
            self._awaits_header = False
            if self._type is not FrameType.DATA and self._length > MOST_PAYLOAD:
                self._skipping = self._length
        return taken, None

    def _skip(self, data: memoryview) -> tuple[int, Piece | None]:
        taken = min(self._skipping, len(data))
        self._skipping -= taken
        self.position += taken
        return taken, None if self._skipping else self._frame(None)

    def _read_payload(self, data: memoryview) -> tuple[int, Piece | None]:
        taken = self._hold(data)
        if len(self._held) < self._needed:
            return taken, None
        if self._type is FrameType.DATA:
            return taken, self._begin_data()
        return taken, self._frame(bytes(self._held))

    def _frame(self, payload: bytes | None) -> Frame:
        self._held = bytearray()
        self._awaits_header = True
        return Frame(self._start, self.position, self._type, self._flags, self.stream, self._length, payload)

    def _begin_data(self) -> Piece | None:
        parts = parts_of(self._type, self._flags, bytes(self._held), self._length)
        behind = self._length - len(self._held)
        self._held = bytearray()
        self._in_data = True
        self.content_left = 0 if parts.malformed else parts.end - parts.start
        self._padding_left = behind - self.content_left
        return self._stretch(_EMPTY, self.position, parts.malformed) if parts.malformed else None

    def _read_data(self, data: memoryview) -> tuple[int, Piece | None]:
        """Content, and with the last of it the padding as far as it has come."""
        content = data[: self.content_left]
        self.content_left -= len(content)
        padding = 0 if self.content_left else min(self._padding_left, len(data) - len(content))
        self._padding_left -= padding
        taken = len(content) + padding
        at = self.position
        self.position += taken
        if not content and self._padding_left:
            return taken, None
        return taken, self._stretch(content, at)

    def _stretch(self, content: memoryview, at: int, malformed: Sentence | None = None) -> DataStretch:
        ends = not self.content_left and not self._padding_left and malformed is None
        stretch = DataStretch(
            self._start,
            self.position,
            self.stream,
            content,
            self._length,
            ends,
            ends and bool(self._flags & END_STREAM),
            at,
            malformed,
        )
        self._start = self.position
        if ends:
            self._in_data = False
            self._awaits_header = True
        return stretch


def largest_frame(announced: int | None) -> int:
    """The largest payload that a peer who announced this accepts."""
    return announced if announced is not None and announced > DEFAULT_FRAME_SIZE else DEFAULT_FRAME_SIZE
