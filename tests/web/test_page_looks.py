"""How the page lies on a desktop, on a phone and on paper: what scrolls, what is cut, what is under the thumb."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.real.browser import Browser, Page
from tests.web.pages import opened
from tests.web.shown import drawn, ready, shown
from transom.web.report import report

PHONE = (360, 740)
PAPER = (720, 1000)
"""Pixels of CSS on A4, between the margins."""

TABS = ("follow", "http", "files", "certificates", "keys", "time", "leaks", "corrections", "packets")
VIEWS = ("with-keys", "without-keys")

WIDER = """[...document.querySelectorAll(".kind, header, verdict-line, story-view, step-view, tab-strip *")]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)
    .filter(one => !one.closest(".blocks, pre, .for-ears"))
    .map(one => one.outerHTML.slice(0, 120))"""

SIDEWAYS = """[...document.querySelectorAll("*")]
    .filter(one => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
    .filter(one => ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
    .filter(one => !one.closest(".blocks, pre"))
    .map(one => one.outerHTML.slice(0, 120))"""

CUT = """[...document.querySelectorAll("transom-page, transom-page *")]
    .filter(one => one.checkVisibility() && !one.closest("svg, .for-ears, .track, .hole-strip"))
    .filter(one => getComputedStyle(one).overflow !== "visible" && getComputedStyle(one).display !== "inline")
    .filter(one => one.scrollHeight > one.clientHeight || one.scrollWidth > one.clientWidth)
    .map(one => one.outerHTML.slice(0, 120))"""

BUTTONS = """[...document.querySelectorAll("button, [role=tab], [role=radio]")]
    .filter(one => one.checkVisibility() && !one.closest("story-view, [role=tabpanel]"))
    .filter(one => !one.matches(".packet-link") || getComputedStyle(one).textDecorationLine !== "none")
    .map(one => one.outerHTML.slice(0, 120))"""

OVERLAP = """(() => {
    const places = ["top-bar", "verdict-line", "story-view", "step-view", "tab-strip"]
        .map(name => document.querySelector(name).getBoundingClientRect());
    return places.slice(1).map((place, at) => place.top - places[at].bottom);
})()"""
"""How far each zone begins below the one before it."""


def go(page: Page, address: str, state: str) -> None:
    before = page.evaluate("document.querySelector('transom-page').dataset.turn")
    page.open(f"{address}#{state}")
    page.wait_for(f"document.querySelector('transom-page').dataset.turn !== {before!r}")
    ready(page)


def everywhere(page: Page, address: str, language: str, script: str) -> list[Sequence[str]]:
    """What a script finds in each tab of each view, with where it was found."""
    found: list[Sequence[str]] = []
    for view in VIEWS:
        for tab in TABS:
            go(page, address, f"c=1&view={view}&step=s0&tab={tab}&lang={language}")
            found += [(view, tab, told) for told in page.evaluate(script)]
    return found


@pytest.mark.parametrize("language", ["en", "ko"])
def test_on_a_desktop_each_zone_scrolls_and_the_page_does_not(browser: Browser, address: str, language: str) -> None:
    whole = "[document.scrollingElement.scrollHeight - innerHeight, document.scrollingElement.scrollWidth - innerWidth]"
    with shown(browser, address, f"#c=1&lang={language}") as page:
        for state in ("c=0&step=a0", "c=1&step=s0&tab=packets", "c=3&view=without-keys&step=s133", "c=1&list=open"):
            go(page, address, f"{state}&lang={language}")
            assert page.evaluate(whole) == [0, 0], state


@pytest.mark.parametrize("language", ["en", "ko"])
def test_on_a_phone_nothing_scrolls_sideways_but_bytes(browser: Browser, address: str, language: str) -> None:
    with shown(browser, address, f"#c=1&lang={language}", *PHONE) as page:
        assert everywhere(page, address, language, SIDEWAYS) == []
        assert everywhere(page, address, language, WIDER) == []
        go(page, address, f"c=1&list=open&lang={language}")
        assert page.evaluate(SIDEWAYS) == []
        assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0


def test_on_a_phone_the_tabs_are_a_list_in_which_one_opens_where_it_is_tapped(browser: Browser, address: str) -> None:
    bottom = "document.querySelector({!r}).getBoundingClientRect().bottom"
    top = "document.querySelector({!r}).getBoundingClientRect().top"
    with shown(browser, address, "#c=1", *PHONE) as page:
        assert page.evaluate("document.querySelector('[role=tabpanel]')") is None
        page.click("#tab-leaks")
        page.wait_for("document.querySelector('tab-leaks dl')")
        assert page.evaluate(f"{top.format('[role=tabpanel]')} - {bottom.format('#tab-leaks')}") == 0
        assert page.evaluate(f"{top.format('#tab-corrections')} - {bottom.format('[role=tabpanel]')}") == 0
        page.click("#tab-leaks")
        page.wait_for("!document.querySelector('[role=tabpanel]')")


def test_on_a_phone_a_packet_is_two_lines_and_all_of_them_are_reached(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&tab=packets", *PHONE) as page:
        page.wait_for("document.querySelector('#packet-5')")
        top = "document.querySelector({!r}).getBoundingClientRect().top"
        assert page.evaluate(f"{top.format('#packet-5 .cell-info')} - {top.format('#packet-5 .cell-number')}") == 22
        assert page.evaluate(f"{top.format('#packet-5')} - {top.format('#packet-4')}") == 44
        page.evaluate("document.querySelector('.packet-rows').focus()")
        page.press("End")
        last = "document.querySelector('#packet-' + (document.querySelector('[aria-rowcount]').ariaRowCount - 2))"
        page.wait_for(last)
        bottom = "getBoundingClientRect().bottom"
        assert page.evaluate(f"document.querySelector('.packet-rows').{bottom} - {last}.{bottom}") >= -1


def test_on_a_phone_a_tap_opens_the_step_as_a_sheet_above_the_switch(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1", *PHONE) as page:
        assert page.evaluate("document.querySelector('step-view').checkVisibility()") is False
        page.click("button.row[data-id=s0]")
        page.wait_for("document.querySelector('step-view').checkVisibility()")
        sheet, switch = page.evaluate(
            "['step-view', '.switch'].map(name => document.querySelector(name).getBoundingClientRect().bottom)"
        )
        assert (switch, sheet < switch) == (PHONE[1], True)
        page.click(".view-without-keys")
        drawn(page, "without-keys")  # else it may be drawn while the mouse is down, and take the click with it
        page.click(".closer")
        page.wait_for("!document.querySelector('step-view').checkVisibility()")


@pytest.mark.parametrize("state", ["theme=dark", "lang=ko"])
def test_on_paper_all_of_it_is_there_and_no_button(browser: Browser, address: str, state: str) -> None:
    with shown(browser, address, f"#c=1&step=s0&{state}", *PAPER) as page:
        page.lay_out_for("print")
        for view in VIEWS:
            for tab in TABS:
                go(page, address, f"c=1&view={view}&step=s0&tab={tab}&{state}")
                assert page.evaluate(CUT) == [], (view, tab)
                assert page.evaluate(BUTTONS) == []
                assert min(page.evaluate(OVERLAP)) >= 0
                assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0, (view, tab)
                ground = "getComputedStyle(document.querySelector({!r})).backgroundColor"
                for part in ("html", "step-view", "tab-strip"):
                    assert page.evaluate(ground.format(part)) == "rgb(255, 255, 255)"
                assert page.evaluate("getComputedStyle(document.querySelector('.sentence')).color") == "rgb(0, 0, 0)"


def test_a_report_is_printed_with_the_packets_that_are_here(browser: Browser, trace: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report(opened(trace)), "utf-8")
    with shown(browser, file.as_uri(), "#c=1&step=s0&tab=packets", *PAPER) as page:
        page.wait_for("document.querySelectorAll('.packet').length")
        page.lay_out_for("print")
        page.wait_for("document.querySelectorAll('.packet').length === 100")
        assert "The first 100 of" in page.evaluate("document.querySelector('.packet-space').textContent")
        page.lay_out_for("screen")
        page.wait_for("document.querySelectorAll('.packet').length < 60")


def test_the_line_above_the_tabs_gives_them_room_by_mouse_and_by_key(browser: Browser, address: str) -> None:
    height = "document.querySelector('tab-strip').clientHeight"
    with shown(browser, address, "#c=1&step=s0") as page:
        before = page.evaluate(height)
        page.drag("pane-divider", 0, -160)
        assert page.evaluate(height) == pytest.approx(before + 160, abs=2)
        page.evaluate("document.querySelector('pane-divider').focus()")
        page.press("ArrowDown")
        assert page.evaluate(height) == pytest.approx(before + 120, abs=2)
        page.press("2")
        page.wait_for("document.querySelector('tab-http > *')")
        assert page.evaluate(height) == pytest.approx(before + 120, abs=2)
        page.press("End")
        assert page.evaluate(f"{height} / innerHeight") == pytest.approx(0.8, abs=0.01)
        assert page.evaluate("document.querySelector('pane-divider').ariaValueNow") == "80"
        assert page.evaluate("document.querySelector('main').clientHeight") > 0
