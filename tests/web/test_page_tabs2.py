"""Certificates in a real Chromium: what a reader finds there, with the keys and without them."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.real.browser import Browser
from tests.real.chromium import chromium
from tests.web.pages import opened, served
from tests.web.test_page import shown
from transom.web.report import report

PANEL = "document.querySelector('[role=tabpanel]').textContent"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Generator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(scope="module")
def address(trace: Path) -> Generator[str]:
    with served(trace) as address:
        yield address


def test_the_chain_is_drawn_from_the_servers_certificate_to_the_root(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&tab=certificates") as page:
        names = page.evaluate("[...document.querySelectorAll('.certificate')].map(one => one.ariaLabel).join('; ')")
        assert names.startswith("the server's, localhost; root, Transom CA")
        text = page.evaluate(PANEL)
        assert "a certificate is never decrypted" in text
        assert "✓ name: it is for localhost" in text
        assert "ECDSA gives no hash back" in text
        page.click(".to-step")
        page.wait_for("document.querySelector('button.row[aria-current=true]')?.ariaLabel.includes(', Certificate,')")


def test_in_tls_13_the_chain_is_hidden_without_keys_and_the_page_says_why(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=3&tab=certificates&view=without-keys&lang=ko") as page:
        text = page.evaluate(PANEL)
        assert "TLS 1.3은 인증서까지 봉인하므로" in text
        assert "Transom CA" not in page.evaluate("document.querySelector('transom-page').textContent")


def test_the_report_has_the_chain_too(browser: Browser, trace: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report(opened(trace, "without-keys")), "utf-8")
    with shown(browser, file.as_uri(), "#c=1&tab=certificates") as page:
        assert page.evaluate("document.querySelectorAll('.certificate').length") == 2
