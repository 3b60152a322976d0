"""The story: step 0 from the chain that was seen, messages that share a record, and long ones folded into flights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.dissect.told import ZEEK, write_trace
from tests.web.pages import opened
from tests.web.talk import talk
from transom.dissect.json_lines import encode
from transom.web.model.flights import MOST_ARROWS
from transom.web.model.opened import OpenedCapture
from transom.wire.tap import Side


@pytest.fixture(scope="module")
def capture(trace: Path) -> OpenedCapture:
    return opened(trace)


def story(page: OpenedCapture, number: int = 0, view: str = "with-keys") -> Any:
    return json.loads(encode(page.answer(f"conversations/{number}/{view}/story")))


def test_step_0_names_the_ca_that_signed_and_the_root_that_the_client_had(capture: OpenedCapture) -> None:
    before = story(capture, 1)["before"]
    assert (before["subject"], before["ca"], before["root"]) == ("localhost",) + ("Transom CA demo@localhost",) * 2
    assert before["between"] == []
    assert before["other"] == {"version": "1.3", "name": "0"}


def test_between_the_ca_that_signed_and_the_root_stand_those_that_the_chain_names() -> None:
    before = story(opened(ZEEK / "client-certificate.pcap"))["before"]
    assert (before["ca"], before["root"]) == ("R3", "DST Root CA X3")
    assert before["between"] == ["R3", "ISRG Root X1"]
    assert before["source"] is None  # nobody is trusted here who would know it


@pytest.mark.parametrize(
    ("number", "view", "why"), [(3, "without-keys", ("hidden", "no-keys")), (3, "with-keys", (None, None))]
)
def test_where_the_chain_is_sealed_nothing_is_said_of_the_ca(
    capture: OpenedCapture, number: int, view: str, why: tuple[str | None, str | None]
) -> None:
    before = story(capture, number, view)["before"]
    assert (before["why"], before.get("reason")) == why
    assert ("Transom CA" in json.dumps(before)) == (why[0] is None)


def test_a_session_that_is_resumed_shows_no_certificate_and_says_so() -> None:
    assert story(opened(ZEEK / "tls13_psk_succesfull.pcap"))["before"]["why"] == "resumed"
    assert story(opened(ZEEK / "get.pcap"))["before"] is None


def test_messages_that_begin_in_the_record_of_the_one_before_are_joined_to_it() -> None:
    items = story(opened(ZEEK / "client-certificate.pcap"))["items"]
    messages = [item for item in items if item["kind"] == "message"]
    client = [(item["name"], item["joined"]) for item in messages if item["from"] == "client"]
    assert client[:4] == [
        ("ClientHello", False),
        ("Certificate", False),
        ("ClientKeyExchange", True),
        ("CertificateVerify", True),
    ]


def test_a_short_story_is_not_folded(capture: OpenedCapture) -> None:
    assert story(capture, 1)["folds"] is None


@pytest.mark.parametrize("count", [MOST_ARROWS // 2 + 1, 450])
def test_a_long_story_is_folded_into_no_more_rows_than_an_unfolded_one_may_have(tmp_path: Path, count: int) -> None:
    found = story(opened(talk(tmp_path / "t.pcapng", count)))
    folds = found["folds"]
    assert len(folds) <= MOST_ARROWS
    assert sum(fold["arrows"] for fold in folds) == 2 * count
    assert [fold["first"] for fold in folds[1:]] == [fold["last"] + 1 for fold in folds[:-1]]
    flights = {item["flight"] + 1 for item in found["items"]}
    assert flights == set(range(1, folds[-1]["last"] + 1))


def test_a_fold_says_how_much_crossed_and_who_can_read_it(tmp_path: Path) -> None:
    folds = story(opened(talk(tmp_path / "t.pcapng", 101, size=1000)))["folds"]
    assert folds[0]["who"] == {"open": 2}
    assert folds[0]["from"] is None  # both
    total = sum(fold["wire_bytes"] for fold in folds)
    head = len(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    asked = sum(len(f"GET /{number} HTTP/1.1\r\nHost: h\r\n\r\n") for number in range(101))
    assert total == asked + 101 * (head + 1000)


def test_a_pipelined_flight_is_one_row_whoever_can_read_it(tmp_path: Path) -> None:
    asked = b"".join(f"GET /{number} HTTP/1.1\r\nHost: h\r\n\r\n".encode() for number in range(250))
    found = story(opened(write_trace(tmp_path / "t.pcapng", [(Side.CLIENT, asked)])))
    assert [(fold["from"], fold["arrows"]) for fold in found["folds"]] == [("client", 250)]
