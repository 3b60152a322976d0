"""The page as a printer has it: Chromium's own PDF, read back by poppler."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.real.browser import Browser
from tests.real.chromium import ChromiumPage, print_to_pdf
from tests.real.programs import run
from tests.web.pages import opened
from tests.web.shown import shown
from transom.web.report import report


@pytest.fixture(scope="module")
def file(trace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("print") / "report.html"
    file.write_text(report(opened(trace)), "utf-8")
    return file


def text_of(pdf: Path) -> str:
    ran = run("pdftotext", "-layout", str(pdf), "-")
    assert ran.exit_code == 0, ran.stderr
    return ran.stdout.decode()


@pytest.mark.parametrize(
    ("state", "holds"),
    [
        (
            "c=1&tab=certificates",
            (
                "Story",
                "Finished",
                "ClientHello",
                "renegotiation_info",
                "Certificates",
                "serial number",
                "Judged here",
            ),
        ),
        (
            "c=0&beside=3&tab=compare",
            ("Compare", "The two ends have", "opens later with", "took, here", "SHA-256", "lasted"),
        ),
        ("c=3&tab=keys&lang=ko", ("진행 과정", "client_handshake_traffic_secret", "exporter_master_secret")),
        ("c=0&tab=packets&view=without-keys", ("GET /picture.bin", "[SYN, ACK]")),
    ],
)
def test_all_that_is_open_is_on_paper_and_nothing_to_press(
    browser: Browser, file: Path, tmp_path: Path, state: str, holds: Sequence[str]
) -> None:
    with shown(browser, file.as_uri(), f"#{state}") as page:
        assert isinstance(page, ChromiumPage)
        (tmp_path / "x.pdf").write_bytes(page.printed())
    said = " ".join(text_of(tmp_path / "x.pdf").split())
    assert [one for one in holds if one not in said] == []
    for button in ("Save what", "to scale", "한국어"):
        assert button not in said


def test_of_what_is_no_text_paper_has_the_first_lines_and_says_how_much_there_is(
    browser: Browser, file: Path, tmp_path: Path
) -> None:
    with shown(browser, file.as_uri(), "#c=0&beside=none&tab=follow") as page:
        assert isinstance(page, ChromiumPage)
        on_screen = str(page.wait_for("document.querySelector('.from-server pre')?.innerText"))
        (tmp_path / "x.pdf").write_bytes(page.printed())
    said = text_of(tmp_path / "x.pdf")
    assert "Content-Length: 8388608" in said
    assert "Of content that is no text paper has the first lines; this is 16,384 bytes in all." in " ".join(
        said.split()
    )
    assert 50 < said.count("\\x") < 500 < 5000 < on_screen.count("\\x")


@pytest.mark.parametrize(
    ("state", "holds"),
    [
        # Of a window with room for one thing at a time: nothing is chosen there, and paper has room for all.
        ("", ("Story", "200 OK", "Fields", "Follow", "Content-Length: 8388608")),
        ("#c=1&tab=certificates", ("Story", "Finished", "renegotiation_info", "serial number", "Judged here")),
    ],
)
def test_what_is_printed_as_soon_as_the_page_is_loaded_is_all_of_it(
    file: Path, tmp_path: Path, state: str, holds: Sequence[str]
) -> None:
    print_to_pdf(file.as_uri() + state, tmp_path / "x.pdf", tmp_path)
    said = " ".join(text_of(tmp_path / "x.pdf").split())
    assert [one for one in holds if one not in said] == []


def test_the_live_page_too_is_loaded_once_it_is_drawn(address: str, tmp_path: Path) -> None:
    print_to_pdf(f"{address}#c=1&step=s0&tab=keys", tmp_path / "x.pdf", tmp_path)
    said = " ".join(text_of(tmp_path / "x.pdf").split())
    for one in ("Story", "ServerKeyExchange", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "master secret"):
        assert one in said
