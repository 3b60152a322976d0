"""The captures in tests/captures/zeek, beside what tshark makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.capture.build import read
from tests.capture.tshark import fields, followed
from transom.capture.packets import ACK
from transom.capture.problems import Findings
from transom.capture.rows import packet_rows
from transom.wire.tap import Side

ZEEK = Path(__file__).parent.parent / "captures" / "zeek"

WHOLE = [
    "get.pcap",
    "get_nosyn.pcap",
    "get-without-fins.pcap",
    "http_09.pcap",
    "http-single-conn-22.pcap",
    "websocket.pcap",
    "basic-auth-with-colon.pcap",
    "ml-dsa-44-cert.pcap",
    "pop3-starttls.pcap",
    "irc-starttls.pcap",
    "openjdk-25.0.2-zeek.org.pcap",
    "iso-download.pcap.gz",
    "cooper-grill-dvwa.pcapng",
]
EVERY = sorted(path.name for path in ZEEK.glob("*.pcap*"))


@pytest.mark.parametrize("name", WHOLE)
def test_each_side_of_each_conversation_is_what_tshark_follows(name: str) -> None:
    reading = read(ZEEK / name)
    assert reading.taps
    theirs = followed(ZEEK / name, len(reading.taps))
    for tap, streams in zip(reading.taps, theirs, strict=True):
        assert sorted(bytes(stream) for stream in tap.streams.values()) == sorted(streams)
    assert all(conversation.missing_bytes == 0 for conversation in reading.summary.conversations)
    assert reading.summary.problems == ()


@pytest.mark.parametrize("name", EVERY)
def test_the_packet_list_has_tsharks_numbers(name: str) -> None:
    names = ("frame.number", "tcp.stream", "tcp.len", "tcp.seq", "tcp.ack", "tcp.srcport")
    theirs = fields(ZEEK / name, *names, "tcp.flags")
    rows = list(packet_rows(ZEEK / name, Findings()))
    assert [row.number for row in rows] == [int(row[0]) for row in theirs]
    for ours, (number, stream, length, sequence, acknowledgement, port, flags) in zip(rows, theirs, strict=True):
        assert (ours.protocol == "TCP") == bool(stream), f"packet {number}"
        if ours.source is None or not stream:
            continue
        assert (ours.conversation, ours.length, ours.source.port) == (int(stream), int(length), int(port))
        assert ours.flags == int(flags, 16) & 0xFF
        # Before the first segment of a side is seen, tshark takes its start from the other's acknowledgement.
        if ours.flags & ACK and ours.acknowledgement is not None and "nosyn" not in name and "cooper" not in name:
            assert (ours.sequence, ours.acknowledgement) == (int(sequence), int(acknowledgement)), f"packet {number}"


def test_segments_that_were_never_captured_are_named(tmp_path: Path) -> None:
    tap = read(ZEEK / "entity_gap.pcap").taps[0]
    assert tap.losses(Side.SERVER) == [1448]
    assert [event[0] for event in tap.events].count("data") == 4
    losses = read(ZEEK / "zero-length-bodies-with-drops.pcap").taps[0]
    assert (losses.losses(Side.CLIENT), losses.losses(Side.SERVER)) == ([1274, 1275], [542])


def test_a_conversation_of_only_openings_and_endings_is_lost_to_the_byte() -> None:
    conversation = read(ZEEK / "bro.org-filtered.pcap").summary.conversations[0]
    assert (conversation.client_bytes, conversation.client_missing, conversation.server_missing) == (0, 1932, 83457)


def test_a_capture_of_one_direction_knows_how_much_the_other_sent() -> None:
    conversation = read(ZEEK / "ocsp-request-only.pcap").summary.conversations[0]
    assert (conversation.client_bytes, conversation.server_missing) == (429, 2276)


def test_a_capture_that_begins_with_the_syn_ack_knows_its_client() -> None:
    conversation = read(ZEEK / "zeek-image-1080-80-x.pcapng").summary.conversations[0]
    assert (conversation.opening, conversation.endpoints.server.port) == ("syn-ack", 80)


@pytest.mark.parametrize("name", EVERY)
def test_times_never_run_backwards_within_a_stream(name: str) -> None:
    for tap in read(ZEEK / name).taps:
        assert all(times == sorted(times) for times in tap.times.values())


def test_what_the_summary_counts_is_what_the_taps_were_told() -> None:
    for name in EVERY:
        for tap in read(ZEEK / name).taps:
            conversation = tap.conversation
            assert conversation is not None
            assert conversation.client_bytes == len(tap.streams[Side.CLIENT])
            assert conversation.server_bytes == len(tap.streams[Side.SERVER])
            assert conversation.client_missing == sum(tap.losses(Side.CLIENT))
            assert conversation.server_missing == sum(tap.losses(Side.SERVER))
