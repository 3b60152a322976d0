"""Frames to observe, made by hand and by the `hpack` library; and what an observer makes of them, in short."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hpack import Encoder

from transom.http.events import (
    BodyData,
    HeadUnknown,
    InformationalHead,
    Problem,
    RequestHead,
    ResponseHead,
)
from transom.http.h2.frames import PREFACE
from transom.http.h2.observed import Http2Observer
from transom.http.observed import Seen
from transom.wire.tap import Side

C, S = Side.CLIENT, Side.SERVER

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, END_HEADERS, PADDED, WITH_PRIORITY = 1, 4, 8, 0x20

Fields = Sequence[tuple[str, str]]
Wire = Sequence[tuple[Side, bytes]]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def data(stream: int, content: bytes, *, ends: bool = False, padding: int | None = None) -> bytes:
    flags = END_STREAM if ends else 0
    if padding is None:
        return frame(DATA, flags, stream, content)
    return frame(DATA, flags | PADDED, stream, bytes((padding,)) + content + bytes(padding))


def get(path: str, *more: tuple[str, str], method: str = "GET") -> Fields:
    return [(":method", method), (":scheme", "https"), (":authority", "files.example"), (":path", path), *more]


class Talker:
    """One side: what it said before is in its table."""

    def __init__(self) -> None:
        self.encoder = Encoder()

    def block(self, fields: Fields) -> bytes:
        return bytes(self.encoder.encode(fields))

    def headers(self, stream: int, fields: Fields, *, ends: bool = False) -> bytes:
        flags = END_HEADERS | (END_STREAM if ends else 0)
        return frame(HEADERS, flags, stream, self.block(fields))


def client_preface(*settings: tuple[int, int]) -> bytes:
    return PREFACE + server_preface(*settings)


def server_preface(*settings: tuple[int, int]) -> bytes:
    payload = b"".join(number.to_bytes(2, "big") + setting.to_bytes(4, "big") for number, setting in settings)
    return frame(SETTINGS, 0, 0, payload)


Told = tuple[int, Side, object]


def told(seen: Iterable[Seen]) -> list[Told]:
    """Stream, side and event; a head as its first line, a problem as its code, neighbouring data of a stream as one."""
    found: list[Told] = []
    for item in seen:
        match item.event:
            case RequestHead(request):
                event: object = f"{request.method} {request.target}"
            case ResponseHead(response) | InformationalHead(response):
                event = response.status
            case HeadUnknown():
                event = "unknown"
            case BodyData(content):
                event = bytes(content)
            case Problem(code):
                event = code
            case other:
                event = other
        last = found[-1] if found else None
        if last and isinstance(event, bytes) and isinstance(last[2], bytes) and last[:2] == (item.exchange, item.side):
            found[-1] = (item.exchange, item.side, last[2] + event)
        else:
            found.append((item.exchange, item.side, event))
    return found


def observe(wire: Wire, *, close: bool = False) -> list[Told]:
    """What becomes of these pieces, and of the end of both sides if they `close`."""
    return told(observed(wire, close=close))


def observed(wire: Wire, *, close: bool = False) -> list[Seen]:
    observer = Http2Observer()
    found: list[Seen] = []
    for side, piece in wire:
        found += map(_kept, observer.receive(side, piece))
    if close:
        found += [seen for side in Side for seen in observer.closed(side, clean=True)]
    return found


def _kept(item: Seen) -> Seen:
    event = BodyData(bytes(item.event.data)) if isinstance(item.event, BodyData) else item.event
    return Seen(item.exchange, item.side, item.start, item.end, event)


def problems(seen: Iterable[Seen]) -> list[str]:
    return [f"{item.event.code}: {item.event.what}" for item in seen if isinstance(item.event, Problem)]
