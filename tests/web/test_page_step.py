"""One step in a real Chromium: suites taken apart, what values mean, where the bytes lie, and the walk by keys."""

from __future__ import annotations

import json

import pytest

from tests.dissect.told import ZEEK
from tests.real.browser import Browser, Page
from tests.real.chromium import ChromiumPage
from tests.web.pages import served
from tests.web.shown import drawn, shown

SELECTED = "document.querySelector('field-tree [aria-selected=true]')?.textContent"
SUITE = "[...document.querySelectorAll('field-tree li')].filter(row => row.textContent.startsWith('Cipher Suite'))"


def shown_rows(page: Page) -> list[str]:
    """What the tree shows, folded as it is."""
    rows: list[str] = page.evaluate(
        "[...document.querySelectorAll('field-tree li')].filter(row => row.checkVisibility())"
        ".map(row => [...row.children].map(part => part.innerText).join(' '))"
    )
    return rows


def test_the_chosen_suite_lies_open_with_what_each_part_is_for(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=2&step=s0") as page:
        rows = shown_rows(page)
        place = next(at for at, row in enumerate(rows) if "TLS_RSA_WITH_AES_256_GCM_SHA384" in row)
        parts = rows[place + 1 : place + 5]
        assert (
            "key exchange RSA the client encrypts the secret to the certificate's key weak: RSA key exchange" in parts
        )
        assert "cipher AES-256-GCM encrypts and authenticates in one (AEAD)" in parts
        assert "hash SHA-384 makes the keys and the proof of the handshake (PRF)" in parts


def test_the_suites_that_are_offered_are_folded_and_open_by_key(browser: Browser) -> None:
    with served(ZEEK / "smtp-starttls.pcap") as address, shown(browser, address, "#c=0") as page:
        before = shown_rows(page)
        assert sum(row.startswith("Cipher Suite") for row in before) == 82  # length, heading, and eighty
        assert not any(row.startswith("key exchange") for row in before)
        assert any("weak: export" in row and "weak: RC4" in row for row in before)
        page.evaluate(f"{SUITE}.find(row => row.textContent.includes('TLS_RSA_EXPORT_WITH_RC4_40_MD5')).click()")
        page.evaluate("document.querySelector('[role=tree]').focus()")
        page.press("ArrowRight")
        page.press("ArrowDown")
        assert page.wait_for(SELECTED).startswith("key exchange")
        # A part has the bytes of its suite.
        assert page.evaluate("document.querySelectorAll('.byte.is-chosen').length") == 2
        page.press("ArrowLeft")
        assert "TLS_RSA_EXPORT_WITH_RC4_40_MD5" in page.wait_for(SELECTED)
        page.press("ArrowLeft")
        assert shown_rows(page) == before


def test_a_byte_of_a_suite_leads_to_the_suite_and_the_walk_goes_on_through_bytes(
    browser: Browser, address: str
) -> None:
    with shown(browser, address, "#c=1&step=s0") as page:
        page.evaluate(f"{SUITE}[0].click()")
        page.evaluate("document.querySelector('.blocks').focus()")
        page.press("ArrowRight")
        assert page.wait_for(SELECTED).startswith("Cipher Suite")
        page.press("ArrowRight")
        assert page.wait_for(SELECTED).startswith("Compression Method")
        # Of fields that lie in the same bytes it is the one within the others; what has no bytes of its own is none.
        fields = [{"space": "message", "offset": 4, "length": length} for length in (9, 3, 3)]
        fields += [{**fields[2], "derived": True}, {**fields[2], "space": "stream"}]
        place = {"space": "message", "offset": 5, "length": 1}
        asked = f"{json.dumps(fields)}, {json.dumps(place)}"
        assert page.evaluate(f"import('./field-tree.js').then(({{ innermost }}) => innermost({asked}))") == 2


HERE = "document.querySelector('.byte.is-here')?.dataset.cell"


def test_each_arrow_walks_through_the_fields_and_through_the_bytes(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&step=s0") as page:
        rows = page.evaluate(
            "[...document.querySelectorAll('field-tree li')].filter(row => row.checkVisibility()).map(row => row.id)"
        )
        page.evaluate("document.querySelector('[role=tree]').focus()")
        walked = []
        for key in ("ArrowDown", "ArrowDown", "ArrowUp", "End", "ArrowDown", "Home", "ArrowUp"):
            page.press(key)
            walked.append(page.evaluate("document.querySelector('field-tree [aria-selected=true]').id"))
        assert walked == [rows[0], rows[1], rows[0], rows[-1], rows[-1], rows[0], rows[0]]
        page.evaluate("document.querySelector('.blocks').focus()")
        page.evaluate("document.querySelector('[data-cell=\"20\"]').click()")
        wide = page.evaluate("document.querySelector('byte-view').width")
        walked = [page.evaluate(HERE)]
        for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
            page.press(key)
            walked.append(page.evaluate(HERE))
        assert walked == [str(at) for at in (20, 21, 21 + wide, 20 + wide, 20)]


def test_a_badge_is_text_and_an_icon_and_more_says_what_it_means(browser: Browser) -> None:
    with served(ZEEK / "chrome-1250-tls-x25519-kyber.pcap") as address, shown(browser, address, "#c=0&step=s0") as page:
        badges = page.evaluate("[...document.querySelectorAll('field-tree .badge')].map(one => one.textContent)")
        assert "post-quantum" in badges
        assert "forward secrecy" in badges
        assert page.evaluate("[...document.querySelectorAll('.badge')].every(one => one.querySelector('svg'))") is True
        page.click(".more summary")
        assert "A quantum computer does not break it" in page.evaluate("document.querySelector('.remarks').textContent")


@pytest.mark.parametrize(
    ("state", "title", "said"),
    [
        ("c=1&step=s0", "in TLS 1.3", "Both sides have keys from here on"),
        ("c=3&step=s0", "in TLS 1.2", "All of it is readable, up to step 7"),
        ("c=3&step=s0&lang=ko", "TLS 1.2에서는", "7단계까지는 모두 읽을 수 있습니다"),
    ],
)
def test_a_step_tells_on_demand_how_it_is_in_the_other_version(
    browser: Browser, address: str, state: str, title: str, said: str
) -> None:
    with shown(browser, address, f"#{state}") as page:
        assert page.evaluate("document.querySelector('.other summary').textContent") == title
        page.click(".other summary")
        assert said in page.evaluate("document.querySelector('.other').innerText")


def test_one_line_leads_from_the_message_down_to_its_packets(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&step=s0") as page:
        line = page.wait_for("document.querySelector('.place')?.textContent")
        packet = page.evaluate("document.querySelectorAll('step-view h2 .about')[2].textContent")
        assert "record at byte 0 of the stream, header 5 B" in line
        assert "TCP sequence numbers 1 to" in line
        assert line.endswith(packet)
        page.press("k")
        drawn(page, "without-keys")
        assert page.wait_for("document.querySelector('.place')?.textContent") == line


def test_what_stays_shut_is_not_said_to_be_the_step_that_it_would_be(browser: Browser, address: str) -> None:
    heading, sentence = (f"document.querySelector('step-view {part}').textContent" for part in ("h2", ".sentence"))
    with shown(browser, address, "#c=3&view=without-keys&step=s133") as page:
        assert page.evaluate(heading).startswith("sealed records")
        assert "nobody can tell" in page.evaluate(sentence)
    with shown(browser, address, "#c=1&view=without-keys&step=c194") as page:
        assert "By its place it is Finished" in page.evaluate(sentence)


def test_on_a_phone_the_step_that_is_shown_is_in_sight_above_its_sheet(browser: Browser, address: str) -> None:
    row, sheet = "document.querySelector('button.row[aria-current=true]')", "document.querySelector('step-view')"
    with shown(browser, address, "#c=1&step=s0", 360, 740) as page:
        page.press("n")
        page.wait_for(f"{row} && {row}.dataset.id !== 's0'")
        page.wait_for(f"{row}.getBoundingClientRect().bottom <= {sheet}.getBoundingClientRect().top + 1")
    with shown(browser, address, "#c=1&view=without-keys&step=c194", 360, 740) as page:
        page.wait_for(f"{row}.getBoundingClientRect().bottom <= {sheet}.getBoundingClientRect().top + 1")


def test_what_the_mouse_is_over_is_marked_on_both_sides(browser: Browser, address: str) -> None:
    under = "[...document.querySelectorAll('.byte.is-under')].map(byte => byte.textContent).join()"
    with shown(browser, address, "#c=1&step=s0") as page:
        assert isinstance(page, ChromiumPage)
        page.hover("field-tree li:nth-child(3)")
        assert page.wait_for(under) == "03,03"
        page.hover("step-view h2")
        page.wait_for(f"{under} === ''")
        page.hover(".block.is-open .dump-row:nth-child(1) .byte:nth-child(1)")
        told = page.wait_for("document.querySelector('field-tree li.is-under')?.textContent")
        # Neither chooses anything.
        assert page.evaluate("document.querySelectorAll('.byte.is-chosen').length") == 0
    assert told == "Handshake TypeServer Hello (2)"


def test_more_of_a_step_is_told_on_demand_with_its_section_of_the_rfc(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&step=s0") as page:
        assert page.evaluate("document.querySelector('.more').open") is False
        assert "RFC 5246 §7.4.1.3" in page.evaluate("document.querySelector('step-view').textContent")
        page.click(".more summary")
        assert len(page.wait_for("document.querySelector('.more').innerText")) > 60


def test_a_step_that_does_not_exist_leads_to_the_first(browser: Browser, address: str) -> None:
    title = "document.querySelector('step-view h2').textContent"
    with shown(browser, address, "#c=1&step=c0") as page:
        first = page.wait_for(title)
    with shown(browser, address, "#c=1&step=nowhere") as page:
        assert page.wait_for(title) == first
