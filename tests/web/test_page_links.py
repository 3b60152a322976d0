"""Ways from one part of the page to another, and what is saved, in a real Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.browser import Browser
from tests.web.axe import faults
from tests.web.pages import opened, served
from tests.web.shown import shown
from tests.web.talk import talk
from transom.web.report import report

SELECTED = "document.querySelector('tab-packets [aria-selected=true] .cell-number')?.textContent"


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)])
def test_a_packets_number_in_a_step_leads_to_its_row(browser: Browser, address: str, width: int, height: int) -> None:
    with shown(browser, address, "#c=1&step=s0", width, height) as page:
        number = page.wait_for("document.querySelector('step-view .place .packet-link')?.textContent")
        page.click("step-view .place .packet-link")
        page.wait_for(f"{SELECTED} === {number!r}")
        assert f"packet={number}" in page.evaluate("location.hash")
        assert faults(page) == []


def test_a_packet_far_down_is_found_without_asking_for_all_before_it(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=3&tab=packets") as page:
        last = page.wait_for("document.querySelector('tab-packets').found.total")
        first = int(page.wait_for("document.querySelector('tab-packets .packet .cell-number')?.textContent"))
        wanted = first + last - 5
        page.evaluate(f"location.hash = '#c=3&tab=packets&packet={wanted}'")
        page.wait_for(f"{SELECTED} === '{wanted}'")
        assert page.evaluate("document.querySelector('tab-packets').slices.size") < 12


@pytest.mark.parametrize(
    ("view", "side", "begins"),
    [("with-keys", "client", b"GET /picture.bin"), ("without-keys", "client", b"\x16\x03\x01")],
)
def test_what_a_side_said_is_saved_as_this_view_has_it(
    browser: Browser, address: str, view: str, side: str, begins: bytes
) -> None:
    with shown(browser, address, f"#c=3&tab=follow&beside=none&view={view}") as page:
        page.wait_for("document.querySelector('.saves a')")
        saved = page.download(lambda: page.click(f".saves a[href*='said-{side}']"))
        assert saved.read_bytes().startswith(begins)


def test_a_report_saves_what_is_in_it(browser: Browser, trace: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report(opened(trace, "without-keys")), "utf-8")
    with shown(browser, file.as_uri(), "#c=3&tab=follow&beside=none") as page:
        page.wait_for("document.querySelector('.saves button')")
        saved = page.download(lambda: page.click(".saves button:nth-of-type(2)"))
        content = saved.read_bytes()
        assert content.startswith(b"\x16\x03\x03")
        assert b"HTTP/1.1 200" not in content


def test_a_report_says_beforehand_of_how_many_steps_it_has_the_details(browser: Browser, tmp_path: Path) -> None:
    capture = talk(tmp_path / "long.pcapng", 260)
    file = tmp_path / "report.html"
    file.write_text(report(opened(capture)), "utf-8")
    with shown(browser, file.as_uri(), "#c=0") as page:
        assert "the first 500 steps of 520" in page.evaluate("document.querySelector('story-view').textContent")
        assert faults(page) == []
    with served(capture) as address, shown(browser, address, "#c=0") as page:
        assert page.evaluate("document.querySelector('.left-out-steps')") is None
