"""Beside the SHA-256 in the verdict stands whether it is the one that its sender said (RFC 9530)."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from tests.dissect.told import write_trace
from tests.real.browser import Browser
from tests.web.pages import live_or_report
from tests.web.shown import drawn, shown
from transom.dissect.exchanges import Exchange
from transom.dissect.timeline import HttpBody, HttpRequest, HttpResponse, Moment
from transom.http.messages import Headers
from transom.web.model.announced import as_announced
from transom.wire.tap import Side

BODY = b"a file"
SHA256 = hashlib.sha256(BODY)
RIGHT = f"sha-256=:{base64.b64encode(SHA256.digest()).decode()}:"
WRONG = f"sha-256=:{base64.b64encode(hashlib.sha256(b'another').digest()).decode()}:"
VERDICT = "document.querySelector('verdict-line .verdict').textContent"


def exchange(side: Side, fields: dict[str, str], status: int = 200, method: str = "GET") -> tuple[Exchange, HttpBody]:
    of = {side: Headers(list(fields.items()))}
    asked = HttpRequest(Moment(0), 0, method, "/f", "1.1", "h", of.get(Side.CLIENT, Headers()), 0)
    answered = HttpResponse(Moment(0), 0, status, "", "1.1", of.get(Side.SERVER, Headers()), 0)
    body = HttpBody(Moment(0), side, 0, len(BODY), SHA256.hexdigest(), complete=True, expected=len(BODY))
    return Exchange(0, asked, answered), body


@pytest.mark.parametrize(
    ("side", "fields", "status", "method", "holds"),
    [
        (Side.SERVER, {"Repr-Digest": RIGHT}, 200, "GET", True),
        (Side.SERVER, {"Repr-Digest": WRONG}, 200, "GET", False),
        (Side.SERVER, {"Repr-Digest": RIGHT, "Content-Digest": WRONG}, 200, "GET", False),
        (Side.SERVER, {"Repr-Digest": WRONG, "Content-Digest": RIGHT}, 206, "GET", True),
        (Side.SERVER, {"Repr-Digest": WRONG}, 206, "GET", None),
        (Side.SERVER, {"Repr-Digest": WRONG}, 200, "POST", None),
        (Side.SERVER, {"Repr-Digest": "sha-512=:AAAA:"}, 200, "GET", None),
        (Side.SERVER, {"Repr-Digest": "sha-256=:!:"}, 200, "GET", None),
        (Side.SERVER, {}, 200, "GET", None),
        (Side.CLIENT, {"Repr-Digest": RIGHT}, 201, "PUT", True),
        (Side.CLIENT, {"Repr-Digest": WRONG}, 201, "PUT", False),
        (Side.CLIENT, {"Repr-Digest": WRONG, "Content-Range": "bytes 0-5/9"}, 201, "PUT", None),
    ],
)
def test_a_digest_is_held_against_what_it_is_of(
    side: Side, fields: dict[str, str], status: int, method: str, holds: bool | None
) -> None:
    assert as_announced(*exchange(side, fields, status, method)) is holds


@pytest.mark.parametrize(
    ("field", "english", "korean"),
    [
        (RIGHT, " ✓ as its sender's digest says", " ✓ 보낸 쪽의 다이제스트와 같음"),
        (WRONG, " ✗ not what its sender's digest says", " ✗ 보낸 쪽의 다이제스트와 다름"),
        ("", "", ""),
    ],
)
def test_the_verdict_says_whether_the_digest_holds(
    browser: Browser, tmp_path: Path, field: str, english: str, korean: str
) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(BODY)}\r\n"
    head += f"Repr-Digest: {field}\r\n" if field else ""
    wire = [(Side.CLIENT, b"GET /f.bin HTTP/1.1\r\nHost: h\r\n\r\n"), (Side.SERVER, f"{head}\r\n".encode() + BODY)]
    trace = write_trace(tmp_path / "t.pcapng", wire)
    digest = f"SHA-256 {SHA256.hexdigest()[:6]}…{SHA256.hexdigest()[-4:]}"
    with live_or_report(trace, tmp_path, live=True) as address, shown(browser, address, "#c=0") as page:
        assert f"f.bin whole, 6 B, {digest}{english} · " in page.evaluate(VERDICT).replace("HTTP", " · HTTP")
        page.click("header .set-language")
        drawn(page, "ko")
        assert f"{digest}{korean}" in page.evaluate(VERDICT)
