"""What is seldom in a capture, drawn in a real Chromium: a hole, a stall, a picture; and tabs in a report."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.real.browser import Browser, Page
from tests.web.pages import live_or_report, opened
from tests.web.seldom import MILLISECOND, seldom
from tests.web.shown import shown
from transom.web.report import report


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """See `seldom`."""
    return seldom(tmp_path_factory.mktemp("made") / "made.pcapng")


@pytest.fixture(scope="module", params=["live", "report"])
def url(request: pytest.FixtureRequest, made: Path) -> Generator[str]:
    """The page of it, from the server and as a file."""
    with live_or_report(made, made.parent, live=request.param == "live") as address:
        yield address


def test_the_holes_of_a_file_lie_where_the_bytes_are_missing(browser: Browser, url: str) -> None:
    with shown(browser, url, "#c=0&tab=files") as page:
        strip = page.evaluate(
            """(() => {
                const strip = document.querySelector('.hole-strip').getBoundingClientRect();
                const share = x => (x - strip.left) / strip.width;
                return [...document.querySelectorAll('.hole-strip span')]
                    .map(hole => hole.getBoundingClientRect())
                    .map(({ left, right }) => [share(left), share(right)]);
            })()"""
        )
        assert strip == [pytest.approx([0.25, 0.5], abs=0.01), pytest.approx([0.7, 1], abs=0.01)]
        told = page.evaluate("document.querySelector('.file').textContent")
        assert "missing: bytes 250 to 500 (250 B)" in told
        assert "missing: bytes 700 to 1,000 (300 B)" in told
        assert page.evaluate("document.querySelector('.hole-strip').ariaLabel") == "2 holes"


def test_a_stall_is_named_and_drawn_where_it_was(browser: Browser, url: str) -> None:
    with shown(browser, url, "#c=0&tab=time") as page:
        assert page.evaluate("document.querySelector('tab-time .sentence').textContent") == "It stalled once."
        assert "600.0 ms from 102.0 ms on" in page.evaluate("document.querySelector('.stalls').textContent")
        # Who does not see the drawing is told of it in its name, and of what is read off it as it changes.
        assert page.evaluate("document.querySelector('.pace').ariaLabel").endswith(", It stalled once.")
        assert page.evaluate("document.querySelector('tab-time .told').ariaLive") == "polite"
        page.wait_for("document.querySelector('.pace').width > 600")
        assert reds(page, [50 * MILLISECOND, 400 * MILLISECOND]) == [False, True]


def reds(page: Page, times: list[int]) -> list[bool]:
    """Whether the canvas has the ground of a problem at these times, where no bar reaches."""
    found: list[bool] = page.evaluate(
        f"""(() => {{
            const {{ found, canvas }} = document.querySelector('tab-time');
            const row = canvas.getContext('2d').getImageData(0, 20, canvas.width, 1).data;
            const span = found.boxes.client.length * found.width;
            const places = {times}.map(time => 4 * Math.floor(time / span * canvas.width));
            return places.map(at => row[at] > row[at + 2]);
        }})()"""
    )
    return found


def test_a_picture_is_drawn_whatever_its_content_type_says(browser: Browser, url: str) -> None:
    with shown(browser, url, "#c=1&tab=files") as page:
        page.click(".file summary")
        page.wait_for("document.querySelector('img.preview')?.naturalWidth === 1")
        assert page.evaluate("document.querySelector('img.preview').alt") == "dot.png"
        assert "image/png" in page.evaluate("document.querySelector('.file details').textContent")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_report_has_the_keys_and_what_notes_get_wrong(
    browser: Browser, trace: Path, tmp_path: Path, language: str
) -> None:
    file = tmp_path / "report.html"
    file.write_text(report(opened(trace)), "utf-8")
    with shown(browser, file.as_uri(), f"#c=1&tab=keys&lang={language}") as page:
        assert page.evaluate("document.querySelectorAll('.stage').length") == 4
        page.click(".secret button")
        assert page.wait_for("document.querySelector('.secret .value').checkVisibility()")
        assert len(page.evaluate("document.querySelector('.secret .value').textContent")) == 64
        page.press("8")
        page.wait_for("document.querySelectorAll('.corrections > li').length === 10")
        page.click(".corrections > li:nth-child(3) button")
        page.wait_for(
            "document.querySelector('button.row[aria-current=true]')?.textContent.includes('ClientKeyExchange')"
        )
        page.click(".corrections > li:nth-child(7) button")
        page.wait_for("document.querySelector('tab-keys .stage')")


def test_of_a_name_beside_ech_the_page_says_that_it_may_be_that_of_many(browser: Browser, url: str) -> None:
    with shown(browser, url, "#c=2&tab=leaks") as page:
        told = page.wait_for("document.querySelector('tab-leaks dl')?.textContent")
        assert "localhost: the name in the open" in told
        assert "the true name is sealed in it" in told
