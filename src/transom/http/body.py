"""Reading bodies: one reader for each way a body can end.

A body of known length or one that ends with the connection passes through untouched, as views of what came. Only
chunked framing goes through h11.
"""

from __future__ import annotations

from typing import Protocol

import h11

from transom.errors import HttpError, Sentence, Truncated
from transom.http.events import BodyData, BodyEnd
from transom.http.framing import Chunked, Framing, Length
from transom.http.head import refused
from transom.http.messages import Headers
from transom.value import value

BodyEvent = BodyData | BodyEnd

_CHUNKED_SLICE = 16 * 1024  # h11 receives 0.8 GB/s in slices of this size, 0.3 in ones of 256 KiB


@value
class Taken:
    """What a reader made of some bytes: the events, and how many of the bytes belonged to the body.

    `broken` says why there will be no more: the framing after these events is malformed.
    """

    events: list[BodyEvent]
    count: int
    broken: HttpError | None = None


class BodyReader(Protocol):
    """Takes the bytes after a head until the body's end."""

    received: int
    """Bytes of body so far, without framing."""

    complete: bool

    @property
    def so_far(self) -> Sentence:
        """How much came, for whoever tells that no more did."""
        ...

    def receive(self, data: memoryview) -> Taken:
        """Take bytes up to the body's end; the last event of a complete body is `BodyEnd`."""
        ...

    def end_of_stream(self, *, clean: bool) -> list[BodyEvent]:
        """The stream ended. Raises Truncated when the body had not; `clean` is whether the end was announced."""
        ...


def reader_for(framing: Framing, connection: h11.Connection) -> BodyReader:
    """The reader of a body; `connection` is the one that judged the head, and so expects this body."""
    return ChunkedReader(connection) if isinstance(framing, Chunked) else unchunked_reader(framing)


def unchunked_reader(framing: Framing) -> BodyReader:
    """The reader of a body that is not in chunks."""
    return LengthReader(framing.count) if isinstance(framing, Length) else UntilCloseReader()


class LengthReader:
    """A body of a known number of bytes."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.received = 0
        self.complete = False

    @property
    def remaining(self) -> int:
        """Bytes still to come."""
        return self.length - self.received

    @property
    def so_far(self) -> Sentence:
        return Sentence("{received:,} of {length:,} bytes", received=self.received, length=self.length)

    def receive(self, data: memoryview) -> Taken:
        body = data[: self.remaining]
        events: list[BodyEvent] = [BodyData(body)] if body else []
        return Taken(events + self.advance(len(body)), len(body))

    def advance(self, count: int) -> list[BodyEvent]:
        """Count `count` bytes of the body as gone by, seen or not."""
        self.received += count
        self.complete = not self.remaining
        return [BodyEnd(self.length)] if self.complete else []

    def end_of_stream(self, *, clean: bool) -> list[BodyEvent]:  # noqa: ARG002 (a length needs no announcement)
        raise Truncated("ended after {so_far}", so_far=self.so_far, where="body", rfc="9112 §8")


class ChunkedReader:
    """A body in chunks, whose framing h11 judges; and what h11 lets pass in a trailer, we do."""

    def __init__(self, connection: h11.Connection) -> None:
        self._connection = connection
        self._tail = bytearray()
        """What came since the last of the body: the trailer, once that is whole, is at its end."""
        self.received = 0
        self.complete = False

    @property
    def so_far(self) -> Sentence:
        return Sentence("{received:,} bytes, and the last chunk never came", received=self.received)

    def receive(self, data: memoryview) -> Taken:
        events: list[BodyEvent] = []
        count = 0
        try:
            while count < len(data) and not self.complete:
                piece = bytes(data[count : count + _CHUNKED_SLICE])
                self._connection.receive_data(piece)
                self._tail += piece
                count += len(piece)
                self._take(events, piece)
        except h11.RemoteProtocolError as error:
            return Taken(events, count, refused(error))
        except HttpError as error:
            return Taken(events, count, error)
        if self.complete:
            count -= len(self._connection.trailing_data[0])
        return Taken(events, count)

    def _take(self, events: list[BodyEvent], piece: bytes) -> None:
        while not self.complete and (event := self._connection.next_event()) is not h11.NEED_DATA:
            if isinstance(event, h11.Data):
                self.received += len(event.data)
                events.append(BodyData(event.data))
                self._tail[:] = piece
            elif isinstance(event, h11.EndOfMessage):
                trailer = Headers(event.headers.raw_items())
                _check_trailer(trailer, self._tail[: len(self._tail) - len(self._connection.trailing_data[0])])
                self.complete = True
                events.append(BodyEnd(self.received, trailer))

    def end_of_stream(self, *, clean: bool) -> list[BodyEvent]:  # noqa: ARG002 (the last chunk is the announcement)
        raise Truncated("ended after {so_far}", so_far=self.so_far, where="body", rfc="9112 §8")


def _check_trailer(trailer: Headers, raw: bytearray) -> None:
    """Refuse a trailer that somebody else may read as another message. `raw` ends with its lines."""
    for name in ("Content-Length", "Transfer-Encoding"):
        if name in trailer:
            raise HttpError(
                "{name} in a trailer, behind what it would tell the length of (RFC 9110 §6.5.1)", name=name, status=400
            )
    left = len(trailer) + 1  # the empty line
    for line in reversed(raw.split(b"\n")[:-1]):
        if not line.endswith(b"\r"):
            raise HttpError("a line of the trailer ends in LF without CR (RFC 9112 §2.2)", status=400)
        left -= not line.startswith((b" ", b"\t"))  # else it goes on with the line before (RFC 9112 §5.2)
        if not left:
            return


class UntilCloseReader:
    """A response body that only the end of the connection ends."""

    def __init__(self) -> None:
        self.received = 0
        self.complete = False

    @property
    def so_far(self) -> Sentence:
        return Sentence("{received:,} bytes of unknown length, and nothing announced their end", received=self.received)

    def receive(self, data: memoryview) -> Taken:
        self.received += len(data)
        return Taken([BodyData(data)] if data else [], len(data))

    def end_of_stream(self, *, clean: bool) -> list[BodyEvent]:
        if not clean:
            raise Truncated("ended after {so_far}", so_far=self.so_far, where="body", rfc="9112 §9.8")
        self.complete = True
        return [BodyEnd(self.received)]
