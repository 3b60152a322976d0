"""Several parts of a file in one answer: the framing of `multipart/byteranges` (RFC 9110 §14.6, RFC 2046 §5.1)."""

from __future__ import annotations

from collections.abc import Sequence

from transom.http.ranges import Part, content_range
from transom.value import value


@value
class ByteRanges:
    """The bytes around the parts: `heads[i]` goes before the i-th part, `end` after the last."""

    content_type: str
    heads: tuple[bytes, ...]
    end: bytes

    @property
    def size(self) -> int:
        """How many bytes all the framing is."""
        return sum(map(len, self.heads)) + len(self.end)


def byte_ranges(parts: Sequence[Part], size: int, media_type: str, boundary: str) -> ByteRanges:
    """The framing of `parts` of a file of `size` bytes and this type.

    `boundary` (1 to 70 letters and digits) must be one that whoever wrote the file could not foresee: a reader takes
    it for the end of a part wherever it stands.
    """
    heads = tuple(
        f"\r\n--{boundary}\r\nContent-Type: {media_type}\r\nContent-Range: {content_range(part, size)}\r\n\r\n".encode()
        for part in parts
    )
    return ByteRanges(f"multipart/byteranges; boundary={boundary}", heads, f"\r\n--{boundary}--\r\n".encode())
