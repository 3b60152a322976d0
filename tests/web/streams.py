"""HTTP/2 out of TLS 1.3 for the page: a visit of six streams that take turns, with a login in it."""

from __future__ import annotations

from pathlib import Path

from tests.dissect.test_follow import KOREAN
from tests.dissect.told import START
from tests.http.h2.made import C, S, Talker, client_preface, data, frame, get, server_preface
from tests.tls.shuttle import Shuttle, client_config, server_config
from tests.web.model.test_files import PNG
from transom.capture.write import TraceWriter
from transom.tls.iana.versions import ProtocolVersion
from transom.wire.tap import Endpoint, Endpoints, Side

PASSWORD, COOKIE = "correct-horse-battery", "7f3c9a51e2d84b06"
LONG = "/a-name-of-a-file-that-is-longer-than-any-line/" + "of-many-parts-" * 9 + "report.pdf"
MILLISECOND = 1_000_000

Said = list[tuple[int, Side, bytes]]
"""When, in milliseconds, who, and what."""


def visit() -> Said:
    client, server = Talker(), Talker()
    cookie = ("cookie", f"session={COOKIE}")
    form = f"user=kim&password={PASSWORD}".encode()
    page = f"<!doctype html><title>메뉴</title><script>{KOREAN}</script>".encode()

    def asks(stream: int, path: str, *more: tuple[str, str]) -> bytes:
        return client.headers(stream, get(path, *more), ends=True)

    def answers(stream: int, status: int, *more: tuple[str, str], ends: bool = False) -> bytes:
        return server.headers(stream, [(":status", str(status)), *more], ends=ends)

    login = [*get("/login", method="POST"), ("content-type", "application/x-www-form-urlencoded")]
    return [
        (30, C, client_preface((3, 100), (4, 1 << 20)) + client.headers(1, login) + data(1, form, ends=True)),
        (31, S, server_preface((3, 128))),
        (58, S, answers(1, 303, ("location", "/"), ("set-cookie", f"session={COOKIE}; Secure; HttpOnly"), ends=True)),
        (59, C, asks(3, "/", cookie)),
        (83, S, answers(3, 200, ("content-type", "text/html; charset=utf-8")) + data(3, page, ends=True)),
        (85, C, asks(5, "/logo.png", cookie) + asks(7, "/film.mp4", cookie) + asks(9, LONG, cookie)),
        (97, S, answers(7, 200, ("content-type", "video/mp4"), ("content-length", "900000")) + data(7, bytes(16_000))),
        (99, S, answers(5, 200, ("content-type", "image/png")) + data(5, PNG, ends=True)),
        (104, S, data(7, bytes(16_000)) + answers(9, 404, ends=True) + data(7, bytes(16_000))),
        (110, C, frame(3, 0, 7, (8).to_bytes(4, "big"))),  # RST_STREAM, CANCEL
        (140, C, asks(11, "/", cookie, ("if-none-match", '"5f"'))),
        (162, S, answers(11, 304, ("etag", '"5f"'), ends=True)),
        (170, S, frame(7, 0, 0, bytes(3) + bytes((11,)) + bytes(4))),  # GOAWAY, NO_ERROR
    ]


def streams(path: Path) -> Path:
    """A trace of it, with the keys."""
    with TraceWriter(path, "transom test") as writer:
        config = client_config(
            versions=(ProtocolVersion.TLSv1_3,), alpn=("h2",), keylog=lambda line: writer.secret(line.rstrip("\n"))
        )
        shuttle = Shuttle.between(config, server_config("rsa", alpn=("h2",))).handshake()
        tap = writer.conversation()
        tap.opened(Endpoints(Endpoint("192.0.2.7", 50_210), Endpoint("192.0.2.80", 443)), START)
        crossed = 0
        for number, (side, wire) in enumerate(shuttle.wire):
            tap.data(side, wire, START + (12 + 6 * number) * MILLISECOND)
            crossed = number + 1
        for at, side, said in visit():
            shuttle.send(side, said)
            for sender, wire in shuttle.wire[crossed:]:
                tap.data(sender, wire, START + at * MILLISECOND)
            crossed = len(shuttle.wire)
        for side in Side:
            tap.closed(side, START + 171 * MILLISECOND)
    return path
