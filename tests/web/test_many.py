"""A table of a hundred thousand conversations in a real Chromium: the document holds only the rows in sight."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.real.browser import Browser, Page
from tests.real.chromium import chromium
from tests.web.many import capture, table
from tests.web.pages import opened, serving
from transom.web.model.looked import View
from transom.web.model.mask import Masking
from transom.web.model.table import Table
from transom.web.model.tables import Tables
from transom.web.report import report

COUNT = 100_000
LIST = "document.querySelector('conversation-list')"
MOST_ROWS = 100
"""In the document at once, of a window of 800 pixels."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Generator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


class OneTable(Tables):
    """The same one for every view."""

    def __init__(self, one: Table) -> None:
        super().__init__((), Masking(), list)
        self._one = one

    def of(self, view: View, version: int, *, over: bool) -> Table:
        return self._one


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The page of thirty conversations whose table was exchanged for one of a hundred thousand: see `many.table`."""
    page = opened(capture(tmp_path_factory.mktemp("many") / "many.pcapng", 30))
    page.reader.tables = OneTable(table(COUNT))
    with serving(page) as address:
        yield address


@contextmanager
def shown(browser: Browser, url: str) -> Generator[Page]:
    with browser.page() as page:
        page.resize(1280, 800)
        page.open(url)
        page.wait_for("document.querySelector('conversation-list')?.dataset.drawn")
        yield page
        assert page.seen().complaints == []


def drawn(page: Page, text: str, sort: str, matching: int) -> None:
    """Wait until the table shows that filter and order, and found as many."""
    told = f"JSON.parse({LIST}.dataset.drawn)"
    page.wait_for(
        f"(([, text, sort, , matching]) => text === {text!r} && sort === {sort!r} && matching === {matching})({told})"
    )


def listed(page: Page) -> list[int]:
    found: list[int] = page.evaluate(
        "[...document.querySelectorAll('[data-conversation]')].map(row => +row.dataset.conversation)"
    )
    assert len(found) < MOST_ROWS
    return found


def type_filter(page: Page, text: str) -> None:
    page.click("conversation-list input")
    for character in text:
        page.press(character)


def test_many_conversations_open_on_the_table_with_problems_first_and_then_the_largest(
    browser: Browser, address: str
) -> None:
    with shown(browser, address) as page:
        assert listed(page)[:3] == [99_000, 98_000, 97_000]
        assert page.evaluate("document.querySelector('main').checkVisibility()") is False
        assert page.evaluate("document.querySelector('conversation-list table').ariaRowCount") == str(COUNT + 1)


def test_a_hundred_thousand_are_filtered_as_one_types_and_the_filter_is_in_the_address(
    browser: Browser, address: str
) -> None:
    with shown(browser, address) as page:
        type_filter(page, "host-0123")
        drawn(page, "host-0123", "", 100)
        assert listed(page)[:3] == [12_399, 12_398, 12_397]
        assert "text=host-0123" in page.evaluate("location.hash")
        page.click("conversation-list th button[data-name=lasted]")
        drawn(page, "host-0123", "lasted", 100)
        assert listed(page)[:3] == [12_300, 12_301, 12_302]
        page.click("conversation-list th button[data-name=lasted]")
        drawn(page, "host-0123", "lasted-down", 100)
        assert listed(page)[:3] == [12_399, 12_398, 12_397]


BRUSH = "document.querySelector('time-brush {}')"


def test_a_brush_over_the_times_keeps_those_that_began_then_and_is_in_the_address(
    browser: Browser, address: str
) -> None:
    with shown(browser, address) as page:
        drawn(page, "", "", COUNT)
        page.evaluate(f"{BRUSH.format('.is-since')}.focus()")
        for key in ("PageDown", "ArrowRight", "ArrowRight"):
            page.press(key)
        drawn(page, "", "", COUNT - 2 * 625)
        assert "since=1249987502" in page.evaluate("location.hash")  # two boxes of a 160th of all
        assert page.evaluate(f"{BRUSH.format('.is-since')}.ariaValueText") == "22:13:21.249 UTC"
        page.evaluate(f"{BRUSH.format('.is-until')}.focus()")
        page.press("Home")
        drawn(page, "", "", 625)
        assert min(listed(page)) >= 1250
        page.click(".brush-clear")
        drawn(page, "", "", COUNT)
        page.drag("time-brush canvas", 100)
        page.wait_for("location.hash.includes('since=') && location.hash.includes('until=')")
        # Where the mouse was let go: half way there are half as many.
        dragged = f"100 / {BRUSH.format('canvas')}.clientWidth"
        found = page.wait_for(
            f"(found => Math.abs(found / {COUNT} - {dragged}) < 0.02 && found)(JSON.parse({LIST}.dataset.drawn)[4])"
        )
        assert found % 625 == 0
        assert min(listed(page)) >= COUNT / 2 - 1250


def test_the_state_of_the_table_is_read_from_the_address(browser: Browser, address: str) -> None:
    with shown(browser, f"{address}#text=tlsv1.2&sort=conversation&list=open") as page:
        drawn(page, "tlsv1.2", "conversation", 33_334)
        assert listed(page)[:3] == [0, 3, 6]
        assert page.evaluate("document.querySelector('conversation-list input').value") == "tlsv1.2"


@pytest.mark.parametrize("place", [0.5, 1])
def test_scrolled_anywhere_only_the_rows_in_sight_are_in_the_document(
    browser: Browser, address: str, place: float
) -> None:
    with shown(browser, f"{address}#sort=conversation") as page:
        first = listed(page)
        page.evaluate(
            f"(list => {{ list.scrollTop = {place} * list.scrollHeight; }})(document.querySelector('.scrolls'))"
        )
        page.wait_for(f"+document.querySelector('[data-conversation]').dataset.conversation > {first[-1]}")
        rows = listed(page)
        assert rows == list(range(rows[0], rows[-1] + 1))
        assert abs(rows[-1] - (COUNT - 1) * place) < MOST_ROWS
        # What is drawn lies where it is looked for.
        tops = "[...document.querySelectorAll('[data-conversation]')].map(row => row.getBoundingClientRect().top)"
        inside = f"{tops}.filter(top => top > 170 && top < 700).length"
        assert page.evaluate(inside) >= 15
        assert page.evaluate("document.querySelector('thead th').getBoundingClientRect().top") < 240


def test_a_row_is_as_high_as_it_is_reckoned_and_a_column_as_wide_as_one_makes_it(
    browser: Browser, address: str
) -> None:
    with shown(browser, address) as page:
        height = "document.querySelector('[data-conversation]').getBoundingClientRect().height"
        assert page.evaluate(height) == 28
        width = "document.querySelector('thead th:nth-child(5)').getBoundingClientRect().width"
        before = page.evaluate(width)
        page.evaluate("document.querySelector('[data-name=sni-width]').focus()")
        for _ in range(5):
            page.press("ArrowRight")
        wider = page.evaluate(width)
        assert wider > before
        page.drag("[data-name=sni-width]", 50)
        assert page.evaluate(width) == pytest.approx(wider + 50, abs=8)
        # It stays so when the table is drawn anew, and when it was shut.
        page.click("conversation-list th button[data-name=lasted]")
        drawn(page, "", "lasted", COUNT)
        page.click("[data-conversation] button")
        page.wait_for("document.querySelector('transom-page').dataset.drawn?.startsWith('0 ')")
        page.click(".list-toggle")
        page.wait_for(f"!{LIST}.hidden")
        assert page.evaluate(width) == pytest.approx(wider + 50, abs=8)


def test_on_a_phone_too_the_document_holds_only_what_is_in_sight(browser: Browser, address: str) -> None:
    with shown(browser, address) as page:
        page.resize(360, 740)
        height = "document.querySelector('[data-conversation]').getBoundingClientRect().height"
        page.wait_for(f"{height} === 52")
        assert len(listed(page)) > 20
        told = "document.querySelector('[data-conversation=\"99000\"] td:not([hidden])')"
        assert page.evaluate(f"getComputedStyle({told}).display") == "none"  # the client's address
        assert page.evaluate("document.querySelector('.scrolls').clientWidth") <= 360


def test_a_report_lists_all_and_says_what_it_left_out(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report(opened(capture(tmp_path / "many.pcapng", 300))), "utf-8")
    with shown(browser, file.as_uri()) as page:
        drawn(page, "", "", 300)
        assert "the details of 250 were left out" in page.evaluate(
            "document.querySelector('conversation-list').textContent"
        )
        assert set(listed(page)[:3]) == {0, 100, 200}
        page.evaluate("location.hash = '#list=open&sort=start&since=100000000&until=200000000'")
        drawn(page, "", "start", 100)
        assert listed(page)[:3] == [100, 101, 102]
        bars: list[int] = page.evaluate("document.querySelector('time-brush').times.boxes")
        assert (sum(bars), max(bars)) == (300, 2)
        page.evaluate("location.hash = '#list=open'")
        type_filter(page, "host-000299")
        drawn(page, "host-000299", "", 1)
        assert listed(page) == [299]
        assert page.evaluate("document.querySelector('[data-conversation] button')") is None
    with browser.page() as page:
        page.open(f"{file.as_uri()}#c=298")
        told = page.wait_for("document.querySelector('story-view .fault')?.textContent")
        assert told.startswith("This file has only the table's line of this conversation: 50 of 300 are in it in full")
