"""What stands around every tab: the story, the step, the bar, for whoever reads them by whatever means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest

from tests.dissect.told import write_trace
from tests.real.browser import Browser, Scheme
from tests.web.axe import faults
from tests.web.pages import live_or_report, opened, served
from tests.web.shown import drawn, ready, shown
from tests.web.talk import talk
from transom.web.report import report
from transom.wire.tap import Side

SCENES = {
    "story, step and follow": "c=1&step=s0",
    "what leaks": "c=3&step=s0&tab=leaks",
    "what leaks, without keys": "c=3&view=without-keys&step=s0&tab=leaks",
    "follow, without keys": "c=2&view=without-keys&step=c0&tab=follow",
    "follow, two panes": "c=0&beside=3&step=a0&tab=follow",
    "compare": "c=1&beside=3&step=s0&tab=compare",
    "opened": "c=3&step=s133",
    "in the clear": "c=0&step=a0",
    "certificates": "c=1&step=s0&tab=certificates",
    "keys": "c=1&step=s0&tab=keys",
    "HTTP": "c=1&step=s0&tab=http",
    "files": "c=1&step=s0&tab=files",
    "files, without keys": "c=1&view=without-keys&step=s0&tab=files",
    "time": "c=1&step=s0&tab=time",
    "the note": "c=1&step=s0&tab=corrections",
    "packets": "c=1&step=s0&tab=packets",
    "the CA": "c=1&step=before",
    "the table above a conversation": "c=1&list=open",
    "the table, of a part of the time": "c=1&list=open&since=1000000",
    "the CA, without keys": "c=3&step=before&view=without-keys",
    "a step that is not sent": "c=3&step=absent-5",
    "to scale": "c=1&step=s0&scale=on",
    "by packet": "c=1&step=s0&packets=on",
    "suites taken apart": "c=2&step=s0",
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
            ready(page)
            found += [f"{scene}: {fault}" for fault in faults(page)]
        page.click(".set-help")
        page.wait_for("document.querySelector('dialog[open]')")
        found += [f"help: {fault}" for fault in faults(page)]
    assert not found, "\n".join(found)


ENGLISH = (
    "button.row .what, .is-absent .label > :first-child, field-tree .name, field-tree .value, step-view h2, h1, "
    ".verdict, conversation-list tbody :is(th, td)"
)


@pytest.mark.parametrize("state", ["c=3&step=c0", "c=0&step=a0&list=open", "c=1&view=without-keys&list=open"])
def test_what_is_english_on_the_korean_page_is_said_to_be(browser: Browser, address: str, state: str) -> None:
    with shown(browser, address, f"#{state}&lang=ko") as page:
        texts = page.evaluate(
            f"""[...document.querySelectorAll({ENGLISH!r})].flatMap(one => {{
                const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
                const found = [];
                while (walker.nextNode()) found.push(walker.currentNode);
                return found.map(text => [text.data, text.parentElement.closest("[lang]").lang]);
            }})"""
        )
    words = [(text, lang) for text, lang in texts if re.search("[A-Za-z]{5}", text)]
    assert len(words) > 20
    assert [text for text, lang in words if (lang == "ko") != bool(re.search("[가-힣]", text))] == []


# Text, and the edges of what is drawn (WCAG 1.4.3, 1.4.11).
CONTRASTS = [
    ("--problem", "--problem-ground", 4.5),
    ("--problem", "--sunk", 3),
    ("--quiet", "--sunk", 4.5),
    ("--quiet", "--chosen", 3),
    ("--focus", "--sunk", 3),
]


@pytest.mark.parametrize("scheme", get_args(Scheme))
def test_what_is_drawn_on_a_canvas_has_contrast(browser: Browser, address: str, scheme: Scheme) -> None:
    with shown(browser, address, "#c=1&tab=time") as page:
        page.prefer(scheme)
        for ink, ground, least in CONTRASTS:
            pair = page.evaluate(
                f"""["{ink}", "{ground}"].map(name => {{
                    const one = document.body.appendChild(document.createElement("i"));
                    one.style.color = `var(${{name}})`;
                    return getComputedStyle(one).color.match(/[0-9]+/g).slice(0, 3).map(Number);
                }})"""
            )
            lighter, darker = sorted((luminance(colour) for colour in pair), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= least, (ink, ground)


def luminance(colour: Sequence[int]) -> float:
    """Relative, of WCAG 2."""
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


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


CLASSROOMS = [(1920, 1080), (1280, 720)]


@pytest.mark.parametrize(("width", "height"), CLASSROOMS)
@pytest.mark.parametrize("state", ["c=1&step=s0", "c=3&view=without-keys&step=s133", "c=1&step=before&lang=ko"])
def test_what_is_presented_is_large_and_the_switch_and_where_one_is_stay_in_sight(
    browser: Browser, address: str, width: int, height: int, state: str
) -> None:
    """In heights of the screen, for that is what a row at the back sees of it."""
    with shown(browser, address, f"#{state}", width, height) as page:
        page.press("p")
        share = "parseFloat(getComputedStyle(document.querySelector({!r})).fontSize) / innerHeight"
        assert page.evaluate(share.format("step-view .sentence")) >= 0.033
        assert page.evaluate(share.format("step-view h2")) >= 0.035
        assert page.evaluate(share.format("step-view .depth")) >= 0.024
        assert page.evaluate(share.format(".switch")) >= 0.02
        edges = page.evaluate(
            "['.switch', '.switch kbd', 'step-view .sentence', 'step-walk', 'step-walk [aria-current]']"
            ".map(name => document.querySelector(name).getBoundingClientRect()).map(({top, bottom}) => [top, bottom])"
        )
        assert all(0 <= top < bottom <= height for top, bottom in edges)
        assert page.evaluate("document.scrollingElement.scrollHeight - innerHeight") == 0


def test_the_line_of_steps_says_where_one_is_and_leads_to_any(browser: Browser, address: str) -> None:
    here = "document.querySelector('step-walk [aria-current]')?.textContent"
    with shown(browser, address, "#c=1&step=c0") as page:
        rows = page.evaluate("document.querySelectorAll('button.row').length")
        assert page.evaluate("document.querySelector('step-walk').checkVisibility()") is False
        page.click(".set-present")
        page.wait_for("document.querySelector('step-walk').checkVisibility()")
        assert page.evaluate("document.querySelector('step-walk p').textContent") == f"2 / {rows}"
        assert page.evaluate(here) == "1"
        page.press("ArrowRight")
        page.wait_for(f"{here} === '2'")
        page.click("step-walk > button:last-child")
        page.wait_for(f"{here} === '3'")
        page.click("step-walk li:first-child button")
        page.wait_for(f"{here} === '0'")
        assert page.evaluate("document.querySelector('step-walk > button').disabled") is True
        page.press("k")
        drawn(page, "without-keys")
        assert page.evaluate("document.querySelector('step-walk').checkVisibility()") is True


def test_in_the_line_of_steps_what_is_sealed_has_no_number_and_a_long_story_no_line(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    texts = "[...document.querySelectorAll('step-walk .is-sealed')].map(one => one.textContent)"
    with shown(browser, address, "#c=3&view=without-keys&step=s133") as page:
        assert set(page.evaluate(texts)) == {"·"}
    with served(talk(tmp_path / "long.pcapng", 150)) as long, shown(browser, long, "#c=0&step=q20") as page:
        page.press("p")
        told = page.evaluate("document.querySelector('step-walk').innerText")
        assert told.split() == ["←", "41", "/", "300", "→"]


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


MARKUP = "<img src=x onerror=boo()>"


@pytest.mark.parametrize("live", [True, False])
def test_what_a_peer_writes_is_text_wherever_it_stands(browser: Browser, tmp_path: Path, *, live: bool) -> None:
    """Were it markup, the page would ask for the picture, or complain that it may not."""
    body = f"<p>{MARKUP}</p><script>boo()</script>"
    said = [
        (Side.CLIENT, f"GET /{MARKUP.replace(' ', '+')} HTTP/1.1\r\nHost: {MARKUP}\r\n{MARKUP}: {MARKUP}\r\n\r\n"),
        (Side.SERVER, f"HTTP/1.1 200 {MARKUP}\r\nContent-Type: a; x={MARKUP}\r\nContent-Length: {len(body)}\r\n\r\n"),
        (Side.SERVER, body),
        (Side.CLIENT, f"{MARKUP}\r\n\r\n"),
    ]  # fmt: skip
    trace = write_trace(tmp_path / f"{MARKUP}.pcapng", [(side, text.encode()) for side, text in said])
    tabs = ("follow", "http", "files", "keys", "time", "leaks", "packets", "compare")
    with live_or_report(trace, tmp_path, live=live) as url, shown(browser, url, "#c=0&list=open") as page:
        found = page.evaluate(TEXT)
        for tab in tabs:
            page.evaluate(f"location.hash = '#c=0&tab={tab}&step=a0'")
            page.wait_for(f"document.querySelector('tab-{tab}')?.childElementCount")
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
            found += page.evaluate(TEXT)
            assert page.evaluate("document.querySelectorAll('[onerror], [src=x], transom-page script').length") == 0
        assert found.count(MARKUP) > 8


TEXT = "document.querySelector('transom-page').textContent"


def test_every_key_that_the_help_names_does_something(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&step=c0") as page:
        page.press("?")
        named = page.wait_for("[...document.querySelectorAll('dialog[open] kbd')].map(one => one.textContent)")
        assert {"k", "j", "n", "/", "t", "s", "p", "?", "Esc"} <= {key for keys in named for key in keys.split()}
        page.press("Escape")
        page.wait_for("!document.querySelector('dialog[open]')")
        page.press("/")
        page.wait_for("document.querySelector('conversation-list:not([hidden]) input')")
        assert "list=open" in page.evaluate("location.hash")
        page.press("Escape")
        page.wait_for("document.querySelector('conversation-list').hidden")
        for key, tab in zip("1234567890", TABS, strict=True):
            page.press(key)
            page.wait_for(f"document.querySelector('[role=tab][aria-selected=true]').id === 'tab-{tab}'")


def test_keys_that_come_faster_than_the_steps_are_drawn_each_lead_one_further(browser: Browser, address: str) -> None:
    press = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: %r, bubbles: true}))"
    with shown(browser, address, "#c=1&step=c0") as page:
        page.evaluate(f"{press % 'n'} && {press % 'j'}")
        page.wait_for("location.hash.includes('step=s83')")
        page.wait_for("document.querySelector('step-view h2').textContent.startsWith('3Certificate')")


TABS = ("follow", "http", "files", "certificates", "keys", "time", "leaks", "corrections", "packets", "compare")


def test_by_tab_alone_one_comes_to_every_part_of_the_page(browser: Browser, address: str) -> None:
    part = "document.activeElement.closest('top-bar, verdict-line, story-view, step-view, pane-divider, tab-strip')"
    with shown(browser, address, "#c=1&step=c0&tab=follow") as page:
        come_to: list[str] = []
        for _ in range(80):
            page.press("Tab")
            come_to.append(page.evaluate(f"{part}?.localName ?? ''"))
            if come_to[-1] == "tab-strip" and page.evaluate("document.activeElement.matches('[role=tabpanel] *')"):
                break
    assert list(dict.fromkeys(filter(None, come_to))) == [
        "top-bar", "verdict-line", "story-view", "step-view", "pane-divider", "tab-strip",
    ]  # fmt: skip
