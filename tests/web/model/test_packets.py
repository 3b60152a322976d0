"""The Packets tab's part of the document, and the Time tab's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.many import capture as many
from tests.web.pages import opened
from transom.capture.packets import Segment
from transom.dissect.json_lines import encode
from transom.errors import UsageError
from transom.web.model.opened import OpenedCapture
from transom.web.model.pace import MOST_BOXES, MOST_SILENCES, Pace
from transom.web.model.packet_lists import PacketList, Room
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


def segment(number: int, sequence: int) -> Segment:
    return Segment(number, number, bytes([4]) + bytes(36), sequence, 0, 0, 0, 10, 10)


def test_sequence_numbers_go_on_beyond_4_gib() -> None:
    listed = PacketList()
    for number, sequence in enumerate([1, 2**31 - 1, 2**32 - 10, 5, 2**32 - 5, 20]):
        listed.add(segment(number, sequence), (1, None), forth=True)
    assert [packet.offset for packet in listed] == [1, 2**31 - 1, 2**32 - 10, 2**32 + 5, 2**32 - 5, 2**32 + 20]


def test_what_is_more_than_can_be_listed_is_counted() -> None:
    room = Room(5)
    one, other = PacketList(room), PacketList(room)
    for number in range(4):
        one.add(segment(number, number), (0, None), forth=True)
        other.add(segment(number, number), (0, None), forth=True)
    assert [(len(listed), listed.left_out) for listed in (one, other)] == [(3, 1), (2, 2)]
    assert [packet.number for packet in one.way(forth=True).carrying(0, 100)] == [0, 1, 2]


def test_the_packets_are_there_as_far_as_the_capture_is_read(trace: Path) -> None:
    """By the one reading there is: nothing is read for them when somebody asks."""
    page = opened(trace, read=False)
    reader = page.reader
    while not reader.first.reading.conversations:
        reader.step()
    early = asked(page, "conversations/0/with-keys/packets")
    position = reader.first.reading.position
    assert 0 < early["total"] <= reader.first.reading.conversations[0].packets
    assert reader.first.reading.position == position
    reader.read_all()
    assert asked(page, "conversations/0/with-keys/packets")["total"] == page.summary.conversations[0].packets


def test_one_that_is_not_kept_has_its_packets_from_the_pass_that_keeps_it(tmp_path: Path) -> None:
    page = opened(many(tmp_path / "many.pcapng", 60))
    assert asked(page, "conversations/50/with-keys/packets")["rows"] == []
    page.reader.read_all()
    found = asked(page, "conversations/50/with-keys/packets")
    assert found["total"] == page.summary.conversations[50].packets > 5
    assert asked(page, "conversations/50/with-keys/place/q0")["packets"]["count"] == 1


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
