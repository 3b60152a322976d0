"""The page in a real Chromium while its capture is read or written: it fills, and the reader's hands are left alone."""

from __future__ import annotations

from pathlib import Path

from tests.dissect.told import ENDPOINTS, START
from tests.real.browser import Browser
from tests.web.model.test_reader import TLS13, page_of, pieces
from tests.web.pages import serving
from tests.web.shown import drawn, shown
from transom.capture.growth import Growth
from transom.capture.reader import secrets
from transom.capture.write import TraceWriter
from transom.tls.keys.keylog import KeyLog
from transom.wire.tap import Endpoint, Endpoints, Side

VERDICT = "document.querySelector('verdict-line').textContent"
TURN = "document.querySelector('transom-page').dataset.turn"
STORY = "document.querySelectorAll('story-view button.row').length"


def test_steps_arrive_while_it_happens_and_what_is_chosen_stays(browser: Browser, trace: Path, tmp_path: Path) -> None:
    first, *rest = pieces(trace, TLS13)
    keys = KeyLog()
    growth = Growth(keys.receive)
    path = tmp_path / "grows.pcapng"
    with TraceWriter(path, "tests") as writer:
        writer.read_meanwhile()
        for line in secrets(trace).decode().splitlines():
            if line and not line.startswith("#"):
                writer.secret(line)
        tap = writer.conversation()
        tap.opened(ENDPOINTS, START)
        first(tap)
        with serving(page_of(path, growth, keys)) as address, shown(browser, address) as page:
            assert page.evaluate(STORY) == 1
            assert "running" in page.evaluate(VERDICT)
            before = page.evaluate(TURN)
            page.click("story-view button.row")
            # What is drawn anew between a press of the mouse and its release takes the click with it.
            page.wait_for(f"{TURN} !== {before!r}")
            page.click("step-view summary")
            page.wait_for("document.querySelector('step-view details').open")
            page.press("5")
            half = len(rest) // 2
            for piece in rest[:half]:
                piece(tap)
            page.wait_for(f"{STORY} > 8")
            page.wait_for(f"{VERDICT}.includes('so far')")
            # The reader is at the step: it is the same, and folded open.
            assert page.evaluate("document.querySelector('step-view details').open")
            drawn(page, "0", "with-keys", "c0")
            assert page.evaluate("document.querySelector('[role=tab][aria-selected=true]').id") == "tab-keys"
            page.wait_for("document.querySelector('tab-keys').textContent.includes('traffic')")

            page.press("k")
            drawn(page, "without-keys")
            shut = page.evaluate(STORY)
            page.press("k")
            drawn(page, "with-keys")
            page.wait_for(f"{STORY} > {shut}")

            page.evaluate("document.querySelector('story-view').scrollTo({ top: 40 })")
            for piece in rest[half:]:
                piece(tap)
            for side in (Side.SERVER, Side.CLIENT):
                tap.closed(side, START + 10**9)
            growth.over = True
            page.wait_for("document.querySelector('transom-page').dataset.state === 'whole'")
            assert "running" not in page.evaluate(VERDICT)
            assert "whole" in page.evaluate(VERDICT)
            assert page.evaluate("document.querySelector('story-view').scrollTop") == 40
            drawn(page, "0", "with-keys", "c0")
            assert page.evaluate("document.querySelectorAll('story-view .is-closed').length") == 2


def test_the_table_fills_and_keeps_its_filter(browser: Browser, trace: Path, tmp_path: Path) -> None:
    growth = Growth(lambda _: None)
    path = tmp_path / "grows.pcapng"
    rows = "document.querySelectorAll('[data-conversation]').length"
    with TraceWriter(path, "tests") as writer:
        writer.read_meanwhile()
        said = pieces(trace, 0)

        def begin(port: int) -> None:
            tap = writer.conversation()
            tap.opened(Endpoints(Endpoint("127.0.0.1", port), Endpoint("127.0.0.1", 80)), START)
            said[0](tap)

        begin(50000)
        with serving(page_of(path, growth)) as address, shown(browser, f"{address}#list=open&text=http") as page:
            page.wait_for(f"{rows} === 1")
            page.click("conversation-list input")
            begin(50001)
            begin(50002)
            page.wait_for(f"{rows} === 3")
            assert page.evaluate("document.activeElement === document.querySelector('conversation-list input')")
            assert page.evaluate("document.querySelector('conversation-list input').value") == "http"
            assert "3 conversations" in page.evaluate(VERDICT)
            growth.over = True
            page.wait_for("document.querySelector('transom-page').dataset.state === 'whole'")
