"""The story in a real Chromium: folded when it is long, to scale, cut into packets, and step 0 with the CA's lane."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.dissect.told import ZEEK
from tests.real.browser import Browser, Page
from tests.web.axe import faults
from tests.web.pages import opened, served
from tests.web.refusals import refusals, refused
from tests.web.shown import drawn, shown
from tests.web.talk import talk
from transom.capture.write import TraceWriter
from transom.web.report import report

CURRENT = "document.querySelector('button.row[aria-current=true]')?.dataset.id"
OPEN_FOLDS = "[...document.querySelectorAll('.fold[aria-expanded=true]')].map(fold => fold.dataset.fold)"


@pytest.fixture(scope="module")
def long_story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred and fifty exchanges: 300 arrows, two to a row."""
    return talk(tmp_path_factory.mktemp("long") / "long.pcapng", 150)


def pressed(page: Page, key: str, step: str) -> None:
    page.press(key)
    page.wait_for(f"{CURRENT} === {step!r}")


def test_a_long_story_is_folded_and_the_row_of_the_step_that_is_shown_is_open(
    browser: Browser, long_story: Path
) -> None:
    with served(long_story) as address, shown(browser, address, "#c=0&step=q20") as page:
        assert page.evaluate("document.querySelectorAll('.fold').length") == 150
        assert page.evaluate(OPEN_FOLDS) == ["q20"]
        assert page.evaluate("document.querySelectorAll('button.row').length") == 2
        said = page.evaluate("document.querySelector('.fold').innerText")
        assert "flights 1 to 2" in said
        assert "2 messages" in said
        assert "GET /0 · 200 OK" in said
        assert faults(page) == []


def test_the_next_step_is_walked_to_into_the_next_row_which_opens(browser: Browser, long_story: Path) -> None:
    with served(long_story) as address, shown(browser, address, "#c=0&step=q20") as page:
        pressed(page, "n", "a20")
        pressed(page, "j", "q21")
        assert page.evaluate(OPEN_FOLDS) == ["q21"]
        pressed(page, "J", "a20")
        assert page.evaluate(OPEN_FOLDS) == ["q20"]


def test_a_row_opens_and_closes_by_click_and_by_keyboard(browser: Browser, long_story: Path) -> None:
    with served(long_story) as address, shown(browser, address, "#c=0&step=q20") as page:
        page.click('[data-fold="q22"]')
        page.wait_for("document.querySelectorAll('button.row').length === 4")
        assert page.evaluate(OPEN_FOLDS) == ["q20", "q22"]
        assert page.evaluate("document.activeElement.dataset.fold") == "q22"
        page.press("Enter")
        page.wait_for("document.querySelectorAll('button.row').length === 2")
        page.press("Enter")
        page.wait_for("document.querySelectorAll('button.row').length === 4")
        page.click('button.row[data-id="a22"]')
        page.wait_for(f"{CURRENT} === 'a22'")
        assert page.evaluate(OPEN_FOLDS) == ["q22"]


HEIGHTS = "[...document.querySelectorAll('.rows > li')].map(row => row.getBoundingClientRect().top)"


def test_to_scale_distances_are_times_and_pauses_have_their_length(browser: Browser, tmp_path: Path) -> None:
    with served(ZEEK / "client-certificate.pcap") as address, shown(browser, address, "#c=0") as page:
        assert page.evaluate("document.querySelectorAll('.pause').length") == 0
        page.click(".way-scale")
        page.wait_for("document.querySelector('.way-scale').ariaPressed === 'true'")
        assert "scale=on" in page.evaluate("location.hash")
        said = page.evaluate("[...document.querySelectorAll('.pause-length')].map(one => one.textContent)")
        assert said
        assert all(re.search(r"\d (ms|s) pause$|min \d+ s pause$", text) for text in said)
        # No row lies on another one, and what takes longest has the most room.
        tops = page.evaluate(HEIGHTS)
        assert tops == sorted(tops)
        longest = page.evaluate("Math.max(...[...document.querySelectorAll('.pause')].map(one => one.offsetHeight))")
        assert longest > 500
        page.press("t")
        page.wait_for("!document.querySelector('.pause')")
        assert "scale" not in page.evaluate("location.hash")


def test_arrows_are_cut_into_packets_without_an_element_for_each(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&step=s0") as page:
        before = page.evaluate("document.querySelectorAll('story-view *').length")
        page.press("s")
        page.wait_for("document.querySelector('button.row.is-cut')")
        said = page.evaluate("document.querySelector('button.row[data-id=s0] .size').textContent")
        assert said.startswith("78 B, packet ")
        long = "[...document.querySelectorAll('button.row.is-thick')].find(row => row.textContent.includes('200 OK'))"
        picture = page.evaluate(f"getComputedStyle({long}.querySelector('.shaft'), '::before').backgroundImage")
        assert picture.count("calc(") > 50
        rows = page.evaluate("document.querySelectorAll('button.row').length")
        assert page.evaluate("document.querySelectorAll('story-view *').length") - before <= rows
        page.press("k")
        drawn(page, "without-keys")
        page.wait_for("document.querySelector('button.row.is-cut')")
        assert "picture.bin" not in page.evaluate("document.querySelector('story-view').textContent")


def test_the_third_party_stands_between_the_two_and_each_arrow_says_who_can_read_it(
    browser: Browser, address: str
) -> None:
    rows = """[...document.querySelectorAll("story-view .rows > li")].map(row => ({
        text: row.textContent,
        seal: row.matches(".seal"),
        icons: [...row.querySelectorAll(".who .icon")].map(one => one.getAttribute("class").replace("icon icon-", "")),
        pattern: row.querySelector(".shaft") && getComputedStyle(row.querySelector(".shaft")).backgroundImage,
        flight: row.matches(".begins-flight"),
    }))"""
    with shown(browser, address, "#c=1&step=s0") as page:
        lanes = page.evaluate(
            """["ca", "client", "path", "server"].map(name => document.querySelector(`.lane-${name}`))
                .map(lane => lane.getBoundingClientRect()).map(box => (box.left + box.right) / 2)"""
        )
        assert lanes == sorted(lanes)
        found = page.evaluate(rows)
        seals = [at for at, row in enumerate(found) if row["seal"]]
        assert len(seals) == 2  # in TLS 1.2 each side says so
        assert "sealed from here" in found[seals[0]]["text"]
        arrows = [row for row in found if row["icons"]]
        for row in arrows:
            is_open = found.index(row) < seals[0]
            assert (row["icons"], "repeating" in row["pattern"]) == (["eye"], False) or not is_open
        opened = [row for row in arrows if row["icons"] == ["lock", "key"]]
        assert len(opened) >= 4
        assert all("repeating-linear-gradient" in row["pattern"] for row in opened)
        assert sum(row["flight"] for row in found) >= 4
        (answer,) = [row["text"] for row in found if "200 OK" in row["text"]]
        assert re.search(r"8\.4 MB, 51\d records, [\d.,]+ .B/s", answer)
        page.press("k")
        drawn(page, "without-keys")
        sealed = [row for row in page.evaluate(rows) if row["icons"] == ["lock"]]
        assert len(sealed) >= 4
        assert all("repeating-linear-gradient" in row["pattern"] for row in sealed)


def test_by_ear_each_arrow_says_who_sent_it_and_who_can_read_it(browser: Browser, address: str) -> None:
    said = "[...document.querySelectorAll('button.row[class*=from-]')].map(row => row.textContent)"
    with shown(browser, address, "#c=1") as page:
        arrows = [one for one in page.evaluate(said) if "signed by" not in one]
        assert re.fullmatch(r"1, ClientHello, from the client, [\d,]+ B, open to anyone on the path", arrows[0])
        assert re.fullmatch(r"2, ServerHello, from the server, [\d,]+ B, open to anyone on the path", arrows[1])
        finished = [one.partition(" ✓") for one in arrows if one.startswith("8, Finished")]
        assert [re.sub(r"\d+", "n", said) for _, _, said in finished] == [
            ", from the client, n B, sealed, opened with the keys",
            ", from the server, n B, sealed, opened with the keys",
        ]
        page.press("k")
        drawn(page, "without-keys")
        assert all(one.endswith((", sealed", ", open to anyone on the path")) for one in page.evaluate(said)[2:])
        assert sum(one.endswith(", sealed") for one in page.evaluate(said)) >= 4


def test_messages_that_share_a_record_stand_in_a_bracket(browser: Browser) -> None:
    with served(ZEEK / "client-certificate.pcap") as address, shown(browser, address, "#c=0") as page:
        names = "[...document.querySelectorAll('.in-record')].map(row => row.querySelector('.what').textContent)"
        assert page.evaluate(names) == ["Certificate", "ClientKeyExchange", "CertificateVerify ✓"]
        assert "3 messages in one record" in page.evaluate("document.querySelector('.record-begins').textContent")


def test_step_0_is_two_arrows_from_the_ca_that_was_really_used(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=1&step=before") as page:
        row = "document.querySelector('button.row[data-id=before]')"
        assert page.evaluate(f"{row}.querySelectorAll('.shaft, .root-shaft').length") == 2
        said = page.evaluate(f"{row}.textContent")
        assert "certificate of localhost, signed by Transom CA" in said
        assert "root certificate of Transom CA" in said
        lanes = page.evaluate(
            f"[...{row}.querySelectorAll('.shaft, .root-shaft')].map(one => one.getBoundingClientRect())"
            ".map(box => [Math.round(box.left), Math.round(box.right)])"
        )
        (left, right), (root_left, root_right) = lanes
        assert abs(left - root_left) <= 2
        assert root_right < right


def test_on_a_phone_too_the_certificate_comes_from_the_ca_and_not_from_the_client(
    browser: Browser, address: str
) -> None:
    left = "document.querySelector({!r}).getBoundingClientRect().left"
    with shown(browser, address, "#c=1", 360, 740) as page:
        begins = page.evaluate(left.format("button.row[data-id=before] .shaft"))
        assert begins < page.evaluate(left.format("button.row.from-client .shaft")) - 10


def test_an_alert_says_in_the_story_what_it_is_about(browser: Browser) -> None:
    with served(ZEEK / "tls-early-alert.pcap") as address, shown(browser, address, "#c=0") as page:
        rows = page.evaluate("[...document.querySelectorAll('button.row .what')].map(one => one.textContent)")
        assert any(row.startswith("Alert ") and "unrecognized_name" in row for row in rows), rows


def test_a_capture_without_a_conversation_says_so(browser: Browser, tmp_path: Path) -> None:
    with TraceWriter(tmp_path / "empty.pcapng", "tests"):
        pass
    with served(tmp_path / "empty.pcapng") as address, shown(browser, address) as page:
        assert "no conversation in this capture" in page.evaluate("document.querySelector('story-view').textContent")
        assert not page.evaluate("document.querySelector('tab-strip').checkVisibility()")
        assert faults(page) == []


def test_where_nothing_can_be_known_of_the_ca_the_page_says_so(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=3&step=before&view=without-keys") as page:
        assert "the CA stays unknown" in page.evaluate("document.querySelector('step-view').textContent")
        assert page.evaluate("document.querySelectorAll('.shaft.from-ca, .root-shaft').length") == 0
        assert "Transom CA" not in page.evaluate("document.querySelector('transom-page').textContent")


def test_a_step_that_tls_13_does_not_have_can_be_looked_at(browser: Browser, address: str) -> None:
    with shown(browser, address, "#c=3&step=absent-5") as page:
        row = page.evaluate("document.querySelector('.row[data-id=absent-5]').textContent")
        assert "ServerHelloDone not in TLS 1.3: Finished ends the flight" in row
        assert "not in TLS 1.3: Finished ends the flight" in page.evaluate(
            "document.querySelector('step-view .sentence').textContent"
        )
        assert "it is the client's turn" in page.evaluate("document.querySelector('.other').innerText")
        pressed(page, "n", "absent-6")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_on_a_phone_each_row_of_a_folded_story_is_one_line(browser: Browser, long_story: Path, lang: str) -> None:
    with served(long_story) as address, shown(browser, address, f"#c=0&lang={lang}") as page:
        page.resize(360, 740)
        rows = "[...document.querySelectorAll('.fold')]"
        assert page.evaluate(f"{rows}.length") == 150
        assert page.evaluate(f"new Set({rows}.map((row) => row.offsetHeight)).size") == 1


def test_the_report_folds_scales_and_cuts_too(browser: Browser, long_story: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report(opened(long_story)), "utf-8")
    with shown(browser, file.as_uri(), "#c=0&step=q20&scale=on&packets=on") as page:
        assert page.evaluate(OPEN_FOLDS) == ["q20"]
        page.wait_for("document.querySelector('button.row.is-cut')")
        assert "→" not in page.wait_for("document.querySelector('.place')?.textContent")
        assert page.evaluate("document.querySelectorAll('.place-part').length") == 4


@pytest.fixture(scope="module")
def refused_ones(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The page of `refusals`: what real programs said when they gave up."""
    with served(refusals(tmp_path_factory.mktemp("refusals"))) as address:
        yield address


@pytest.mark.parametrize(
    ("state", "said", "readers"),
    [
        ("c=1", "Alert fatal unknown_ca (48)", "sealed"),
        ("c=2", "Alert fatal handshake_failure (40)", "open to anyone on the path"),
    ],
)
def test_a_fatal_alert_is_a_problem_in_the_story_and_in_the_verdict(
    browser: Browser, refused_ones: str, state: str, said: str, readers: str
) -> None:
    with shown(browser, refused_ones, f"#{state}") as page:
        row = "document.querySelector('button.row.is-fatal')"
        assert page.evaluate(f"{row}.querySelector('.what').textContent") == said
        assert readers in page.evaluate(f"{row}.querySelector('.who').textContent")
        assert page.evaluate(f"{row}.querySelectorAll('.what .icon-problem').length") == 1
        red = "getComputedStyle({}).color"
        assert page.evaluate(red.format(f"{row}.querySelector('.what')")) == page.evaluate(
            red.format("document.querySelector('verdict-line .is-problem')")
        )
        page.click("button.row.is-fatal")
        who = "client" if "unknown_ca" in said else "server"
        page.wait_for(
            f"document.querySelector('step-view .sentence').textContent.startsWith('The {who} sends the alert ')"
        )
    # The one that went well ends with two that are not fatal; of one that is sealed nobody knows without the keys.
    for quiet in ("c=0", "c=1&view=without-keys"):
        with shown(browser, refused_ones, f"#{quiet}") as page:
            assert page.evaluate("document.querySelectorAll('.is-fatal').length") == 0


UNDER_ICONS = """[...document.querySelectorAll("button.row")].filter(row => row.querySelector(".who")).filter(row => {
    const [what, who] = [".what", ".who"].map(part => row.querySelector(part).getBoundingClientRect());
    return what.right > who.left && what.left < who.right && what.bottom > who.top + 1;
}).map(row => row.textContent)"""


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1100, 760), (360, 740)])
def test_no_name_lies_under_the_icon_of_who_can_read_it(
    browser: Browser, address: str, refused_ones: str, width: int, height: int
) -> None:
    for url, state in ((refused_ones, "c=1"), (refused_ones, "c=2"), (address, "c=1"), (address, "c=3&lang=ko")):
        with shown(browser, url, f"#{state}", width, height) as page:
            assert page.evaluate("document.querySelectorAll('.who').length") > 1
            assert page.evaluate(UNDER_ICONS) == [], state


def test_the_table_names_what_ended_a_conversation(browser: Browser, refused_ones: str, tmp_path: Path) -> None:
    told = "[...document.querySelectorAll('td.is-problems')].map(one => one.textContent)"
    whole = "[...document.querySelectorAll('td.is-problems')].every(one => one.scrollWidth <= one.clientWidth)"
    with shown(browser, refused_ones, "#list=open") as page:
        assert page.evaluate(told) == ["unknown_ca", "handshake_failure", ""]
        assert page.evaluate(whole) is True
    with served(refused(tmp_path / "refused.pcap")) as address, shown(browser, address, "#list=open") as page:
        assert page.evaluate(told) == ["Connection refused"]
        assert page.evaluate(whole) is True


def test_of_a_step_whose_details_a_report_left_out_its_line_is_shown_and_the_story_stays(
    browser: Browser, trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transom.web.model.document.MOST_STEPS", 1)
    file = tmp_path / "report.html"
    file.write_text(report(opened(trace)), "utf-8")
    step = "document.querySelector('step-view .of-step').innerText"
    with shown(browser, file.as_uri(), "#c=1&step=c0") as page:
        said = page.evaluate("document.querySelector('.left-out-steps').textContent")
        assert said.startswith("This file has the details of the first step of 14;")
        assert "Fields" in page.evaluate("document.querySelector('step-view').innerText")
        pressed(page, "n", "s0")
        drawn(page, "1", "with-keys", "s0")
        told = page.evaluate(step)
        assert "ServerHello" in told
        assert "This file has the line of this step in the story, and no more" in told
        page.evaluate("location.hash = '#c=0'")
        drawn(page, "0", "with-keys")
        page.press("n")
        page.wait_for(f"{step}.includes('HTTP response')")
        assert "and no more" in page.evaluate(step)
        assert page.evaluate("document.querySelectorAll('button.row').length") > 1
