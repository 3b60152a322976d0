"""Compare in a real Chromium: two conversations, what each cost and where they part, live and in a report."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.browser import Browser, Page
from tests.web.axe import faults
from tests.web.many import capture
from tests.web.pages import opened, served
from tests.web.shown import shown
from transom.web.report import report

TABLE = "document.querySelector('tab-compare .fields')"


def text(page: Page) -> str:
    found: str = page.wait_for(f"{TABLE} && document.querySelector('tab-compare').textContent")
    return found


@pytest.mark.parametrize(
    ("lang", "parts", "holds"),
    [
        ("en", "They first part at", "third party holdsthe fileits sizeits sizeits size"),
        ("ko", "처음 갈라지는 곳", "제3자"),
    ],
)
def test_two_conversations_stand_side_by_side(
    browser: Browser, address: str, lang: str, parts: str, holds: str
) -> None:
    with shown(browser, address, f"#c=0&beside=3&tab=compare&lang={lang}") as page:
        found = text(page)
        assert holds in found
        page.evaluate("location.hash = location.hash.replace('c=0', 'c=1')")
        page.wait_for(f"{TABLE}?.tHead.textContent.includes('#1')")
        assert "TLSv1.2TLSv1.3" in text(page)
        assert page.evaluate("document.querySelectorAll('tab-compare .is-same').length") > 3
        assert parts in text(page)


def test_a_column_leads_to_its_conversation_and_without_keys_nothing_said_is_in_it(
    browser: Browser, address: str
) -> None:
    with shown(browser, address, "#c=1&beside=3&tab=compare") as page:
        assert "GET /picture.bin" in text(page)
        page.press("k")
        page.wait_for(f"document.querySelector('transom-page').dataset.drawn.includes('without-keys') && {TABLE}")
        assert "picture.bin" not in page.evaluate("document.querySelector('transom-page').textContent")
        page.click("tab-compare .fields thead th:nth-child(3) button")
        page.wait_for("document.querySelector('verdict-line').textContent.includes('#3')")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)])
def test_axe_finds_nothing_in_the_comparison(browser: Browser, address: str, width: int, height: int) -> None:
    for state in ("c=0&beside=3&tab=compare", "c=1&beside=2&tab=compare&view=without-keys&lang=ko"):
        with shown(browser, address, f"#{state}", width, height) as page:
            text(page)
            assert faults(page) == []


def test_on_a_phone_both_columns_are_in_sight(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&beside=3&tab=compare", 360, 740) as page:
        text(page)
        cells = "[...document.querySelectorAll('tab-compare th, tab-compare td')]"
        edges = page.evaluate(f"{cells}.map(one => Math.round(one.getBoundingClientRect().right))")
        assert len(edges) > 60
        assert max(edges) <= page.evaluate("document.documentElement.clientWidth")


def test_a_report_has_it_too(browser: Browser, trace: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report(opened(trace)), "utf-8")
    with shown(browser, file.as_uri(), "#c=0&tab=compare") as page:
        assert "third party holdsthe fileits sizeits sizeits size" in text(page)
        page.press("0")
        page.wait_for("!location.hash.includes('tab=compare')")


def test_a_page_that_is_opened_at_it_shows_it_first_on_a_phone(browser: Browser, address: str) -> None:
    """The story is above it, and leads nobody past it."""
    place = "document.querySelector('#tab-compare').getBoundingClientRect()"
    with shown(browser, address, "#c=0&beside=3&tab=compare", 360, 740) as page:
        text(page)
        page.wait_for(f"{place}.top > -1 && {place}.top < 40")  # a scrolled page ends on a whole pixel
        # Whoever goes on to another conversation from there begins with its story.
        page.evaluate("scrollTo(0, 0)")
        page.evaluate("location.hash = '#c=1&tab=compare'")
        page.wait_for(f"{TABLE}?.tHead.textContent.includes('#1')")
        assert page.evaluate("scrollY") == 0


def test_one_that_is_not_kept_is_read_again_before_it_is_compared(browser: Browser, tmp_path: Path) -> None:
    """The first 32 are kept: 2 and 50 are plain HTTP, and so are alike up to what was asked."""
    with (
        served(capture(tmp_path / "many.pcapng", 60)) as address,
        shown(browser, address, "#c=2&beside=50&tab=compare") as page,
    ):
        text(page)
        page.wait_for("document.querySelector('tab-compare .fields').textContent.includes('GET /page-50')")
        assert page.evaluate("document.querySelectorAll('tab-compare .figures thead th').length") == 2
