"""What stands around every tab: the story, the step, the bar, for whoever reads them by whatever means."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.real.browser import Browser, Scheme
from tests.web.axe import faults
from tests.web.pages import opened
from tests.web.shown import shown
from transom.web.report import report

SCENES = {
    "story, step and follow": "c=1&step=s0",
    "what leaks": "c=3&step=s0&tab=leaks",
    "what leaks, without keys": "c=3&view=without-keys&step=s0&tab=leaks",
    "follow, without keys": "c=2&view=without-keys&step=c0&tab=follow",
    "opened": "c=3&step=s133",
    "in the clear": "c=0&step=a0",
    "certificates": "c=1&step=s0&tab=certificates",
    "keys": "c=1&step=s0&tab=keys",
    "HTTP": "c=1&step=s0&tab=http",
    "the CA": "c=1&step=before",
    "the table": "c=1&list=open",
}


# Every pair of size and language, size and theme, language and theme.
@pytest.mark.parametrize(
    ("width", "height", "language", "scheme"),
    [(1280, 800, "en", "light"), (1280, 800, "ko", "dark"), (360, 740, "en", "dark"), (360, 740, "ko", "light")],
)
def test_axe_finds_nothing_that_shuts_anybody_out(
    browser: Browser, address: str, width: int, height: int, language: str, scheme: Scheme
) -> None:
    found: list[str] = []
    with shown(browser, address, f"#lang={language}", width, height) as page:
        page.prefer(scheme)
        for scene, state in SCENES.items():
            before = page.evaluate("document.querySelector('transom-page').dataset.turn")
            page.open(f"{address}#{state}&lang={language}")
            page.wait_for(f"document.querySelector('transom-page').dataset.turn !== {before!r}")
            found += [f"{scene}: {fault}" for fault in faults(page)]
        page.click(".set-help")
        page.wait_for("document.querySelector('dialog[open]')")
        found += [f"help: {fault}" for fault in faults(page)]
    assert not found, "\n".join(found)


def test_what_is_english_on_the_korean_page_is_said_to_be(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=3&step=c0&lang=ko") as page:
        names = "button.row .what, .is-absent .label > :first-child, field-tree .name, field-tree .value, step-view h2"
        texts = page.evaluate(
            f"""[...document.querySelectorAll({names!r})].flatMap(one => {{
                const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
                const found = [];
                while (walker.nextNode()) found.push(walker.currentNode);
                return found.map(text => [text.data, text.parentElement.closest("[lang]").lang]);
            }})"""
        )
    words = [(text, lang) for text, lang in texts if re.search("[A-Za-z]{5}", text)]
    assert len(words) > 20
    assert [text for text, lang in words if (lang == "ko") != bool(re.search("[가-힣]", text))] == []


def test_a_field_that_is_walked_to_is_the_one_a_reader_of_the_screen_is_told(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&step=c0") as page:
        page.evaluate("document.querySelector('[role=tree]').focus()")
        page.press("ArrowDown")
        page.press("ArrowDown")
        told = "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))"
        assert page.evaluate(f"{told}.textContent") == "Content TypeHandshake (22)"
        assert page.evaluate(f"{told}.ariaSelected") == "true"


def test_one_step_is_presented_by_itself_and_arrows_walk_on(browser: Browser, address: str) -> None:
    chosen = "document.querySelector('button.row[aria-current=true]').dataset.id"
    with shown(browser, address, "#c=1&step=c0") as page:
        page.press("ArrowRight")
        page.press("p")
        page.press("ArrowRight")
        page.wait_for(f"{chosen} === 's0'")
        assert page.evaluate("getComputedStyle(document.querySelector('.sentence')).fontSize") == "28px"
        assert page.evaluate("document.querySelector('story-view').checkVisibility()") is False
        page.press("ArrowLeft")
        page.wait_for(f"{chosen} === 'c0'")
        page.press("Escape")
        page.wait_for("document.querySelector('story-view').checkVisibility()")


def test_a_conversation_that_a_report_left_out_is_said_to_be_elsewhere(
    browser: Browser, trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transom.web.model.document.MOST_CHOSEN", 2)
    file = tmp_path / "report.html"
    file.write_text(report(opened(trace)), "utf-8")
    with shown(browser, file.as_uri()) as page:
        page.wait_for("document.querySelectorAll('button.row').length")
        page.evaluate("location.hash = '#c=4'")
        said = page.wait_for("document.querySelector('story-view .fault')?.textContent")
        assert "2 of 5 are in it in full" in said
        assert page.evaluate("document.querySelector('verdict-line').textContent.includes('#4')")
