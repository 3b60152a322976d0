"""HTTP/2 as an observer sees it: two byte streams in, the exchanges in them out, by the numbers of their streams.

The events are those of HTTP/1 (`http.observed`): nothing raises, bodies pass through, and what is malformed, lost or
cut short is reported in its place. `Seen.exchange` is the stream's number, 0 for what is of the connection.
"""

from __future__ import annotations

from collections.abc import Iterator

from transom.errors import Sentence
from transom.http.events import (
    BodyCut,
    BodyData,
    BodyEnd,
    BodyMissing,
    HeadUnknown,
    InformationalHead,
    RequestHead,
    ResponseHead,
)
from transom.http.framing import ByFrames, Length, may_have_body
from transom.http.h2 import frames
from transom.http.h2.direction import Direction, HeaderBlock, Part
from transom.http.h2.framer import DataStretch, Frame
from transom.http.h2.frames import error_name
from transom.http.h2.heads import Read, read_request, read_response, read_trailer, request_framing, response_framing
from transom.http.h2.odd import Odd
from transom.http.h2.streams import MOST_STREAMS, Half, Stream, Streams
from transom.http.messages import NO_HEADERS, Request
from transom.http.observed import ObservedEvent, Seen
from transom.wire.escape import escape
from transom.wire.tap import Buffer, Side

Found = Iterator[tuple[int, Side, ObservedEvent]]
"""Stream, side and event."""

_DEBUG_DATA = 120
"""Bytes of a GOAWAY's debug data that are quoted."""


class Http2Observer:
    """The exchanges of one connection. Views in the events are valid until the next `receive`.

    `upgraded` is the request in HTTP/1.1 that asked for HTTP/2, which is answered on stream 1 (RFC 7540 §3.2).
    """

    def __init__(self, upgraded: Request | None = None) -> None:
        self._streams = Streams()
        self._odd = Odd()
        self._directions = {side: Direction(side, self._streams.may_be) for side in Side}
        if upgraded is not None and (stream := self._streams.open(1)) is not None:
            stream.method = upgraded.method
            stream.halves[Side.CLIENT] = Half(begun=True, over=True)

    def receive(self, side: Side, data: Buffer) -> list[Seen]:
        """The next bytes of `side`'s stream."""
        direction = self._directions[side]
        seen: list[Seen] = []
        for piece in direction.receive(memoryview(data)):
            found = self._take_piece(side, piece)
            seen += [Seen(number, of, piece.start, piece.end, event) for number, of, event in found]
        return seen

    def lost(self, side: Side, count: int | None) -> list[Seen]:
        """The next `count` bytes of `side`'s stream were not seen; None: nobody knows how many."""
        direction = self._directions[side]
        start = direction.position
        found: list[tuple[int, Side, ObservedEvent]] = []
        if count is not None and 0 < count <= direction.content_left:
            half = self._half_going_by(side)
            if half is not None:
                found.append((direction.stream, side, BodyMissing(half.got, count)))
                half.got += count
            direction.passed(count)
            seen = [Seen(number, of, start, direction.position, event) for number, of, event in found]
            return seen + self.receive(side, b"")
        for stream in self._streams.all():
            half = stream.halves[side]
            if half.begun and not half.over:
                found += self._cut(stream, side)
        found += self._tell(0, side, "http2-lost", direction.lose(count))
        return [Seen(number, of, start, direction.position, event) for number, of, event in found]

    def remaining(self, side: Side) -> int:
        """How much is still to come of the DATA frame that goes by on this side, if its body is followed."""
        return self._directions[side].content_left if self._half_going_by(side) is not None else 0

    def going_by(self, side: Side) -> int:
        """Whose that is."""
        return self._directions[side].stream

    def passed(self, side: Side, count: int) -> None:
        """The next `count` bytes, less than `remaining`, are of that body, and went by unseen."""
        if half := self._half_going_by(side):
            half.got += count
        self._directions[side].passed(count)

    def closed(self, side: Side, *, clean: bool) -> list[Seen]:  # noqa: ARG002 (END_STREAM is the announcement)
        """`side` sends no more."""
        direction = self._directions[side]
        found: list[tuple[int, Side, ObservedEvent]] = []
        for stream in self._streams.all():
            half = stream.halves[side]
            if half.begun and not half.over:
                what = Sentence("{came}, and its last frame never came (RFC 9113 §8.1)", came=_came(half))
                found += [*self._cut(stream, side), *self._tell(stream.number, side, "http-truncated", what)]
        if (broken := direction.end()) is not None:
            found += self._tell(0, side, "http-truncated", broken)
        found += [(0, side, problem) for problem in self._odd.left_out(side)]
        return [Seen(number, of, direction.position, direction.position, event) for number, of, event in found]

    def _half_going_by(self, side: Side) -> Half | None:
        stream = self._streams.get(self._directions[side].stream)
        half = stream.halves[side] if stream is not None else None
        return half if half is not None and half.begun and not half.over else None

    def _take_piece(self, side: Side, piece: Part) -> Found:
        match piece:
            case DataStretch():
                yield from self._data(side, piece)
            case HeaderBlock():
                yield from self._header_block(side, piece)
            case Frame():
                yield from self._frame(side, piece)
            case _:
                yield from self._tell(0, side, piece.problem.code, piece.problem.what)

    def _tell(self, number: int, side: Side, code: str, what: Sentence) -> Found:
        if (problem := self._odd.take(side, code, what)) is not None:
            yield number, side, problem

    # Frames that are whole

    def _frame(self, side: Side, frame: Frame) -> Found:
        if flood := self._odd.flood(side, frame):
            yield from self._tell(0, side, "http2-flood", flood)
        if frame.payload is None:
            large = "a frame of type {type} with {length:,} bytes: passed over"
            what = Sentence(large, type=frame.type.title, length=frame.length)
            yield from self._tell(frame.stream, side, "http2-too-large", what)
            return
        structure = frames.PAYLOADS.get(frame.type)
        if structure is None:
            return  # of a type that is unknown, or that says nothing of messages (RFC 9113 §5.5)
        look = structure.look(frame.payload)
        match look.value:
            case None:
                if look.error is not None:
                    yield from self._tell(frame.stream, side, "http2-malformed", look.error.sentence)
            case frames.RstStream(error_code=code):
                yield from self._reset(side, frame.stream, code)
            case frames.GoAway(error_code=code) as goaway if code != frames.NO_ERROR:
                yield from self._tell(0, side, "http2-goaway", _goaway(goaway, error_name(code)))
            case frames.Settings(settings=settings):
                self._directions[side.peer].learn(settings)
            case _:
                pass

    def _reset(self, side: Side, number: int, code: int) -> Found:
        stream = self._streams.get(number)
        if stream is None:
            return
        reset = "client reset it with {error}" if side is Side.CLIENT else "server reset it with {error}"
        what = Sentence(reset, error=error_name(code))
        half = stream.halves[Side.SERVER]
        if side is Side.CLIENT and not stream.answered and (flood := self._odd.rapid_reset()):
            yield from self._tell(0, side, "http2-flood", flood)
        elif code != frames.NO_ERROR:
            if half.begun:
                what = Sentence("{what}: {came}", what=what, came=_came(half))
            elif not stream.answered:
                what = Sentence("{what}, before it was answered", what=what)
            yield from self._tell(
                number, side, "http2-reset", Sentence("{what} (RFC {rfc})", what=what, rfc=_OF_A_STREAM)
            )
        for of in Side:
            if not stream.halves[of].over:
                yield from self._cut(stream, of)

    # Messages

    def _data(self, side: Side, piece: DataStretch) -> Found:
        if piece.malformed:
            what = Sentence("{frame}: {malformed}", frame="DATA", malformed=piece.malformed)
            yield from self._tell(piece.stream, side, "http2-malformed", what)
        if piece.ends_frame and not piece.length and not piece.ends_stream and (flood := self._odd.empty(side)):
            yield from self._tell(0, side, "http2-flood", flood)
        stream = self._streams.get(piece.stream)
        if stream is None and not self._streams.is_closed(piece.stream):
            yield from self._headless(side, piece.stream)
            return
        half = stream.halves[side] if stream is not None else None
        if stream is None or half is None or half.over:
            return
        if not half.begun:
            yield from self._headless(side, piece.stream)
            return
        if piece.data:
            half.got += len(piece.data)
            yield piece.stream, side, BodyData(piece.data)
        if piece.ends_stream:
            yield from self._end(stream, side)

    def _headless(self, side: Side, number: int) -> Found:
        """Content whose head was not seen: nobody can say what came before it."""
        stream = self._streams.get(number) or self._open(number)
        if stream is None:
            yield from self._too_many(side)
            return
        yield from self._tell(number, side, "http2-malformed" if self._all_seen else "http2-lost", _HEADLESS)
        yield from self._cut(stream, side)

    @property
    def _all_seen(self) -> bool:
        return all(direction.is_whole for direction in self._directions.values())

    def _open(self, number: int) -> Stream | None:
        return self._streams.open(number) if number else None

    def _too_many(self, side: Side) -> Found:
        what = "more than {most:,} streams are open at once; the others are not followed"
        yield from self._tell(0, side, "http2-flood", Sentence(what, most=MOST_STREAMS))

    def _header_block(self, side: Side, block: HeaderBlock) -> Found:
        number = block.promised or block.number
        if block.block.error is not None:
            yield from self._tell(block.number, side, "http2-malformed", block.block.error)
        if block.block.cut and block.block.fields:
            yield from self._tell(block.number, side, "http2-too-large", Sentence("more header fields than are kept"))
        if self._streams.is_closed(number):
            return
        stream = self._streams.get(number) or self._open(number)
        if stream is None:
            yield from self._too_many(side)
            return
        sender = Side.CLIENT if block.promised else side
        half = stream.halves[sender]
        if half.over:
            return
        if half.begun:
            yield from self._trailer(stream, side, block)
        elif sender is Side.CLIENT:
            yield from self._request(stream, side, block)
        else:
            yield from self._response(stream, side, block)

    def _request(self, stream: Stream, side: Side, block: HeaderBlock) -> Found:
        request, read = read_request(block.block.fields)
        stream.method = request.method if request else None
        ends = block.ends_stream or block.promised is not None
        framing = request_framing(request, read.headers, ends=ends)
        waits = "100-continue" in read.headers.members("Expect")
        if request is None:
            yield stream.number, Side.CLIENT, HeadUnknown(framing)
        else:
            yield stream.number, side, RequestHead(request, framing, waits)
        yield from self._judged(stream.number, side, block, read)
        yield from self._begin(stream, Side.CLIENT, framing, ends=ends)

    def _response(self, stream: Stream, side: Side, block: HeaderBlock) -> Found:
        response, read = read_response(block.block.fields)
        stream.answered = True
        if response is not None and response.status < 200 and not block.ends_stream:
            yield stream.number, side, InformationalHead(response)
            yield from self._judged(stream.number, side, block, read)
            return
        framing = response_framing(stream.method, response, read.headers, ends=block.ends_stream)
        head = HeadUnknown(framing) if response is None else ResponseHead(response, framing)
        yield stream.number, side, head
        yield from self._judged(stream.number, side, block, read)
        if response is not None and not may_have_body(stream.method or "GET", response.status):
            framing = ByFrames()  # its Content-Length is of another answer's (RFC 9110 §8.6)
        yield from self._begin(stream, side, framing, ends=block.ends_stream)

    def _judged(self, number: int, side: Side, block: HeaderBlock, read: Read) -> Found:
        if read.unknown:
            what = "{count} of its header fields refer to what was not seen, and are not known (RFC 7541 §2.3)"
            yield from self._tell(number, side, "http2-fields-unknown", Sentence(what, count=read.unknown))
        if read.wrong is not None and block.block.is_all:
            yield from self._tell(number, side, "http2-malformed", read.wrong)

    def _begin(self, stream: Stream, side: Side, framing: Length | ByFrames, *, ends: bool) -> Found:
        half = stream.halves[side]
        half.begun = True
        half.expected = framing.count if isinstance(framing, Length) else None
        if ends:
            yield from self._end(stream, side)

    def _trailer(self, stream: Stream, side: Side, block: HeaderBlock) -> Found:
        read = read_trailer(block.block.fields)
        yield from self._judged(stream.number, side, block, read)
        if block.ends_stream:
            yield from self._end(stream, side, BodyEnd(stream.halves[side].got, read.headers))
        else:
            what = Sentence("header fields behind the head that do not end the message (RFC 9113 §8.1)")
            yield from self._tell(stream.number, side, "http2-malformed", what)

    def _end(self, stream: Stream, side: Side, end: BodyEnd | None = None) -> Found:
        half = stream.halves[side]
        if half.expected is not None and half.got != half.expected:
            what = Sentence("its last frame came, and {came} (RFC 9113 §8.1.1)", came=_came(half))
            yield from self._tell(stream.number, side, "http2-malformed", what)
            yield from self._cut(stream, side)
            return
        half.over = True
        yield stream.number, side, end or BodyEnd(half.got, NO_HEADERS)
        if side is Side.SERVER and not stream.halves[Side.CLIENT].begun:
            yield from self._cut(stream, Side.CLIENT)  # the request was not seen, nor will be
        self._streams.close_if_over(stream)

    def _cut(self, stream: Stream, side: Side) -> Found:
        half = stream.halves[side]
        half.over = True
        yield stream.number, side, BodyCut(half.got, half.expected)
        self._streams.close_if_over(stream)


_OF_A_STREAM = "9113 §5.4.2"
"""The section on errors of a stream alone."""

_HEADLESS = Sentence("content of a message whose head was not seen; it is not followed")


def _goaway(goaway: frames.GoAway, error: str) -> Sentence:
    last, said = goaway.last_stream_identifier, goaway.additional_debug_data[:_DEBUG_DATA]
    if not said:
        return Sentence("GOAWAY with {error}; the last stream is {last}", error=error, last=last)
    what = 'GOAWAY with {error}, "{said}"; the last stream is {last}'
    return Sentence(what, error=error, said=escape(said), last=last)


def _came(half: Half) -> Sentence:
    if half.expected is None:
        return Sentence("{got:,} bytes of its body came", got=half.got)
    return Sentence("{got:,} of {expected:,} bytes of its body came", got=half.got, expected=half.expected)
