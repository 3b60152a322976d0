"""The tabs that show what was transferred, and how: HTTP, files, packets and time, in a real Chromium."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.real.browser import Browser, Page
from tests.real.transom import User
from tests.web.model.test_files import PAGE, PNG
from tests.web.pages import opened, served
from transom.web.report import report


@contextmanager
def shown(browser: Browser, url: str, tab: str, state: str) -> Generator[Page]:
    """The page with a tab open, once it is drawn. Afterwards: nothing was complained of."""
    with browser.page() as page:
        page.resize(1280, 800)
        page.open(f"{url}#tab={tab}&{state}")
        page.wait_for(f"document.querySelector('tab-{tab} > *')")
        yield page
        seen = page.seen()
        assert seen.complaints == []
        assert seen.failed == []


def text_of(page: Page, selector: str) -> str:
    found: str = page.evaluate(f"document.querySelector({selector!r})?.textContent")
    return found


def without_keys(page: Page, tab: str) -> str:
    """What is in the document after the switch."""
    page.press("k")
    page.wait_for("document.querySelector('transom-page').dataset.drawn.includes('without-keys')")
    page.wait_for(f"document.querySelector('tab-{tab} > *')")
    return text_of(page, "transom-page")


SAID = ("GET /picture.bin", "picture.bin", "application/octet-stream")


def test_http_has_the_exchange_with_its_headers_and_where_its_time_went(browser: Browser, address: str) -> None:
    with shown(browser, address, "http", "c=1") as page:
        said = text_of(page, "tab-http")
        for words in ("GET /picture.bin", "200 OK", "received 8,388,608 B", "application/octet-stream", "in all;"):
            assert words in said
        assert page.evaluate("[...document.querySelectorAll('.waterfall dt')].map(name => name.textContent)") == [
            "connect", "TLS", "wait", "receive",
        ]  # fmt: skip
        page.click(".exchange .to-step")
        page.wait_for("location.hash.includes('step=')")
        hidden = without_keys(page, "http")
        assert "one answer of about 8,38" in hidden
        for words in SAID:
            assert words not in hidden


def test_plain_http_stays_without_keys(browser: Browser, address: str) -> None:
    with shown(browser, address, "http", "c=0&view=without-keys") as page:
        assert "GET /picture.bin" in text_of(page, "tab-http")


def test_a_request_is_copied_as_a_curl_command_and_marked_where_the_browser_lets_no_page_copy(
    browser: Browser, address: str
) -> None:
    with shown(browser, address, "http", "c=1") as page:
        page.click(".curl summary")
        line = text_of(page, ".curl pre")
        assert line.startswith("curl --http1.1 ")
        assert line.endswith("/picture.bin")
        page.click(".curl button")
        page.wait_for("document.querySelector('.curl [role=status]').textContent === 'Copied.'")
        page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(new Error('no')))")
        page.click(".curl button")
        page.wait_for("document.querySelector('.curl [role=status]').textContent.includes('Ctrl+C')")
        assert page.evaluate("getSelection().toString()") == line


def test_files_are_listed_shown_and_saved_and_hidden_without_keys(browser: Browser, address: str) -> None:
    with shown(browser, address, "files", "c=1") as page:
        said = text_of(page, "tab-files")
        assert "picture.bin" in said
        assert "8,388,608 B" in said
        digest = page.evaluate("document.querySelector('.digest').textContent").split()[-1]
        saved = """(async () => {
            const answer = await fetch(document.querySelector('.save').href);
            const digest = await crypto.subtle.digest('SHA-256', await answer.arrayBuffer());
            return [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('');
        })()"""
        assert page.evaluate(saved) == digest
        hidden = without_keys(page, "files")
        assert "one answer of about 8,38" in hidden
        for words in (*SAID, digest):
            assert words not in hidden


def test_of_many_packets_only_those_in_sight_are_in_the_document(browser: Browser, address: str) -> None:
    rows = "document.querySelectorAll('.packet').length"
    with shown(browser, address, "packets", "c=1") as page:
        page.wait_for(f"{rows} > 0")
        assert page.evaluate(rows) < 60
        assert page.evaluate("[...document.querySelectorAll('[role=columnheader]')].map(one => one.textContent)") == [
            "No.", "time", "from", "to", "↔", "protocol", "length", "info",
        ]  # fmt: skip
        page.evaluate("document.querySelector('.packet-rows').focus()")
        page.press("End")
        last = "'packet-' + (document.querySelector('[aria-rowcount]').ariaRowCount - 2)"
        page.wait_for(f"document.querySelector('.packet[aria-selected=true]')?.id === {last}")
        assert page.evaluate(rows) < 60
        page.press("Home")
        page.wait_for("document.querySelector('#packet-3')")
        page.click("#packet-3 .cell-info")
        page.wait_for("location.hash.includes('step=c0')")
        assert "GET /picture.bin HTTP/1.1" in text_of(page, "tab-packets")
        hidden = without_keys(page, "packets")
        page.wait_for(f"{rows} > 0")
        assert "GET" not in hidden + text_of(page, "tab-packets")


def test_time_is_drawn_on_a_canvas_and_read_off_by_key(browser: Browser, address: str) -> None:
    with shown(browser, address, "time", "c=1") as page:
        page.wait_for("document.querySelector('.pace').width > 600")
        blank = """(() => {
            const [canvas, blank] = [document.querySelector('.pace'), document.createElement('canvas')];
            [blank.width, blank.height] = [canvas.width, canvas.height];
            return canvas.toDataURL() === blank.toDataURL();
        })()"""
        assert page.evaluate(blank) is False
        assert page.evaluate("document.querySelectorAll('tab-time *').length") < 30
        page.evaluate("document.querySelector('.pace').focus()")
        page.press("ArrowRight")
        assert "C → S 0 B" in page.wait_for("document.querySelector('tab-time [aria-live]').textContent")
        assert "8,40" in page.evaluate("document.querySelector('.pace').ariaLabel")


@pytest.mark.parametrize("tab", ["http", "files", "packets", "time"])
def test_the_report_has_the_tab_too(browser: Browser, trace: Path, tmp_path: Path, tab: str) -> None:
    file = tmp_path / "report.html"
    file.write_text(report(opened(trace)), "utf-8")
    with shown(browser, file.as_uri(), tab, "c=1") as page:
        page.wait_for(f"document.querySelector('tab-{tab}').childElementCount > 0")
        if tab == "packets":
            assert "first 100 of" in text_of(page, "tab-packets")
        if tab == "files":
            assert page.evaluate("document.querySelector('.save')") is None
            assert "no more of each than the preview" in text_of(page, "tab-files")
        hidden = without_keys(page, tab)
        for words in SAID:
            assert words not in hidden


def test_a_picture_is_drawn_by_its_bytes_alone_and_markup_stays_text(browser: Browser, tmp_path: Path) -> None:
    user = User.new(tmp_path)
    shared = user.folder / "shared"
    shared.mkdir()
    (shared / "large.png").write_bytes(PNG + bytes(40_000))  # more than is kept: the live page asks for the rest
    (shared / "page.html").write_bytes(PAGE)
    with user.serving(shared) as serving:
        ran = user.run("get", serving.url("/large.png"), serving.url("/page.html"), "-O", "-O", "--trace", "t.pcapng")
    assert ran.exit_code == 0, ran.stderr
    trace = user.folder / "t.pcapng"
    with served(trace) as address, shown(browser, address, "files", "c=0") as page:
        page.evaluate("document.querySelectorAll('.file details').forEach(one => { one.open = true; })")
        page.wait_for("document.querySelector('img.preview')?.naturalWidth === 1")
        assert PAGE.decode() in text_of(page, "tab-files")
        assert page.evaluate("document.querySelectorAll('tab-files script').length") == 0
