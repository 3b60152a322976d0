"""What is odd about a file as a whole stands above all its conversations, in both languages."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.real.browser import Browser
from tests.web.pages import live_or_report, opened
from tests.web.shown import drawn, shown
from transom.capture.problems import Problem
from transom.cli.show.narration import InEveryLanguage
from transom.errors import Sentence
from transom.web.model.findings import MOST_TOLD, file_findings
from transom.web.model.mask import Masking

_ETHERNET = 1
_USER0 = 147
SHOWN = "[...document.querySelectorAll('file-problems p')].map(one => one.innerText.trim())"


def damaged(folder: Path, link_type: int = _ETHERNET, packets: int = 0) -> Path:
    """A pcap that ends in the middle of a packet, behind some whole ones."""
    path = folder / "damaged.pcap"
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link_type)
    whole = struct.pack("<IIII", 0, 0, 60, 60) + bytes(60)
    path.write_bytes(header + whole * packets + whole[:26])
    return path


@pytest.mark.parametrize("live", [True, False], ids=["live", "report"])
def test_a_file_that_is_cut_is_said_to_be(browser: Browser, tmp_path: Path, *, live: bool) -> None:
    with live_or_report(damaged(tmp_path), tmp_path, live=live) as url, shown(browser, url) as page:
        what = "the file ends inside a record, of which it holds 26 bytes; everything before it was read"
        assert page.evaluate(SHOWN) == [f"This file: file-truncated, byte 24: {what}"]
        assert page.evaluate("document.querySelector('file-problems details')") is None
        page.click("header .set-language")
        drawn(page, "ko")
        what = "파일이 레코드 중간에서 끝납니다. 그 레코드는 26바이트만 있고, 그 앞은 모두 읽었습니다."
        assert page.evaluate(SHOWN) == [f"이 파일: file-truncated, 바이트 24: {what}"]


def test_the_first_is_told_and_the_others_are_a_click_away(browser: Browser, tmp_path: Path) -> None:
    path = damaged(tmp_path, _USER0, packets=3)
    with live_or_report(path, tmp_path, live=True) as url, shown(browser, url) as page:
        first, second = page.evaluate("[...document.querySelectorAll('file-problems p')].map(one => one.textContent)")
        assert first == "This file: link-type-unsupported, packet 1 and 2 more: link type 147 is not supported"
        assert second.startswith("This file: file-truncated, byte 252: ")
        assert page.evaluate("document.querySelector('file-problems details').open") is False
        assert page.evaluate("document.querySelector('file-problems summary').textContent") == (
            "1 more problem of this file"
        )
        page.click("file-problems summary")
        page.wait_for("document.querySelector('file-problems details').open")


def test_of_a_file_that_is_whole_nothing_is_said(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1") as page:
        assert page.evaluate("document.querySelector('file-problems').hidden") is True


def test_what_is_odd_is_told_while_the_file_is_read(tmp_path: Path) -> None:
    page = opened(damaged(tmp_path), read=False)
    assert page.state({})["problems"] == []
    page.reader.read_all()
    assert "file-truncated" in str(page.state({})["problems"])
    assert page.about()["problems"] == page.state({})["problems"]


def test_no_more_are_sent_than_somebody_would_read() -> None:
    problems = [
        Problem("file-damaged", Sentence("byte {offset}", offset=at), Sentence("a?token=abcdefghij"))
        for at in range(25)
    ]
    found = file_findings(problems, InEveryLanguage(()), Masking())
    assert (str(found["problems"]).count("file-damaged"), found["problems_left_out"]) == (MOST_TOLD, 5)
    assert "abcdefghij" not in str(found)
