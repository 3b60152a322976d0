"""HTTP as a part of the timeline: heads, bodies hashed and passed on while they go by, and the tunnel behind them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from transom.dissect.exchanges import Exchange
from transom.dissect.telling import BodySink, DigestJudge, Telling, View
from transom.dissect.timeline import HttpBody, HttpRequest, HttpResponse, Item, Moment, Withheld
from transom.errors import Sentence
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
from transom.http.framing import Framing, Length
from transom.http.messages import Request, Response
from transom.http.observed import HttpObserver, Seen
from transom.wire.tap import Buffer, Side


@dataclass
class _Body:
    """A body that is going by."""

    stream: int
    expected: int | None
    hasher: _Hasher | None = None
    sink: BodySink | None = None
    length: int = 0
    missing: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    over: bool = False

    def take(self, data: Buffer) -> None:
        """Bytes of it."""
        self.length += len(data)
        if self.hasher is not None:
            self.hasher.update(data)
        if self.sink is not None:
            self.sink.write(data)

    def miss(self, start: int, count: int) -> None:
        """A hole in it: without these bytes there is no hash."""
        self.missing.append((start, start + count))
        if self.hasher is not None:
            self.hasher.forget()
            self.hasher = None
        if self.sink is not None:
            self.sink.skip(count)

    def end(self, *, complete: bool) -> None:
        """Nothing more comes."""
        self.over = True
        if self.sink is not None:
            self.sink.end(complete=complete)

    def item(self, moment: Moment, side: Side, *, complete: bool) -> HttpBody:
        """As the timeline has it. The hash is of one that has ended, and was computed over every byte that came."""
        sha256, withheld = (None, None) if self.hasher is None or not self.over else self.hasher.told()
        missing = tuple(self.missing)
        return HttpBody(moment, side, self.stream, self.length, sha256, complete, self.expected, missing, withheld)


class _Hasher:
    """Of one body; `judge` says whether its digest may be told."""

    def __init__(self, judge: DigestJudge | None) -> None:
        self._hash = hashlib.sha256()
        self._judge = judge

    def update(self, data: Buffer) -> None:
        self._hash.update(data)
        if self._judge is not None:
            self._judge.write(data)

    def told(self) -> tuple[str | None, Withheld | None]:
        """Of a body that is over, once."""
        digest = self._hash.hexdigest()
        withheld = None if self._judge is None else self._judge.judge(digest)
        return (None if withheld else digest), withheld

    def forget(self) -> None:
        if self._judge is not None:
            self._judge.forget()


class _Observer(Protocol):
    """What `HttpObserver` and `Http2Observer` have in common."""

    def receive(self, side: Side, data: Buffer) -> list[Seen]: ...
    def lost(self, side: Side, count: int | None) -> list[Seen]: ...
    def remaining(self, side: Side) -> int: ...
    def going_by(self, side: Side) -> int: ...
    def passed(self, side: Side, count: int) -> None: ...
    def closed(self, side: Side, *, clean: bool) -> list[Seen]: ...


class HttpView:
    """HTTP in plain TCP or out of TLS. What a tunnel or an upgrade leads to goes on to `beyond`."""

    def __init__(self, telling: Telling, beyond: View) -> None:
        self._telling = telling
        self._beyond = beyond
        self._switched = False
        self._observer: _Observer = HttpObserver()
        self._is_http2 = False
        self._first_stream = telling.streams
        self._position = {Side.CLIENT: 0, Side.SERVER: 0}
        self._bodies: dict[tuple[int, Side], _Body] = {}
        self._exchanges: dict[int, Exchange] = {}
        self._asked: HttpRequest | None = None

    @classmethod
    def of_http2(cls, telling: Telling, beyond: View, asked: HttpRequest | None = None) -> HttpView:
        """HTTP/2, whose streams have numbers of their own. `asked` is the request whose answer has changed to it."""
        from transom.http.h2.observed import Http2Observer  # here: most conversations do without, and HPACK is large

        view = cls(telling, beyond)
        upgraded = None if asked is None else Request(asked.method, asked.target, asked.headers)
        view._observer = Http2Observer(upgraded)
        view._is_http2 = True
        view._first_stream = 0
        if asked is not None:
            view._exchanges[1] = Exchange(1, request=replace(asked, stream=1))
        return view

    def receive(self, side: Side, data: Buffer, moment: Moment) -> None:
        if self._switched:
            self._beyond.receive(side, data, moment)
            return
        start = self._position[side]
        self._position[side] += len(data)
        for seen in self._observer.receive(side, data):
            self._take(seen, moment)
            if isinstance(seen.event, Switched):
                self._switched = True
                rest = data[seen.end - start :]
                if rest:
                    self._beyond.receive(side, rest, moment)

    def lost(self, side: Side, count: int | None, moment: Moment) -> None:
        if self._switched:
            self._beyond.lost(side, count, moment)
            return
        self._position[side] += count or 0
        for seen in self._observer.lost(side, count):
            self._take(seen, moment)

    def unwanted(self, side: Side) -> int:
        body = self._bodies.get(self._going_by(side))
        if body is None or body.hasher is not None or body.sink is not None:
            return 0
        return self._observer.remaining(side) if self._telling.looking.pass_over_bodies else 0

    def passed(self, side: Side, count: int) -> None:
        self._position[side] += count
        self._bodies[self._going_by(side)].length += count
        self._observer.passed(side, count)

    def ended(self, side: Side, moment: Moment, *, clean: bool) -> None:
        for seen in self._observer.closed(side, clean=clean):
            self._take(seen, moment)
        if self._switched:
            self._beyond.ended(side, moment, clean=clean)

    def pending(self, moment: Moment) -> Iterator[Item]:
        for (_, side), body in self._bodies.items():
            yield body.item(moment, side, complete=False)
        yield from self._beyond.pending(moment)

    def _going_by(self, side: Side) -> tuple[int, Side]:
        return self._first_stream + self._observer.going_by(side), side

    def _take(self, seen: Seen, moment: Moment) -> None:
        stream = self._first_stream + seen.exchange
        self._telling.streams = max(self._telling.streams, stream + 1)
        side = seen.side
        match seen.event:
            case RequestHead(request, framing):
                self._request(stream, request, seen, moment)
                self._begin_body(Side.CLIENT, stream, framing)  # whoever tells of it: a server may promise an answer
            case InformationalHead(response):
                self._response(stream, response, seen, moment)
            case ResponseHead(response, framing):
                self._response(stream, response, seen, moment)
                self._begin_body(side, stream, framing)
            case HeadUnknown(framing):
                self._begin_body(side, stream, framing)
            case BodyData(data):
                self._bodies[stream, side].take(data)
            case BodyMissing(start, count):
                self._bodies[stream, side].miss(start, count)
            case BodyEnd():
                self._end_body(side, stream, moment, cut=False)
            case BodyCut():
                self._end_body(side, stream, moment, cut=True)
            case Problem(code, what):
                self._telling.problem(moment, side, code, self._where(side, stream), what)
            case Switched(protocol):
                self._end_body(side, stream, moment, cut=False)
                self._switch(protocol, stream, moment)

    def _where(self, side: Side, stream: int) -> Sentence:
        is_client = side is Side.CLIENT
        if not self._is_http2:
            place = "client stream, exchange {exchange}" if is_client else "server stream, exchange {exchange}"
            return Sentence(place, exchange=stream)
        if not stream:
            return Sentence("HTTP/2, client" if is_client else "HTTP/2, server")
        of_stream = "HTTP/2 stream {stream}, client" if is_client else "HTTP/2 stream {stream}, server"
        return Sentence(of_stream, stream=stream)

    def _switch(self, protocol: str, stream: int, moment: Moment) -> None:
        """HTTP/2 on the same connection: its stream 1 answers the request that asked for it (RFC 7540 §3.2)."""
        asked = self._asked
        if protocol.lower() != "h2c" or asked is None or asked.stream != stream:
            return
        self._beyond = self.of_http2(self._telling, self._beyond, asked)
        again = replace(asked, stream=1, moment=moment)
        self._telling.streams = max(self._telling.streams, 2)
        self._telling.tell(again)
        self._telling.tell(HttpBody(moment, Side.CLIENT, 1, 0, None, complete=True, expected=0))

    def _request(self, stream: int, request: Request, seen: Seen, moment: Moment) -> None:
        item = HttpRequest(
            moment,
            stream,
            request.method,
            request.target,
            _authority(request),
            request.version,
            request.headers,
            seen.end - seen.start,
            seen.start,
            seen.side,
        )
        self._exchanges[stream] = Exchange(stream, request=item)
        self._asked = item
        self._telling.tell(item)

    def _response(self, stream: int, response: Response, seen: Seen, moment: Moment) -> None:
        item = HttpResponse(
            moment,
            stream,
            response.status,
            response.reason,
            response.version,
            response.headers,
            seen.end - seen.start,
            seen.start,
        )
        self._exchanges.setdefault(stream, Exchange(stream)).response = item
        self._telling.tell(item)

    def _begin_body(self, side: Side, stream: int, framing: Framing) -> None:
        body = _Body(stream, expected=framing.count if isinstance(framing, Length) else None)
        looking = self._telling.looking
        if body.expected != 0:
            exchange = self._exchanges.setdefault(stream, Exchange(stream))
            if looking.hash_bodies:
                body.hasher = _Hasher(looking.judges(side, exchange) if looking.judges else None)
            body.sink = looking.bodies(side, exchange) if looking.bodies else None
        self._bodies[stream, side] = body

    def _end_body(self, side: Side, stream: int, moment: Moment, *, cut: bool) -> None:
        # A message that is cut may have had no head; and after a 101 no other answer comes.
        body = self._bodies.pop((stream, side), None) or _Body(stream, expected=None if cut else 0)
        complete = not cut and not body.missing
        body.end(complete=complete)
        if side is Side.SERVER:
            self._exchanges.pop(stream, None)
        self._telling.tell(body.item(moment, side, complete=complete))


def _authority(request: Request) -> str | None:
    """RFC 9112 §3.3: the target's own authority where it has one, else the Host field's; and RFC 9113 §8.3.1."""
    if request.authority is not None:
        return request.authority
    if request.method == "CONNECT":
        return request.target
    _, scheme_ends, rest = request.target.partition("://")
    if scheme_ends and not request.target.startswith("/"):
        return rest.partition("/")[0]
    return request.headers.get("Host")
