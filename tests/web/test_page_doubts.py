"""Promises of the page that nothing else held to: each test fails if what it names is left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.dissect.told import ZEEK
from tests.real.browser import Browser, Page, Scheme
from tests.web.many import capture
from tests.web.pages import opened, served
from tests.web.shown import drawn, shown
from transom.web.report import report


def texts(page: Page, selector: str) -> list[str]:
    found: list[str] = page.evaluate(f"[...document.querySelectorAll({selector!r})].map(one => one.textContent)")
    return found


def test_a_step_that_is_not_sent_stands_in_the_story_with_its_own_reason(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=3&step=s0") as page:
        five, six = texts(page, "button.row.is-absent")
        assert five.startswith("5, ServerHelloDone not in TLS 1.3: Finished ends the flight")
        assert six.startswith("6, ClientKeyExchange not in TLS 1.3: step 1 carried the client's half")


def test_what_leaks_comes_forward_without_keys_with_all_that_the_path_knows(browser: Browser, address: str) -> None:
    opacity = "getComputedStyle(document.querySelector('tab-leaks > dl')).opacity"
    with shown(browser, address, "#c=1&tab=leaks") as page:
        assert float(page.wait_for(opacity)) < 1
        page.press("k")
        drawn(page, "without-keys")
        page.wait_for(f"document.querySelector('tab-leaks > dl') && {opacity} === '1'")
        told = " ".join(texts(page, "tab-leaks dd"))
        known = page.evaluate("fetch('api/conversations/1/without-keys/leaks').then(answer => answer.json())")
        assert known["ja4"].startswith("t12")
        assert known["lasted"] > 0
        assert abs(known["largest_answer"] - 8 * 1024 * 1024) < 1024
        for fact in ("localhost", known["ja4"], f"{known['server_bytes']:,} B", f"{known['largest_answer']:,} B"):
            assert fact in told
        assert f"{known['lasted'] / 1e6:.1f} ms" in told


def test_of_plain_http_what_leaks_has_the_file_itself(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=0&view=without-keys&tab=leaks") as page:
        (exchange,) = texts(page, "tab-leaks .exchanges li")
        found = page.evaluate("fetch('api/conversations/0/without-keys/files').then(answer => answer.json())")
        file = found["files"][0]
        for fact in ("GET /picture.bin", "200", "8,388,608 B", f"SHA-256 {file['sha256']}"):
            assert fact in exchange


def test_of_what_no_key_log_holds_the_page_says_so(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&tab=keys") as page:
        words = page.evaluate("fetch('api/about').then(answer => answer.json())")["words"]["en"]
        unknown = texts(page, ".secret.who-unknown")
        assert len(unknown) == 3  # both private keys, and what comes of them
        for name in ("private", "shared"):
            assert any(words[f"page.keys.why.{name}"] in one for one in unknown), name


def test_the_hash_that_was_signed_is_shown_as_it_was_and_not_as_it_should_be(browser: Browser) -> None:
    """Equal where they are; and where the answer is changed so that they differ, different and said to be a problem."""
    with (
        served(ZEEK / "client-certificate.pcap") as address,
        shown(browser, address, "#c=0&tab=certificates") as page,
    ):
        pairs = page.evaluate(
            """[...document.querySelectorAll(".hashes dl")]
                .map(one => [...one.querySelectorAll("code")].map(code => code.textContent))"""
        )
        both = [pair for pair in pairs if len(pair) == 2]
        assert both
        assert all(computed == signed for computed, signed in both)
        changed = page.evaluate(
            """(async () => {
                const answer = await (await fetch("api/conversations/0/with-keys/certificates")).json();
                for (const { signature } of answer.chain) if (signature?.signed) signature.signed = "00".repeat(32);
                const tab = document.createElement("tab-certificates");
                await tab.show({ ask: async () => answer, base: "" });
                return [...tab.querySelectorAll(".hashes.is-problem")].map(one => one.textContent);
            })()"""
        )
        assert len(changed) == len(both)
        assert all("00" * 32 in one for one in changed)


def test_a_packet_goes_from_who_sent_it_to_the_other(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&tab=packets") as page:
        page.wait_for("document.querySelector('#packet-1')")
        told = page.evaluate("fetch('api/conversations/1/with-keys/packets').then(answer => answer.json())")
        for at in (0, 1):
            side = told["rows"][at][2]
            ends = [told["client"], told["server"]]
            cells = [texts(page, f"#packet-{at} .cell-{name}")[0] for name in ("from", "to", "way")]
            assert cells == [*(ends if side == "client" else ends[::-1]), "→" if side == "client" else "←"]
        assert {told["rows"][at][2] for at in (0, 1)} == {"client", "server"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_as_dark_as_the_system_or_as_its_reader_would_have_it(
    browser: Browser, address: str, scheme: Scheme
) -> None:
    ground = "getComputedStyle(document.querySelector('step-view')).backgroundColor.match(/[0-9]+/g).map(Number)[0]"
    with shown(browser, address, "#c=1&step=s0") as page:
        page.prefer(scheme)
        assert (page.evaluate(ground) > 128) is (scheme == "light")
        page.click(".set-theme")
        page.wait_for(f"{ground} > 128")
        assert "theme=light" in page.evaluate("location.hash")
        page.click(".set-theme")
        page.wait_for(f"{ground} < 128")


def test_who_can_read_an_arrow_and_who_sent_it_is_told_to_who_does_not_see_it(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&step=c0") as page:
        words = page.evaluate("fetch('api/about').then(answer => answer.json())")["words"]["en"]
        (hello,) = texts(page, "button.row[data-id=c0]")
        assert words["page.from.client"] in hello
        assert hello.endswith(words["page.who.open"])
        assert any(one.endswith(words["page.who.opened"]) for one in texts(page, "button.row.from-server"))


def test_a_reports_table_is_sorted_by_text_as_the_servers_is(browser: Browser, tmp_path: Path) -> None:
    page_of = opened(capture(tmp_path / "many.pcapng", 30))
    file = tmp_path / "report.html"
    file.write_text(report(page_of), "utf-8")
    listed = "[...document.querySelectorAll('[data-conversation]')].map(row => +row.dataset.conversation)"
    for sort in ("sni", "protocol", "client", "server_bytes"):
        answer = page_of.answer("conversations/with-keys", {"sort": sort, "down": ""})
        rows = json.loads(json.dumps(answer["rows"]))
        with shown(browser, file.as_uri(), f"#list=open&sort={sort}-down") as page:
            assert page.evaluate(listed) == [row["conversation"] for row in rows], sort
