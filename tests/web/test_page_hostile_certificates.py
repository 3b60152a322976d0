"""Certificates that a peer made up are drawn like any other: as text, all of them, and without a complaint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.real.browser import Browser
from tests.trust.hostile import hostile
from tests.web.chains import chains_trace, rsa_chain
from tests.web.pages import opened, serving
from tests.web.shown import RAW, drawn, shown
from transom.dissect.json_lines import encode
from transom.web.model.passes import KEPT_AT_FIRST

DRAWN = """({
    chain: document.querySelector("tab-certificates").textContent,
    cards: document.querySelectorAll("tab-certificates article").length,
    fields: document.querySelector("field-tree").textContent,
})"""


@pytest.mark.parametrize("part", range(3))
def test_whatever_a_certificate_is_it_is_drawn_with_what_became_of_it(
    browser: Browser, tmp_path: Path, part: int
) -> None:
    """Its chain in the tab, and the step with its fields."""
    made, _ = rsa_chain()
    cases = list(hostile())[part::3]
    assert len(cases) <= KEPT_AT_FIRST  # what was let go is read again for each
    capture = opened(chains_trace(tmp_path / "hostile.pcapng", ([der] for _, der in cases), of=made))
    with serving(capture) as url, shown(browser, url, "#c=0&tab=certificates") as page:
        for number, (what, _) in enumerate(cases):
            known = json.loads(encode(capture.answer(f"conversations/{number}/with-keys/certificates")))
            page.evaluate(f"location.hash = '#c={number}&step={known['step']}&tab=certificates'")
            drawn(page, str(number), "with-keys", known["step"])
            page.wait_for(f"document.querySelector('tab-certificates')?.textContent.includes('{known['moment']}')")
            told = page.evaluate(DRAWN)
            assert told["cards"] == len(known["chain"]), what
            assert told["cards"] or "certificate 1 cannot be read" in told["chain"], what
            assert "Certificate" in told["fields"], what
            assert page.evaluate(RAW) == [], what
