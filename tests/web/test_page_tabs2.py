"""Certificates, keys and corrections in a real Chromium: what a reader finds there, with the keys and without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.browser import Browser
from tests.web.pages import opened, served
from tests.web.shown import shown
from transom.web.report import report

PANEL = "document.querySelector('[role=tabpanel]').textContent"


def test_the_chain_is_drawn_from_the_servers_certificate_to_the_root(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&tab=certificates") as page:
        names = page.evaluate("[...document.querySelectorAll('.certificate')].map(one => one.ariaLabel).join('; ')")
        assert names.startswith("server, localhost; root, Transom CA")
        text = page.evaluate(PANEL)
        assert "a certificate is never decrypted" in text
        assert "✓ name: it is for localhost" in text
        assert "ECDSA gives no hash back" in text
        page.click(".to-step")
        page.wait_for("document.querySelector('button.row[aria-current=true]')?.textContent.includes(', Certificate')")


def test_in_tls_13_the_chain_is_hidden_without_keys_and_the_page_says_why(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=3&tab=certificates&view=without-keys&lang=ko") as page:
        text = page.evaluate(PANEL)
        assert "TLS 1.3은 인증서까지 봉인하므로" in text
        assert "Transom CA" not in page.evaluate("document.querySelector('transom-page').textContent")


def test_the_report_has_the_chain_too(browser: Browser, trace: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report(opened(trace, "without-keys")), "utf-8")
    with shown(browser, file.as_uri(), "#c=1&tab=certificates") as page:
        assert page.evaluate("document.querySelectorAll('.certificate').length") == 2


FIND_NODE = "[...document.querySelectorAll('.secret')].find(one => one.textContent.includes({name!r}))"


def test_a_secret_is_out_of_sight_until_it_is_asked_for(browser: Browser, trace: Path) -> None:
    with served(trace, "with-secrets") as address, shown(browser, address, "#c=2&tab=keys") as page:
        node = FIND_NODE.format(name="pre-master secret 48 B")
        assert page.evaluate(f"{node}.querySelector('.value').checkVisibility()") is False
        page.evaluate(f"{node}.querySelector('button').focus()")
        page.press("Enter")
        assert page.wait_for(f"{node}.querySelector('.value').checkVisibility()")
        assert page.evaluate(f"{node}.querySelector('.value').textContent").startswith("0303")
        assert page.evaluate(f"{node}.querySelector('button').ariaExpanded") == "true"


UNKNOWN = """[...document.querySelectorAll(".secret.who-unknown")].map(one => ({
    title: one.querySelector(".title").textContent,
    said: one.querySelector(".note:not(.title *)").textContent,
    offers: one.querySelectorAll("button, .value").length,
    isSeen: one.checkVisibility(),
}))"""

USED_UP = "Used once and forgotten: no key log holds it."
SHARED = "Computed and forgotten: no key log holds it."
STAGE = "What follows from it is logged, not this one."


@pytest.mark.parametrize(
    ("conversation", "unknown"),
    [
        (1, [("? client's one-time private key", USED_UP), ("? server's one-time private key", USED_UP),
             ("? pre-master secret", SHARED)]),
        (2, []),
        (3, [("? client's one-time private key", USED_UP), ("? server's one-time private key", USED_UP),
             ("? shared secret", SHARED), ("? Handshake Secret 32 B", STAGE), ("? Master Secret 32 B", STAGE)]),
    ],
)  # fmt: skip
def test_what_no_key_log_holds_is_said_to_be_in_none(
    browser: Browser, trace: Path, conversation: int, unknown: list[tuple[str, str]]
) -> None:
    """Even where everything that is known is shown: there is nothing to ask for."""
    with (
        served(trace, "with-secrets") as address,
        shown(browser, address, f"#c={conversation}&tab=keys") as page,
    ):
        found = page.evaluate(UNKNOWN)
    assert [(one["title"], one["said"]) for one in found] == unknown
    assert [(one["offers"], one["isSeen"]) for one in found] == [(0, True)] * len(unknown)


@pytest.mark.parametrize("conversation", [1, 2, 3])
def test_every_value_is_out_of_sight_until_it_is_asked_for_and_goes_again(
    browser: Browser, trace: Path, conversation: int
) -> None:
    in_sight = "[...document.querySelectorAll('.secret .value')].filter(one => one.checkVisibility()).length"
    with (
        served(trace, "with-secrets") as address,
        shown(browser, address, f"#c={conversation}&tab=keys") as page,
    ):
        values = page.evaluate("[...document.querySelectorAll('.secret .value')].map(one => one.textContent)")
        assert len(values) > 6
        assert page.evaluate(in_sight) == 0
        assert [one for one in values if one in page.evaluate("document.querySelector('tab-keys').innerText")] == []
        for count in range(1, len(values) + 1):
            page.evaluate(f"document.querySelectorAll('.secret .reveal')[{count - 1}].click()")
            assert page.evaluate(in_sight) == count
        page.evaluate("document.querySelectorAll('.secret .reveal').forEach(one => one.click())")
        assert page.evaluate(in_sight) == 0


def test_no_secret_is_in_the_page_unless_it_was_asked_to_include_them(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=3&tab=keys") as page:
        node = FIND_NODE.format(name="client_handshake_traffic_secret")
        assert "masked" in page.evaluate(f"{node}.textContent")
        # The randoms, the public keys, and what anybody computes from them.
        assert page.evaluate("document.querySelectorAll('.secret .value:not(:empty)').length") == 5


def test_without_keys_there_are_none_and_the_page_says_why(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&tab=keys&view=without-keys") as page:
        assert page.evaluate(PANEL).startswith("Nothing to show (no keys).")


def test_what_notes_get_wrong_leads_to_where_this_session_shows_it(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&tab=corrections") as page:
        assert page.evaluate("document.querySelectorAll('.corrections > li').length") == 10
        page.click(".corrections > li:nth-child(3) button")
        page.wait_for(
            "document.querySelector('button.row[aria-current=true]')?.textContent.includes('ClientKeyExchange')"
        )
        page.click(".corrections > li:nth-child(7) button")
        assert page.wait_for("document.querySelector('tab-keys .stage')?.textContent")


def test_the_glossary_stands_below_in_the_readers_language(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&tab=corrections&lang=ko") as page:
        page.click(".glossary details:first-of-type summary")
        assert page.evaluate("document.querySelector('.glossary details[open]').textContent").startswith("등장하는 쪽")
        assert page.evaluate("document.querySelectorAll('.glossary dt').length") > 40
