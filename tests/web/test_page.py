"""The page in a real Chromium: a trace is opened, stepped through, and looked at without its keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.browser import Browser, Page
from tests.web.pages import opened
from tests.web.shown import drawn, shown
from transom.web.model.opened import Kind
from transom.web.report import report

REQUEST = "GET /picture.bin HTTP/1.1"
TEXT = "document.documentElement.textContent"
ALL = "document.documentElement.outerHTML + [...document.querySelectorAll('input')].map(one => one.value).join()"
"""What anybody finds who looks with the browser's own tools: attributes, titles and what is hidden too."""


def _chosen(page: Page) -> str:
    found: str = page.evaluate("document.querySelector('button.row[aria-current=true]')?.textContent")
    return found


def test_the_handshake_is_stepped_through_by_key_with_every_message_by_its_name(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&step=c0") as page:
        names: list[str] = []
        for _ in range(9):
            chosen = _chosen(page)
            names.append(chosen.split(", ")[1].removesuffix(" ✓"))
            page.press("n")
            page.wait_for(f"document.querySelector('button.row[aria-current=true]').textContent !== {chosen!r}")
    assert names[:5] == ["ClientHello", "ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone"]
    assert names[5:] == ["ClientKeyExchange", "ChangeCipherSpec", "Finished", "ChangeCipherSpec"]


def test_without_the_keys_nothing_that_was_said_is_in_the_document(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&beside=none&tab=follow") as page:
        assert REQUEST in page.evaluate(TEXT)
        page.press("k")
        drawn(page, "without-keys")
        page.wait_for("document.querySelector('tab-follow .is-sealed')")
        assert "Encrypted Handshake Message" in page.evaluate(TEXT)
        for tab in ("follow", "http", "files", "keys", "time", "leaks", "packets", "certificates"):
            page.evaluate(f"location.hash = '#c=1&view=without-keys&beside=none&tab={tab}'")
            page.wait_for(f"document.querySelector('[role=tabpanel] > tab-{tab}')?.childElementCount")
            whole = page.evaluate(ALL)
            for said in (REQUEST, "picture.bin", "application/octet-stream", "Finished"):
                assert said not in whole, tab


def test_a_byte_that_is_clicked_shows_its_field_and_a_field_its_bytes(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&step=s0") as page:
        page.click(".block.is-open .dump-row:nth-child(1) .byte:nth-child(5)")
        selected = "document.querySelector('field-tree [aria-selected=true]')?.textContent"
        assert page.wait_for(selected) == "VersionTLS 1.2 (0x0303)"
        page.press("ArrowRight")
        page.press("ArrowRight")
        assert page.wait_for(selected).startswith("Random")
        assert page.evaluate("document.querySelectorAll('.byte.is-chosen').length") == 32
        page.click("field-tree li:nth-child(2)")
        assert (
            page.wait_for("[...document.querySelectorAll('.byte.is-chosen')].map(byte => byte.textContent).join()")
            == "16"
        )


def test_the_page_speaks_korean_when_it_is_asked_to(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&step=c0") as page:
        page.click(".set-language")
        drawn(page, "ko")
        assert page.evaluate("document.documentElement.lang") == "ko"
        assert "클라이언트가 쓸 수 있는" in page.evaluate("document.querySelector('.sentence').textContent")
        assert "lang=ko" in page.evaluate("location.hash")


def test_what_is_shown_stands_in_the_address(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=3&view=without-keys&step=s0&tab=leaks") as page:
        assert ", ServerHello," in _chosen(page)
        assert page.evaluate("document.querySelector('[role=tab][aria-selected=true]').id") == "tab-leaks"
        assert "localhost" in page.wait_for("document.querySelector('tab-leaks')?.textContent")


def test_the_report_is_the_same_page_in_one_file(browser: Browser, trace: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report(opened(trace)), "utf-8")
    with shown(browser, file.as_uri(), "#c=1&step=s0&beside=none&tab=follow") as page:
        assert page.evaluate("document.querySelector('.kind').textContent").startswith("Masked")
        assert page.evaluate("document.querySelectorAll('field-tree li').length") > 10
        page.press("k")
        drawn(page, "without-keys")
        assert REQUEST not in page.evaluate("document.querySelector('transom-page').textContent")


def test_a_report_without_keys_has_one_view(browser: Browser, trace: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report(opened(trace, "without-keys")), "utf-8")
    with shown(browser, file.as_uri(), "#c=1") as page:
        assert page.evaluate("document.querySelectorAll('[role=radio]').length") == 1
        assert page.evaluate("document.querySelector('.kind').textContent").startswith("Without keys")


@pytest.mark.parametrize(
    ("kind", "says"), [("masked", "masked"), ("with-secrets", "secrets"), ("without-keys", "path")]
)
def test_the_first_line_of_a_report_says_which_of_the_three_it_is(
    browser: Browser, trace: Path, tmp_path: Path, kind: Kind, says: str
) -> None:
    file = tmp_path / "report.html"
    file.write_text(report(opened(trace, kind)), "utf-8")
    with shown(browser, file.as_uri(), "#c=1") as page:
        first = page.evaluate("document.body.innerText").strip().splitlines()[0]
        assert says in first.lower()
