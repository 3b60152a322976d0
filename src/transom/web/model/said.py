"""What two sides said with the secrets taken out: nothing is shown but what was read as HTTP, or crossed as TLS.

A secret is found by where it stands. So whatever is in no place that we know is masked as a whole: bytes before the
first head, for the capture began in the middle of something; those behind a hole; a tunnel, a WebSocket; what is no
HTTP at all; a body that is compressed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from transom.dissect.protocol import speaks_http2
from transom.http.events import BodyCut, BodyData, BodyEnd, RequestHead, ResponseHead, Switched
from transom.http.events import Problem as HttpProblem
from transom.http.framing import Chunked
from transom.http.messages import NO_HEADERS, Headers
from transom.http.observed import HttpObserver, Seen
from transom.value import value
from transom.web.model.digest_fields import mask_digests
from transom.web.model.looked_through import (
    hides_all,
    is_from_within,
    is_structured,
    kind_of,
    media_type_of,
    of_a_body,
)
from transom.web.model.said_http2 import Stretch, mask_http2
from transom.web.model.scrub import scrub, stars
from transom.web.model.secret_forms.spans import Span
from transom.wire.tap import Side


@value
class Piece:
    """Bytes that one side said; `lost` are missing before them, None: nobody knows how many."""

    side: Side
    data: bytes
    lost: int | None = 0


def mask_said(
    pieces: Sequence[Piece], tls_from: Mapping[Side, int] | None = None, sides: Iterable[Side] = Side
) -> dict[Side, bytes]:
    """The pieces of each of `sides`, joined.

    `tls_from` is where TLS records begin in that: they are shown as they crossed.
    """
    if _is_http2(pieces):
        stretches = (Stretch(piece.side, piece.data, piece.lost) for piece in pieces)
        return mask_http2(stretches, mask_body)
    reading = _Reading()
    for piece in pieces:
        reading.receive(piece)
    tells = reading.tells_digests
    return {side: reading.streams[side].masked((tls_from or {}).get(side), tells) for side in sides}


def _is_http2(pieces: Sequence[Piece]) -> bool:
    """Whether what they begin with, before anything is missing, is that."""
    first = dict.fromkeys(Side, b"")
    ended: set[Side] = set()
    for piece in pieces:
        if piece.lost != 0 or len(first[piece.side]) >= _FIRST:
            ended.add(piece.side)
        if len(ended) == len(Side):
            break
        if piece.side not in ended:
            first[piece.side] += piece.data[:_FIRST]
    return speaks_http2(first)


_FIRST = 64


def mask_body(data: bytes, headers: Headers, holes: Sequence[int] = ()) -> bytes:
    """A body with its framing taken off, or the first of it; at each of `holes` some is missing."""
    if hides_all(data, headers):
        return stars(data)
    if is_from_within(headers):
        holes = (0, *holes)
    media_type = media_type_of(headers)
    masked = scrub(data, kind_of(media_type))
    for hole in holes:
        # The rest of a value ends where nobody can say, if values may have line ends in them.
        rest = _REST_OF_LINE.match(masked, hole) if not is_structured(media_type) else None
        end = rest.end() if rest else len(masked)
        masked = masked[:hole] + stars(masked[hole:end]) + masked[end:]
    return masked


_REST_OF_LINE = re.compile(rb"[^\n]*(?:\n[ \t][^\n]*)*")
_START_LINE = re.compile(
    rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [^\s]+ HTTP/1\.[0-9]|HTTP/1\.[0-9] [0-9]{3}(?: [^\r\n]*)?)\r?\n"
)
_SIZE_LINE = re.compile(rb"[0-9A-Fa-f]{1,20}([ \t]*(?:;[^\r\n]*)?)\r\n")


class _Reading:
    """The pieces on their way through the observer of HTTP."""

    def __init__(self) -> None:
        self.streams = {side: _Stream() for side in Side}
        self._observer = HttpObserver()
        self._told: dict[int | None, bool] = {}

    def tells_digests(self, exchange: int | None) -> bool:
        """Whether its heads may tell a digest: there is a body that it can be of, and nothing in any is masked."""
        if exchange not in self._told:
            self._told[exchange] = exchange in self._bodies and all(
                of_a_body(content, body.headers, is_all=is_all) is None
                for stream, body in self._bodies[exchange]
                for content, is_all in [stream.content(body)]
            )
        return self._told[exchange]

    @cached_property
    def _bodies(self) -> dict[int | None, list[tuple[_Stream, _Body]]]:
        """By exchange, once all is received."""
        found: dict[int | None, list[tuple[_Stream, _Body]]] = {}
        for stream in self.streams.values():
            for body in stream.bodies:
                found.setdefault(body.exchange, []).append((stream, body))
        return found

    def receive(self, piece: Piece) -> None:
        stream = self.streams[piece.side]
        if piece.lost != 0:
            stream.hole(piece.lost or 0)
        if piece.lost is None:
            stream.over = True  # where a head begins again cannot be told
        elif piece.lost:
            self._take(self._observer.lost(piece.side, piece.lost))
        stream.data += piece.data
        if not stream.over:
            self._take(self._observer.receive(piece.side, piece.data))

    def _take(self, found: Sequence[Seen]) -> None:
        for seen in found:
            if isinstance(seen.event, Switched):
                for stream in self.streams.values():
                    stream.over = True
            self.streams[seen.side].take(seen)


@dataclass
class _Body:
    """Where it lies: the stretches it came in, with what frames it."""

    exchange: int
    headers: Headers
    chunked: bool
    start: int
    end: int
    is_all: bool = False

    def parts(self, data: bytes | bytearray) -> tuple[list[Span], list[Span], int]:
        """As `_chunks` tells them."""
        if self.chunked:
            return _chunks(data, self.start, self.end)
        return [(self.start, self.end)], [], self.end


@dataclass
class _Stream:
    """One side. Places are in `data`, which has no holes; the observer's have."""

    data: bytearray = field(default_factory=bytearray)
    over: bool = False
    _holes: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    _heads: list[tuple[Span, int | None]] = field(default_factory=list[tuple[Span, int | None]])
    bodies: list[_Body] = field(default_factory=list[_Body])
    _body: _Body | None = None
    _read_to: int = 0

    def hole(self, count: int) -> None:
        self._cut_head()
        self._holes.append((len(self.data), count))

    def take(self, seen: Seen) -> None:
        start, end = self._place(seen.start), self._place(seen.end)
        match seen.event:
            case RequestHead(message, framing) | ResponseHead(message, framing):
                self._heads.append(((start, end), seen.exchange))
                self._body = _Body(seen.exchange, message.headers, isinstance(framing, Chunked), end, end)
            case BodyData():
                self._grow(end)
            case BodyEnd() | BodyCut():
                self._grow(end)
                if self._body is not None:
                    self._body.is_all = isinstance(seen.event, BodyEnd)
                self._body = None
            case HttpProblem(code="http-ambiguous-framing"):
                pass
            case HttpProblem():
                self.over = True
                return
            case Switched():
                return
            case _:
                if start < end and _START_LINE.match(self.data, start, end):  # of an informational answer
                    self._heads.append(((start, end), seen.exchange))
        self._read_to = max(self._read_to, end)

    def masked(self, tls_from: int | None, tells_digests: Callable[[int | None], bool]) -> bytes:
        self._cut_head()
        data = bytes(self.data)
        masked = bytearray(stars(data))
        for (start, end), exchange in self._heads:
            masked[start:end] = _head(scrub(data[start:end]), exchange, tells_digests)
        for body in self.bodies:
            self._mask_body(body, data, masked, tells_digests)
        if tls_from is not None:
            masked[tls_from:] = scrub(data[tls_from:])
        return bytes(masked)

    def content(self, body: _Body) -> tuple[bytes, bool]:
        """Without what frames it, and whether it is all of it."""
        spans, _, _ = body.parts(self.data)
        return b"".join(self.data[start:end] for start, end in spans), body.is_all and not self._holes_in(body)

    def _cut_head(self) -> None:
        """A head that has not ended where bytes are missing, or where they end."""
        if not self.over and self._body is None and _START_LINE.match(self.data, self._read_to):
            self._heads.append(((self._read_to, len(self.data)), None))

    def _grow(self, end: int) -> None:
        body = self._body
        if body is None:
            return
        if body.start == body.end < end:
            self.bodies.append(body)
        body.end = max(body.end, end)

    def _holes_in(self, body: _Body) -> list[int]:
        return [place - body.start for place, _ in self._holes if body.start <= place < body.end]

    def _mask_body(
        self, body: _Body, data: bytes, masked: bytearray, tells_digests: Callable[[int | None], bool]
    ) -> None:
        spans, framing, trailer = body.parts(data)
        for start, end in framing:
            masked[start:end] = data[start:end]
        masked[trailer : body.end] = _head(scrub(data[trailer : body.end]), body.exchange, tells_digests)
        content = b"".join(data[start:end] for start, end in spans)
        shown = mask_body(content, body.headers or NO_HEADERS, self._holes_in(body))
        at = 0
        for start, end in spans:
            masked[start:end] = shown[at : at + end - start]
            at += end - start

    def _place(self, position: int) -> int:
        """Where this byte of the stream is in what came of it."""
        lost = 0
        for place, count in self._holes:
            if position <= place + lost:
                break
            lost += min(count, position - place - lost)
        return position - lost


def _head(head: bytes, exchange: int | None, tells_digests: Callable[[int | None], bool]) -> bytes:
    """A head or a trailer with its digests masked, unless they may be told: which is asked only if there are any."""
    masked = mask_digests(head)
    return head if masked == head or tells_digests(exchange) else masked


def _chunks(data: bytes | bytearray, start: int, end: int) -> tuple[list[Span], list[Span], int]:
    """What is content in a chunked body, what frames it but for extensions, and where its trailer is (RFC 9112 §7.1).

    Content that is cut short has no trailer yet: it would begin at the end.
    """
    content: list[Span] = []
    framing: list[Span] = []
    at = start
    while line := _SIZE_LINE.match(data, at, end):
        framing += [(at, line.start(1)), (line.end(1), line.end())]
        size = int(data[at : line.start(1)], 16)
        if not size:
            return content, framing, line.end()
        at = min(line.end() + size, end)
        content.append((line.end(), at))
        if data[at : min(at + 2, end)] != b"\r\n":
            break
        framing.append((at, at + 2))
        at += 2
    return content, framing, end
