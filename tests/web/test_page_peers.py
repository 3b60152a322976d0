"""What a peer writes is seen for what it is, and what another site asks of the page's server it does not get."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dissect.told import START
from tests.real.browser import Browser
from tests.web.many import client_hello_for
from tests.web.pages import live_or_report, served
from tests.web.shown import RAW, shown
from transom.capture.write import TraceWriter
from transom.wire.tap import Endpoint, Endpoints, Side

TURNED = "\u202egpj.exe\u2066\x1b[2J"
"""Reads `exe.jpg`; and what would clear a terminal."""

SPELLED = r"\u202egpj.exe\u2066\x1b[2J"


def turning(folder: Path) -> Path:
    """Plain HTTP and a ClientHello, by a peer that would have its text read as another."""
    path = folder / f"{TURNED.replace(chr(27), '')}.pcapng"
    said = "".join(f"%{byte:02X}" for byte in TURNED.encode())
    with TraceWriter(path, "tests") as writer:
        tap = writer.conversation()
        tap.opened(Endpoints(Endpoint("10.0.0.1", 40000), Endpoint("192.0.2.1", 80)), START)
        ask = f"GET /{said} HTTP/1.1\r\nHost: h\r\nX-{said}: {TURNED}\r\n\r\n"
        tap.data(Side.CLIENT, ask.encode(), START + 1000)
        body = f"{TURNED}\r\nthe second line\tof it".encode()
        head = (
            f"HTTP/1.1 200 {TURNED}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        tap.data(Side.SERVER, head.encode() + body, START + 2000)
        tap = writer.conversation()
        tap.opened(Endpoints(Endpoint("10.0.0.1", 40001), Endpoint("192.0.2.1", 443)), START + 3000)
        tap.data(Side.CLIENT, client_hello_for(TURNED.encode()), START + 4000)
    return path


@pytest.mark.parametrize("live", [True, False])
def test_what_would_turn_or_hide_a_text_is_spelled_out_wherever_it_stands(
    browser: Browser, tmp_path: Path, *, live: bool
) -> None:
    trace = turning(tmp_path)
    with live_or_report(trace, tmp_path, live=live) as url, shown(browser, url, "#c=0&list=open") as page:
        assert page.evaluate(RAW) == []
        for number, tabs in ((0, ("follow", "http", "files", "leaks", "packets", "compare")), (1, ("follow", "leaks"))):
            for tab in tabs:
                page.evaluate(f"location.hash = '#c={number}&tab={tab}'")
                page.wait_for(f"document.querySelector('transom-page').dataset.drawn.startsWith('{number} ')")
                page.wait_for(f"document.querySelector('tab-{tab}')?.childElementCount")
                page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
                assert page.evaluate(RAW) == [], (number, tab)
                if tab == "files":
                    assert SPELLED in page.evaluate("document.querySelector('.file h3').textContent")
                    text = page.evaluate("document.querySelector('.preview').textContent")
                    assert text.replace("\r", "") == f"{SPELLED}\nthe second line\tof it"


def test_a_file_is_saved_by_a_name_that_reads_as_it_is(browser: Browser, tmp_path: Path) -> None:
    with served(turning(tmp_path)) as address, shown(browser, address, "#c=0&tab=files") as page:
        named = page.evaluate(
            "fetch(document.querySelector('.save').href).then(answer => answer.headers.get('Content-Disposition'))"
        )
        assert named == "attachment; filename*=UTF-8''_gpj.exe__%5B2J"
        assert page.download(lambda: page.click(".save")).read_bytes().endswith(b"the second line\tof it")


ANOTHER = "about:blank"
"""A page of no origin that the server knows."""


def test_another_site_gets_nothing_even_if_it_knows_the_address(browser: Browser, address: str) -> None:
    with browser.page() as page:
        page.open(ANOTHER)
        for asked in ("api/about", "main.js", "save/0/with-keys/said-client"):
            told = page.evaluate(f"fetch({address + asked!r}).then(answer => answer.text(), () => 'kept back')")
            assert told == "kept back"
        element = """new Promise(done => {
            const one = document.createElement(%r);
            one.onload = () => done("there");
            one.onerror = () => done("kept back");
            one.src = %r;
            document.body.append(one);
        })"""
        for name, asked in (("script", "main.js"), ("img", "icon.svg")):
            assert page.evaluate(element % (name, address + asked)) == "kept back", name
        for kind, scheme in (("EventSource", "http"), ("WebSocket", "ws")):
            url = address.replace("http", scheme, 1) + "api/about"
            told = f"new Promise(done => {{ new {kind}({url!r}).onerror = () => done('kept back'); }})"
            assert page.evaluate(told) == "kept back"
