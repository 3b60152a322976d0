"""Where in a stream a frame begins, when that is not known: behind a hole, or for who joins in the middle.

A frame header has 9 bytes, of which a body may have any. So a place is taken for one only if the header there is
allowed in every bit that RFC 9113 says something about, and another such one stands right behind its payload.
"""

from __future__ import annotations

from collections.abc import Callable

from transom.http.h2.frames import HEADER_LENGTH, STREAM_BITS, FrameType

_FLAGS = {
    FrameType.DATA: 0x09,
    FrameType.HEADERS: 0x2D,
    FrameType.PRIORITY: 0x00,
    FrameType.RST_STREAM: 0x00,
    FrameType.SETTINGS: 0x01,
    FrameType.PUSH_PROMISE: 0x0C,
    FrameType.PING: 0x01,
    FrameType.GOAWAY: 0x00,
    FrameType.WINDOW_UPDATE: 0x00,
    FrameType.CONTINUATION: 0x04,
}
"""The flags that a type knows. A sender leaves the others unset (RFC 9113 §4.1)."""

_SIZES = {FrameType.PRIORITY: 5, FrameType.RST_STREAM: 4, FrameType.PING: 8, FrameType.WINDOW_UPDATE: 4}
_OF_CONNECTION = (FrameType.SETTINGS, FrameType.PING, FrameType.GOAWAY)
_OF_EITHER = (FrameType.WINDOW_UPDATE,)


class Resync:
    """Searches what comes for two frames in a row, and holds no more than those may have.

    `is_stream` says whether there can be a stream of that number.
    """

    def __init__(self, largest: int, is_stream: Callable[[int], bool]) -> None:
        self._largest = largest
        self._is_stream = is_stream
        self._held = bytearray()
        self.dropped = 0
        """Bytes before what is held, counted from where the search began."""

    @property
    def held(self) -> int:
        return len(self._held)

    def receive(self, data: memoryview) -> bytes | None:
        """What there is from the first frame on; None while none is found."""
        self._held += data
        at = 0
        while at + HEADER_LENGTH <= len(self._held):
            length = self._length_at(at)
            if length is not None:
                following = at + HEADER_LENGTH + length
                if following + HEADER_LENGTH > len(self._held):
                    break  # it may be one: that shows when there is more
                if self._length_at(following) is not None:
                    self.dropped += at
                    return bytes(self._held[at:])
            at += 1
        self._drop(at)
        return None

    def _drop(self, count: int) -> None:
        self.dropped += count
        del self._held[:count]

    def _length_at(self, at: int) -> int | None:
        """The length of the payload, if a frame header can stand there."""
        header = self._held[at : at + HEADER_LENGTH]
        length = int.from_bytes(header[:3], "big")
        kind, flags, stream = header[3], header[4], int.from_bytes(header[5:9], "big")
        if length > self._largest or kind not in _FLAGS or stream > STREAM_BITS:
            return None
        type_ = FrameType(kind)
        if flags & ~_FLAGS[type_] or length != _SIZES.get(type_, length):
            return None
        if type_ is FrameType.SETTINGS and (length % 6 or (flags and length)):
            return None
        if type_ is FrameType.GOAWAY and length < 8:
            return None
        if not stream:
            return length if type_ in (*_OF_CONNECTION, *_OF_EITHER) else None
        return length if type_ not in _OF_CONNECTION and self._is_stream(stream) else None
