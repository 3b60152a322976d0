"""Where a digest would stand that could give away what is masked, the page says why there is none."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.dissect.told import write_trace
from tests.real.browser import Browser
from tests.web.model.test_canaries import answer
from tests.web.pages import live_or_report
from tests.web.shown import drawn, shown
from transom.cli.words import Lang, words
from transom.wire.tap import Side

BODY = b'{"user": "kim", "pin": "4071"}'


@pytest.mark.parametrize("live", [True, False])
def test_files_what_leaks_and_the_verdict_say_why_there_is_no_digest(
    live: bool, browser: Browser, tmp_path: Path
) -> None:
    asks = b"GET /f.json HTTP/1.1\r\nHost: h\r\n\r\n"
    trace = write_trace(tmp_path / "t.pcapng", [(Side.CLIENT, asks), (Side.SERVER, answer(b"application/json", BODY))])
    with live_or_report(trace, tmp_path, live=live) as address:
        looks: tuple[tuple[str, Lang], ...] = (("files", "en"), ("leaks", "ko"))
        for tab, lang in looks:
            with shown(browser, address, f"#c=0&tab={tab}&lang={lang}") as page:
                drawn(page, lang)
                told = page.evaluate(f"document.querySelector('tab-{tab}').textContent")
                assert words(lang).say("page.digest.masked") in told
                verdict = page.evaluate("document.querySelector('verdict-line').textContent")
                assert words(lang).say("page.verdict.digest_masked") in verdict
                assert hashlib.sha256(BODY).hexdigest()[:6] not in told + verdict
