"""HTTP/1 as an observer sees it: two byte streams in, the exchanges in them out.

The same heads, the same framing and the same body readers as a client and a server use, though heads in which there is
nothing to judge go a shorter way (`plain_heads`). Nothing raises: what is malformed, lost or cut short is reported in
its place. Bodies pass through; none is held.

Bytes are given in the order of time, or one whole stream after the other with the client's first: how a response's
body ends depends on the method it answers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache

import h11

from transom.errors import HttpError, Sentence, Truncated
from transom.http.body import BodyReader, LengthReader, UntilCloseReader, reader_for, unchunked_reader
from transom.http.events import (
    BodyCut,
    BodyData,
    BodyEnd,
    BodyMissing,
    HeadUnknown,
    InformationalHead,
    Problem,
    RequestHead,
    ResponseHead,
    Switched,
)
from transom.http.framing import is_ambiguous, opens_tunnel, request_framing, response_framing
from transom.http.head import RESPONSE_LIMITS, HeadReader, client_side, parse_request, parse_response, server_side
from transom.http.messages import Request, Response
from transom.http.plain_heads import plain_request, plain_response
from transom.value import value
from transom.wire.tap import Buffer, Side

ObservedEvent = (
    RequestHead
    | InformationalHead
    | ResponseHead
    | HeadUnknown
    | BodyData
    | BodyMissing
    | BodyEnd
    | BodyCut
    | Switched
    | Problem
)


@value
class Seen:
    """An event of exchange number `exchange` (from 0; of HTTP/2 the stream), made by [start, end) of `side`'s bytes.

    For the data of a chunked body that is the stretch it came in, framing and neighbours included.
    """

    exchange: int
    side: Side
    start: int
    end: int
    event: ObservedEvent


class HttpObserver:
    """The exchanges of one conversation. Views in the events are valid until the next `receive`."""

    def __init__(self) -> None:
        self._unanswered: deque[str] = deque()
        self._directions = {side: _Direction(side) for side in Side}

    def receive(self, side: Side, data: Buffer) -> list[Seen]:
        """The next bytes of `side`'s stream."""
        begin = self._begin_request if side is Side.CLIENT else self._begin_response
        return self._directions[side].receive(memoryview(data), begin)

    def lost(self, side: Side, count: int | None) -> list[Seen]:
        """The next `count` bytes of `side`'s stream were not seen; None: nobody knows how many, and what follows."""
        return self.closed(side, clean=False) if count is None else self._directions[side].lost(count)

    def remaining(self, side: Side) -> int:
        """How much is still to come of the body that goes by on this side; 0 where that is not announced."""
        return self._directions[side].remaining

    def going_by(self, side: Side) -> int:
        """Which exchange is going by on this side."""
        return self._directions[side].exchange

    def passed(self, side: Side, count: int) -> None:
        """The next `count` bytes, less than `remaining`, are of that body, and went by unseen."""
        self._directions[side].passed(count)

    def closed(self, side: Side, *, clean: bool) -> list[Seen]:
        """`side` sends no more; `clean` as in `ClientExchange.end_of_stream`."""
        return self._directions[side].closed(clean=clean)

    def _begin_request(self, head: bytes) -> _Begun:
        request = plain_request(head)
        if request is None:
            return self._begin_judged_request(head)
        self._unanswered.append(request.method)
        framing = request_framing(request)
        return _Begun([RequestHead(request, framing)], unchunked_reader(framing))

    def _begin_judged_request(self, head: bytes) -> _Begun:
        connection = server_side()
        request = parse_request(connection, head)
        self._unanswered.append(request.method)
        framing = request_framing(request)
        events: list[ObservedEvent] = [RequestHead(request, framing, connection.they_are_waiting_for_100_continue)]
        return _Begun(events + _ambiguity(request), reader_for(framing, connection))

    def _begin_response(self, head: bytes) -> _Begun:
        method = self._unanswered[0] if self._unanswered else "GET"  # for want of the request: the likeliest framing
        response = plain_response(head) if method != "CONNECT" else None
        if response is None:
            return self._begin_judged_response(method, head)
        if self._unanswered:
            self._unanswered.popleft()
        framing = response_framing(method, response)
        return _Begun([ResponseHead(response, framing)], unchunked_reader(framing))

    def _begin_judged_response(self, method: str, head: bytes) -> _Begun:
        connection = _awaiting_response(method)
        response = parse_response(connection, head)
        switched = self._switched(method, response)
        if response.status < 200:
            return _Begun([InformationalHead(response), *switched], None)
        if self._unanswered:
            self._unanswered.popleft()
        framing = response_framing(method, response)
        events: list[ObservedEvent] = [ResponseHead(response, framing), *_ambiguity(response), *switched]
        return _Begun(events, None if switched else reader_for(framing, connection))

    def _switched(self, method: str, response: Response) -> list[ObservedEvent]:
        if not opens_tunnel(method, response.status):
            return []
        for direction in self._directions.values():
            direction.stop()
        return [Switched(response.headers.get("Upgrade") or "tunnel")]


@value
class _Begun:
    """What a head began: its events, and the reader of the body, None when no message body follows this head."""

    events: list[ObservedEvent]
    body: BodyReader | None


class _Direction:
    """One side's stream: a head, its body, the next head."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self.exchange = 0
        self._position = 0
        self._head = HeadReader(RESPONSE_LIMITS)
        self._body: BodyReader | None = None
        self._stopped = False

    def stop(self) -> None:
        """What follows is not HTTP, or cannot be told to be."""
        self._stopped = True

    def receive(self, data: memoryview, begin: Callable[[bytes], _Begun]) -> list[Seen]:
        """`begin` is asked what a head begins. It is not kept: who answers has both directions."""
        seen: list[Seen] = []
        while data and not self._stopped:
            count, events = self._read_head(data, begin) if self._body is None else self._read_body(self._body, data)
            data = data[count:]
            seen += events
        return seen

    def lost(self, count: int) -> list[Seen]:
        if self._stopped:
            return []
        start = self._position
        self._position += count
        return self._seen(list(self._lose(count)), start)

    @property
    def remaining(self) -> int:
        return self._body.remaining if isinstance(self._body, LengthReader) else 0

    def passed(self, count: int) -> None:
        if isinstance(self._body, LengthReader):
            self._position += count
            self._body.advance(count)

    def closed(self, *, clean: bool) -> list[Seen]:
        if self._stopped:
            return []
        self.stop()
        try:
            return self._seen(self._end(clean=clean), self._position)
        except Truncated as error:
            return self._seen([*_cut(self._body), Problem("http-truncated", error.sentence)], self._position)

    def _read_head(self, data: memoryview, begin: Callable[[bytes], _Begun]) -> tuple[int, list[Seen]]:
        try:
            head, count = self._head.receive(data)
            begun = None if head is None else begin(head)
        except HttpError as error:
            self.stop()
            return 0, self._seen([_malformed(error)], self._position)
        self._position += count
        if head is None or begun is None:
            return count, []
        self._head = HeadReader(RESPONSE_LIMITS)
        self._body = begun.body
        seen = self._seen(begun.events, self._position - len(head))
        if self._body is not None:
            seen += self._read_body(self._body, data[:0])[1]  # a body of no bytes ends here
        return count, seen

    def _read_body(self, body: BodyReader, data: memoryview) -> tuple[int, list[Seen]]:
        taken = body.receive(data)
        start = self._position
        self._position += taken.count
        events: list[ObservedEvent] = list(taken.events)
        if taken.broken is not None:
            self.stop()
            events += [*_cut(body), _malformed(taken.broken)]
        return taken.count, self._seen(events, start)

    def _lose(self, count: int) -> Iterator[ObservedEvent]:
        """A hole inside a body whose end can still be told is a missing stretch of it; any other ends the view."""
        body = self._body
        if isinstance(body, UntilCloseReader):
            yield BodyMissing(body.received, count)
            body.received += count
            return
        if isinstance(body, LengthReader):
            missing = min(count, body.remaining)
            yield BodyMissing(body.received, missing)
            yield from body.advance(missing)
            if missing == count:
                return
        self.stop()
        yield from _cut(self._body)
        what = "{count:,} bytes are missing where a head or a chunk was; the rest is not followed"
        yield Problem("http-lost", Sentence(what, count=count))

    def _end(self, *, clean: bool) -> list[ObservedEvent]:
        if self._body is not None:
            return list(self._body.end_of_stream(clean=clean))
        if self._head.started:
            return [Problem("http-truncated", Sentence("the stream ended inside a head"))]
        return []

    def _seen(self, events: list[ObservedEvent], start: int) -> list[Seen]:
        seen: list[Seen] = []
        cut: int | None = None
        for event in events:
            # What is wrong behind a body that was cut is what cut it: no other exchange has begun.
            exchange = cut if cut is not None and isinstance(event, Problem) else self.exchange
            seen.append(Seen(exchange, self._side, start, self._position, event))
            if isinstance(event, BodyEnd | BodyCut):
                cut = self.exchange if isinstance(event, BodyCut) else None
                self.exchange += 1
                self._body = None
        return seen


def _awaiting_response(method: str) -> h11.Connection:
    """A connection in the state of a client that has sent such a request, and would take a change of protocol."""
    connection = client_side()
    connection.send(_some_request(method))
    return connection


@lru_cache(maxsize=16)  # a peer may make methods up
def _some_request(method: str) -> h11.Request:
    return h11.Request(method=method, target="/", headers=[("Host", ""), ("Upgrade", "any")])


def _ambiguity(message: Request | Response) -> list[ObservedEvent]:
    if not is_ambiguous(message.headers):
        return []
    what = Sentence("Transfer-Encoding and Content-Length; read as chunked (RFC 9112 §6.3)")
    return [Problem("http-ambiguous-framing", what)]


def _cut(body: BodyReader | None) -> list[ObservedEvent]:
    if body is None or body.complete:
        return []
    return [BodyCut(body.received, body.length if isinstance(body, LengthReader) else None)]


def _malformed(error: HttpError) -> Problem:
    return Problem("http-malformed", Sentence("{error}; the rest of this direction is not followed", error=error))
