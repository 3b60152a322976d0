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


HEIGHTS = """["top-bar", "verdict-line", "main", "story-view", "step-view", "tab-strip"]
    .map(name => document.querySelector(name).getBoundingClientRect().height / innerHeight)"""


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("state", ["", "c=0", "c=1&step=s0", "c=3&view=without-keys&step=s133"])
def test_story_and_step_have_most_of_the_window(browser: Browser, address: str, state: str, language: str) -> None:
    """The bars above them and the names of the tabs have the rest; nothing stands there twice."""
    with shown(browser, address, f"#{state}&lang={language}") as page:
        bar, verdict, main, story, step, tabs = page.evaluate(HEIGHTS)
        assert (story, step) == (pytest.approx(main), pytest.approx(main))
        assert main >= 0.82
        assert bar + verdict + main + tabs == pytest.approx(1, abs=0.003)
        names = page.evaluate(
            "[...document.querySelectorAll('[role=tab]')].map(one => one.getBoundingClientRect().top)"
        )
        assert len(names) == 10
        assert len(set(names)) == 1


def turn_keys(page: Page, how: str) -> None:
    """Open the tab of the keys, or close it: by a click on its name, or by that key."""
    if how == "click":
        page.click("#tab-keys")
    else:
        page.press(how)


def test_a_tab_opens_below_and_closes_again_by_click_key_and_escape(browser: Browser, address: str) -> None:
    story, panel = "document.querySelector('story-view').clientHeight", "document.querySelector('[role=tabpanel]')"
    with shown(browser, address, "#c=1&step=s0") as page:
        before = page.evaluate(story)
        assert page.evaluate(panel) is None
        for how, again in (("click", "click"), ("5", "5"), ("5", "Escape")):
            turn_keys(page, how)
            page.wait_for("document.querySelector('tab-keys .stage')?.checkVisibility()")
            assert page.evaluate(f"{panel}.clientHeight") > 0.3 * 800
            assert page.evaluate(story) > 0.3 * 800
            turn_keys(page, again)
            page.wait_for(f"!{panel}")
            assert page.evaluate(story) == before


def test_what_leaks_comes_forward_without_the_keys(browser: Browser, address: str) -> None:
    forward = "[...document.querySelectorAll('[role=tab]:has(.icon-eye)')].map(one => one.id)"
    icon = "getComputedStyle(document.querySelector('tab-leaks dd.is-open .icon')).color"
    with shown(browser, address, "#c=1&step=s0&tab=leaks") as page:
        assert page.evaluate(forward) == []
        aside = page.evaluate(icon)
        page.press("k")
        drawn(page, "without-keys")
        page.wait_for("document.querySelector('tab-leaks dd')")
        assert page.evaluate(forward) == ["tab-leaks"]
        assert page.evaluate(icon) != aside


def test_from_name_to_name_one_goes_by_arrow_and_opens_one_by_enter(browser: Browser, address: str) -> None:
    here = "document.activeElement.id"
    with shown(browser, address, "#c=1&step=s0") as page:
        page.evaluate("document.querySelector('[role=tab]').focus()")
        page.press("ArrowRight")
        page.press("ArrowRight")
        assert page.evaluate(here) == "tab-files"
        assert page.evaluate("document.querySelector('[role=tabpanel]')") is None
        assert page.evaluate("document.querySelectorAll('[role=tab][tabindex=\"0\"]').length") == 1
        page.press("Enter")
        page.wait_for("document.querySelector('tab-files > *')")
        assert page.evaluate(here) == "tab-files"
        page.press("ArrowLeft")
        page.wait_for("document.querySelector('tab-http > *')")
        assert page.evaluate(here) == "tab-http"


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1180, 800), (1179, 768), (1024, 768)])
def test_what_is_said_its_fields_and_its_bytes_each_scroll_alone(
    browser: Browser, address: str, width: int, height: int
) -> None:
    """A field far down is chosen: its bytes are in sight, and so is the name of the step."""
    in_sight = """(([zone, one]) => one.top >= zone.top - 1 && one.bottom <= zone.bottom + 1)(
        %r.map(name => document.querySelector(name).getBoundingClientRect())
    )"""
    with shown(browser, address, "#c=1&step=s83", width, height) as page:
        assert page.evaluate("document.querySelector('step-view h2').textContent").startswith("3Certificate")
        # What is said of its place comes later, and moves what lies below: under the mouse, too.
        page.wait_for("document.querySelector('.place').textContent")
        page.click("field-tree li:last-child")
        page.wait_for("document.querySelector('.byte.is-chosen')")
        for zone, one in (
            ("field-tree", "field-tree [aria-selected=true]"),
            ("byte-view", ".byte.is-chosen"),
            ("step-view", "step-view h2"),
            (".of-step", ".place"),
        ):
            assert page.evaluate(in_sight % [zone, one]) is True, (zone, one)
        assert page.evaluate("document.querySelector('field-tree').scrollTop") > 0
        assert page.evaluate("document.querySelector('byte-view').scrollTop") > 0
        assert page.evaluate("document.querySelector('step-view').scrollTop") == 0
        assert page.evaluate(SIDEWAYS) == []


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


def test_on_a_phone_what_is_open_and_the_names_around_it_have_room_of_their_own(browser: Browser, address: str) -> None:
    places = """[...document.querySelectorAll("[role=tab], [role=tabpanel]")]
        .map(one => one.getBoundingClientRect()).map(({ top, bottom }) => [top, bottom])
        .sort(([one], [other]) => one - other)"""
    with shown(browser, address, "#c=1", *PHONE) as page:
        for tab in (*TABS, "compare"):
            go(page, address, f"c=1&tab={tab}")
            tops, bottoms = zip(*page.evaluate(places), strict=True)
            assert len(tops) == 11
            assert all(below >= above - 1 for below, above in zip(tops[1:], bottoms, strict=False)), tab


@pytest.mark.parametrize("state", ["c=1&step=s0", "c=2&step=s0", "c=3&step=c0"])
def test_on_a_phone_nothing_of_a_step_is_cut_when_more_is_told(browser: Browser, address: str, state: str) -> None:
    with shown(browser, address, f"#{state}", *PHONE) as page:
        page.evaluate("document.querySelectorAll('step-view details').forEach(one => { one.open = true; })")
        assert page.evaluate(SIDEWAYS) == []


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
    with shown(browser, address, "#c=1&step=s0&tab=follow") as page:
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
