"""HTTP/2 in a real Chromium: a card a stream, its files, its text, masked, and nothing of it without the keys."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.dissect.test_follow import KOREAN
from tests.real.browser import Browser, Page
from tests.web.axe import faults
from tests.web.pages import served
from tests.web.shown import shown
from tests.web.streams import COOKIE, LONG, PASSWORD, streams
from tests.web.test_page_looks import SIDEWAYS, WIDER

ASKED = {1: "POST /login", 3: "GET /", 5: "GET /logo.png", 7: "GET /film.mp4", 9: f"GET {LONG}", 11: "GET /"}
TEXTS = "[...document.querySelectorAll({!r})].map(one => one.textContent)"


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    with served(streams(tmp_path_factory.mktemp("http2") / "visit.pcapng")) as address:
        yield address


def texts(page: Page, selector: str) -> list[str]:
    found: list[str] = page.evaluate(TEXTS.format(selector))
    return found


def test_each_stream_is_a_card_with_its_number_and_what_became_of_it(browser: Browser, visit: str) -> None:
    with shown(browser, visit, "#c=0&tab=http") as page:
        titles = [f"{name}HTTP/2 stream {stream}" for stream, name in ASKED.items()]
        assert texts(page, ".exchange h3") == titles
        film = next(text for text in texts(page, ".exchange") if "film" in text)
        assert "received 48,000 B of 900,000 B, not whole" in film
        page.click(".exchange .to-step")
        page.wait_for("location.hash.includes('step=c')")
        document = page.evaluate("document.documentElement.outerHTML")
        assert "set-cookie" in document
        for secret in (PASSWORD, COOKIE):
            assert secret not in document


def test_its_files_say_their_stream_and_its_text_is_frames_in_which_nothing_secret_is(
    browser: Browser, visit: str
) -> None:
    with shown(browser, visit, "#c=0&tab=files") as page:
        assert [text.split("HTTP/2 stream ")[1][:2].strip("S") for text in texts(page, ".file")] == ["1", "3", "5", "7"]
        assert "user=kim&password=****" in texts(page, ".file")[0]
        page.press("1")
        page.wait_for("document.querySelector('.turn')")
        said = "".join(texts(page, ".turn pre"))
        for told in ("[HEADERS · stream 9 · END_STREAM]", KOREAN, "user=kim&password=****", "cookie: ****"):
            assert told in said
        document = page.evaluate("document.documentElement.outerHTML")
        for secret in (PASSWORD, COOKIE):
            assert secret not in document


def test_without_keys_there_are_sizes_and_the_handshake_is_no_answer(browser: Browser, visit: str) -> None:
    with shown(browser, visit, "#c=0&tab=http&view=without-keys") as page:
        runs = texts(page, ".sealed-runs li")
        assert "of sealed content" in runs[0]
        assert [text for text in runs if "one answer" in text] == [
            "C ← S one answer of about 48,160 B 4 records, at 97.0 ms, over 7.0 ms"
        ]
        document = page.evaluate("document.querySelector('transom-page').textContent")
        for said in ("/login", "film", "logo", "report.pdf", "HTTP/2"):
            assert said not in document


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_on_a_phone_long_names_break_and_axe_finds_nothing(browser: Browser, visit: str, lang: str) -> None:
    with shown(browser, visit, f"#c=0&tab=http&lang={lang}", 360, 740) as page:
        assert LONG in page.evaluate("document.querySelector('tab-http').textContent")
        assert page.evaluate(WIDER) == []
        assert page.evaluate(SIDEWAYS) == []
        assert faults(page) == []
