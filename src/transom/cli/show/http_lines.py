"""HTTP in a line each: the request, the answer with what a download needs to know of it, a body that fell short."""

from __future__ import annotations

from transom.cli.show.names import SEPARATOR
from transom.cli.words import Words
from transom.dissect.timeline import HttpBody, HttpRequest, HttpResponse
from transom.http.messages import Headers
from transom.wire.escape import escape


def request_line(request: HttpRequest) -> str:
    """`GET /f.bin · HTTP/1.1 · localhost`; of HTTP/2 `GET /f.bin · HTTP/2 stream 1 · localhost`."""
    line = f"{escape(request.method)} {escape(request.target)}"
    authority = escape(request.authority) if request.authority else ""
    stream = f" stream {request.stream}" if request.version == "2" else ""
    return SEPARATOR.join(filter(None, (line, f"HTTP/{escape(request.version)}{stream}", authority)))


def response_line(response: HttpResponse, words: Words) -> str:
    """`200 · 3,000,001 bytes · ETag "5f-1a" · Repr-Digest sha-256`; of HTTP/2 `200 · stream 1 · 3,000,001 bytes`."""
    parts = [str(response.status) if response.status < 300 else f"{response.status} {escape(response.reason)}".rstrip()]
    if response.version == "2":
        parts.append(f"stream {response.stream}")
    length = _header(response.headers, "content-length")
    if length.isascii() and length.isdecimal():
        parts.append(words.count("http.bytes", int(length[:18])))
    told = ((name, _header(response.headers, name)) for name in ("Content-Range", "Location", "ETag"))
    parts += [f"{name} {value}" for name, value in told if value]
    if digest := _header(response.headers, "repr-digest"):
        parts.append(f"Repr-Digest {digest.partition('=')[0]}")
    return SEPARATOR.join(parts)


def body_line(body: HttpBody, words: Words) -> str:
    """A body that was cut short."""
    expected = "?" if body.expected is None else f"{body.expected:,}"
    return words.say("http.cut_short", bytes=f"{body.length:,}", expected=expected)


def _header(headers: Headers, name: str) -> str:
    """A header's value, escaped; empty if there is none."""
    return escape(headers.get(name) or "")
