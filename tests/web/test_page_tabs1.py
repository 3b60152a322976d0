"""The tabs that show what was transferred, and how: HTTP, files, packets and time, in a real Chromium."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.real.browser import Browser, Page
from tests.real.chromium import chromium
from tests.web.pages import served


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Generator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(scope="module")
def address(trace: Path) -> Generator[str]:
    with served(trace) as address:
        yield address


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
