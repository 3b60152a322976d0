"""The Packets tab's part of the document, and the Time tab's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.pages import opened
from transom.capture.rows import PacketRow
from transom.dissect.json_lines import encode
from transom.errors import UsageError
from transom.web.model.opened import OpenedCapture
from transom.web.model.pace import MOST_BOXES, MOST_SILENCES, Pace
from transom.web.model.packet_lists import PacketList
from transom.wire.tap import Endpoint, Endpoints, Side

CLIENT, SERVER = Endpoint("127.0.0.1", 4000), Endpoint("127.0.0.1", 443)


@pytest.fixture(scope="module")
def capture(trace: Path) -> OpenedCapture:
    return opened(trace)


def asked(capture: OpenedCapture, address: str) -> Any:
    return json.loads(encode(capture.answer(address)))


def rows(capture: OpenedCapture, base: str) -> list[Any]:
    """All of them, slice by slice."""
    found = asked(capture, f"{base}/packets")
    listed = list(found["rows"])
    while len(listed) < found["total"]:
        listed += asked(capture, f"{base}/packets/{len(listed) // found['slice']}")["rows"]
    return listed


@pytest.mark.parametrize("view", ["with-keys", "without-keys"])
@pytest.mark.parametrize("number", range(5))
def test_every_packet_of_a_conversation_is_there_and_leads_to_a_step(
    capture: OpenedCapture, number: int, view: str
) -> None:
    base = f"conversations/{number}/{view}"
    steps = {item["id"] for item in asked(capture, f"{base}/story")["items"]}
    listed = rows(capture, base)
    assert len(listed) == capture.summary.conversations[number].packets
    assert [row[0] for row in listed] == sorted({row[0] for row in listed})
    for _, at, side, _, length, _, step in listed:
        assert at >= 0
        assert side in ("client", "server")
        assert (step in steps) if length else step is None


def test_the_packet_of_a_message_names_it_and_leads_to_it(capture: OpenedCapture) -> None:
    base = "conversations/1/with-keys"
    hello = asked(capture, f"{base}/step/c0")
    (row,) = [row for row in rows(capture, base) if row[0] == hello["packet"]]
    assert (row[2], row[3], row[5], row[6]) == ("client", "TLS", "ClientHello", "c0")


def test_without_keys_a_packet_names_no_request(capture: OpenedCapture) -> None:
    said = json.dumps(rows(capture, "conversations/3/without-keys"))
    assert "GET" not in said
    assert "GET /picture.bin" in json.dumps(rows(capture, "conversations/3/with-keys"))


@pytest.mark.parametrize("name", ["x", "-1", "٣", "9" * 30])
def test_a_slice_is_a_number(capture: OpenedCapture, name: str) -> None:
    with pytest.raises(UsageError):
        capture.answer(f"conversations/1/with-keys/packets/{name}")


def test_sequence_numbers_go_on_beyond_4_gib() -> None:
    listed = PacketList()
    for number, sequence in enumerate([1, 2**31 - 1, 2**32 - 10, 5, 2**32 - 5, 20]):
        listed.add(PacketRow(number, number, "TCP", 10, CLIENT, SERVER, 0, sequence, None, 0))
    assert [packet.offset for packet in listed] == [1, 2**31 - 1, 2**32 - 10, 2**32 + 5, 2**32 - 5, 2**32 + 20]


@given(st.lists(st.tuples(st.integers(0, 10**12), st.sampled_from(Side), st.integers(0, 3)), max_size=60))
def test_the_boxes_hold_every_byte_however_long_it_took(told: list[tuple[int, Side, int]]) -> None:
    pace = Pace()
    pace.opened(Endpoints(CLIENT, SERVER), 1000)
    for time, side, count in told:
        pace.data(side, bytes(count), 1000 + time)
    for side in Side:
        assert len(pace.boxes[side]) == MOST_BOXES
        assert sum(pace.boxes[side]) == sum(count for _, sent, count in told if sent is side)
        assert not any(pace.boxes[side][pace.used :])
    assert len(pace.silences) <= MOST_SILENCES


def test_the_longest_silences_are_kept_and_say_who_was_waited_for() -> None:
    pace = Pace()
    pace.opened(Endpoints(CLIENT, SERVER), 0)
    times = [0, 1, 900, 901]
    for time, side in zip(times, (Side.CLIENT, Side.CLIENT, Side.SERVER, Side.SERVER), strict=True):
        pace.data(side, b"x", time)
    longest = max(pace.silences, key=lambda silence: silence.end - silence.start)
    assert (longest.start, longest.end, longest.after, longest.before) == (1, 900, Side.CLIENT, Side.SERVER)
    assert longest.sent == (2, 0)


def test_time_is_told_in_both_views_alike(capture: OpenedCapture) -> None:
    found = asked(capture, "conversations/3/without-keys/time")
    assert found == asked(capture, "conversations/3/with-keys/time")
    assert sum(found["boxes"]["server"]) == asked(capture, "conversations/3/without-keys/leaks")["server_bytes"]
