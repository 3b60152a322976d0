"""Follow in a real Chromium: HTTP beside HTTPS, as text, hex and raw, stretch by stretch."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.dissect.test_follow import KOREAN
from tests.real.browser import Browser, Page
from tests.real.transom import User
from tests.web.axe import faults
from tests.web.pages import opened, served
from tests.web.refusals import refused
from tests.web.shown import shown
from transom.cli.words import Lang, words
from transom.web.report import report

MENU = (KOREAN + "\n") * 1500
"""Many stretches of it."""

PANES = "[...document.querySelectorAll('.follow-pane')]"


@pytest.fixture(scope="module")
def menu_trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """0 is a file with Hangul in it by HTTP, 1 the same by HTTPS."""
    user = User.new(tmp_path_factory.mktemp("menu"))
    shared = user.folder / "shared"
    shared.mkdir()
    (shared / "menu.js").write_text(MENU, "utf-8")
    with user.serving(shared, http=True) as serving:
        plain = f"http://localhost:{serving.http_port}/menu.js"
        arguments = (plain, serving.url("/menu.js"), "-o", "one", "-o", "two", "--trace", "menu.pcapng")
        ran = user.run("get", *arguments)
    assert ran.exit_code == 0, ran.stderr
    return user.folder / "menu.pcapng"


@pytest.fixture(scope="module")
def menu(menu_trace: Path) -> Generator[str]:
    with served(menu_trace) as address:
        yield address


def panes(page: Page, count: int = 2) -> list[str]:
    """The text of each, once there are so many."""
    page.wait_for(f"{PANES}.length === {count} && {PANES}.every(one => one.querySelector('pre'))")
    found: list[str] = page.evaluate(f"{PANES}.map(one => one.textContent)")
    return found


@pytest.mark.parametrize(
    ("lang", "open_", "sealed", "beside"),
    [
        ("en", "HTTP, conversation 0open to anyone on the path", "TLS 1.3, conversation 1sealed", "beside it"),
        ("ko", "HTTP, 대화 0경로상에 노출", "TLS 1.3, 대화 1봉인됨", "나란히 볼 대화"),
    ],
)
def test_http_stands_beside_https_and_without_keys_only_http_can_be_read(
    browser: Browser, menu: str, lang: Lang, open_: str, sealed: str, beside: str
) -> None:
    with shown(browser, menu, f"#c=1&tab=follow&lang={lang}") as page:
        left, right = panes(page)
        assert left.startswith(open_)
        assert beside in page.evaluate("document.querySelector('.forms').textContent")
        for side in (left, right):
            assert "GET /menu.js HTTP/1.1" in side
            assert KOREAN in side
            assert "UTF-8" in side
        page.press("k")
        page.wait_for(f"{PANES}[1]?.matches('.is-sealed')")
        left, right = panes(page)
        assert KOREAN in left
        assert right.startswith(sealed)
        document = page.evaluate(f"[...document.querySelectorAll('transom-page')][0].textContent.replace({left!r}, '')")
        for said in ("menu.js", "GET ", "text/javascript", "상태", "menu_str"):
            assert said not in right
            assert said not in document
        marked = page.evaluate("[...document.querySelectorAll('.turn mark')].map(one => one.textContent)")
        assert marked == ["localhost", "http/1.1"]
        titles = page.evaluate("[...document.querySelectorAll('.turn mark')].map(one => one.title)")
        assert titles == [words(lang).say(f"page.follow.island.{kind}") for kind in ("server_name", "alpn")]
        assert page.evaluate("document.querySelector('.islands').textContent").split()[-1] == "http/1.1"


def test_the_forms_are_those_of_wireshark_and_stand_in_the_address(browser: Browser, menu: str) -> None:
    with shown(browser, menu, "#c=0&tab=follow&view=without-keys") as page:
        panes(page)
        page.click("[data-name=form-raw]")
        page.wait_for("location.hash.includes('as=raw')")
        left, right = panes(page)
        assert "var menu_str={status:'......',qs:'...... ......'}" in left
        assert "상태" not in left
        page.click("[data-name=form-hex]")
        page.wait_for("location.hash.includes('as=hex')")
        left, right = panes(page)
        assert "00000000  47 45 54 20 2f 6d 65 6e 75 2e 6a 73 20 48 54 54  GET /menu.js HTT" in left
        assert "00000000  16 03 01" in right
        marks = page.evaluate("[...document.querySelectorAll('.turn mark')].map(one => one.textContent)")
        assert bytes.fromhex("".join(mark for mark in marks if re.fullmatch("[0-9a-f ]{2,}", mark))) == (
            b"localhosthttp/1.1"
        )
        assert page.evaluate("document.activeElement.dataset.name") == "form-hex"


def test_more_is_loaded_by_a_click_and_what_was_there_is_gone(browser: Browser, menu: str) -> None:
    with shown(browser, menu, "#c=1&tab=follow&beside=none") as page:
        (first,) = panes(page, 1)
        assert "left out here" in first
        page.click(".left-out button")
        page.wait_for("location.hash.includes('from=1.')")
        page.wait_for("document.querySelector('.ways [role=status]').textContent.startsWith('bytes ')")
        (second,) = panes(page, 1)
        assert "GET /menu.js" not in second
        assert KOREAN in second
        page.click("[data-name=end-1]")
        page.wait_for("document.querySelector('[data-name=later-1]').disabled")
        (last,) = panes(page, 1)
        assert last.count(KOREAN) > 100
        page.click("[data-name=beginning-1]")
        page.wait_for("!location.hash.includes('from=')")
        assert "GET /menu.js" in panes(page, 1)[0]


def test_another_is_put_beside_it_from_the_list(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&tab=follow") as page:
        left, right = panes(page)
        assert left.startswith("HTTP, conversation 0")
        assert right.startswith("TLS 1.2, conversation 1")
        page.evaluate(
            """(() => {
                const list = document.querySelector('.beside select');
                list.value = '3';
                list.dispatchEvent(new Event('change'));
            })()"""
        )
        page.wait_for("location.hash.includes('beside=3')")
        page.wait_for(f"{PANES}[1]?.dataset.conversation === '3'")
        assert [text[:23] for text in panes(page)] == ["TLS 1.2, conversation 1", "TLS 1.3, conversation 3"]


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)])
def test_axe_finds_nothing_in_the_panes(browser: Browser, menu: str, width: int, height: int) -> None:
    for state in (
        "c=1&tab=follow",
        "c=1&tab=follow&view=without-keys&lang=ko",
        "c=1&tab=follow&view=without-keys&as=hex",
    ):
        with shown(browser, menu, f"#{state}", width, height) as page:
            panes(page)
            assert faults(page) == []


def test_on_a_phone_hex_is_eight_a_row_and_what_is_long_goes_on_when_it_is_asked_to(
    browser: Browser, menu: str
) -> None:
    with shown(browser, menu, "#c=0&tab=follow&as=hex&beside=none", 360, 740) as page:
        (text,) = panes(page, 1)
        assert "0000  47 45 54 20 2f 6d 65 6e  GET /men\n0008  75 2e 6a" in text
        height = "[...document.querySelectorAll('.turn pre')].map(one => one.clientHeight)"
        asked, answered = page.evaluate(height)
        assert page.evaluate("document.querySelectorAll('.unfold').length") == 1
        page.click(".unfold")
        assert page.evaluate(height)[0] == asked
        assert page.evaluate(height)[1] > 10 * answered


def test_what_is_saved_is_said_to_be_masked_where_it_is(browser: Browser, menu: str) -> None:
    with shown(browser, menu, "#c=1&tab=follow&view=without-keys") as page:
        panes(page)
        saves = page.evaluate("[...document.querySelectorAll('.saves')].map(one => one.textContent)")
        assert saves == ["saveClientServer(masked)", "saveClientServer"]


def test_a_report_says_how_much_of_it_is_in_it(browser: Browser, menu_trace: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report(opened(menu_trace)), "utf-8")
    with shown(browser, file.as_uri(), "#c=1&tab=follow") as page:
        for text in panes(page):
            assert "This file has the first 16,384 bytes of each side" in text
        assert page.evaluate("document.querySelector('.left-out button')") is None


def test_of_a_refused_connection_the_caption_says_that_nothing_was_said(browser: Browser, tmp_path: Path) -> None:
    with served(refused(tmp_path / "refused.pcap")) as address:
        for language, said in (("en", "nothing was said"), ("ko", "오간 내용 없음")):
            with shown(browser, address, f"#c=0&tab=follow&lang={language}") as page:
                caption = page.wait_for("document.querySelector('.follow-pane h3')?.textContent")
                assert said in caption
                assert "UNKNOWN" not in caption
