"""Several captures in one: the packets are those that were captured, and nobody's become another's."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.capture.build import CLIENT, SERVER, Talk, ethernet, ip, pcap, read, tcp
from tests.capture.tshark import fields
from transom.capture.merge import merge
from transom.capture.problems import Findings
from transom.capture.rows import packet_rows
from transom.errors import CaptureError
from transom.wire.tap import Side

ANOTHER = ("192.0.2.9", 41000)


def talk(client: tuple[str, int] = CLIENT, said: bytes = b"one", first: int = 1000) -> list[bytes]:
    """The frames of a connection."""
    return Talk(client, client_seq=first).open().ask(said).answer(b"answer").close().frames


def two(folder: Path, first: bytes, second: bytes) -> list[tuple[str, Path]]:
    for name, data in (("a.pcap", first), ("b.pcap", second)):
        (folder / name).write_bytes(data)
    return [("a.pcap", folder / "a.pcap"), ("b.pcap", folder / "b.pcap")]


def test_every_packet_is_as_it_was_captured_and_tshark_says_so(tmp_path: Path) -> None:
    frames = [*talk(), ethernet(ip("192.0.2.1", "192.0.2.3", 17, b"x" * 20))]
    cut = [len(frame) + 9 for frame in frames]
    raw_ip = pcap([tcp(ANOTHER, SERVER, 7, payload=b"two")], unit="nano", order=">", link_type=101)
    captures = two(tmp_path, pcap(frames, originals=cut), raw_ip)
    assert merge(captures, tmp_path / "both.pcapng").begins == (0, 1)
    names = ("frame.len", "frame.cap_len", "ip.src", "ip.dst", "tcp.seq_raw", "tcp.payload")
    apart = [row for _, path in captures for row in fields(path, *names)]
    assert fields(tmp_path / "both.pcapng", *names) == apart
    times = [Decimal(time) for _, path in captures for (time,) in fields(path, "frame.time_epoch")]
    assert [Decimal(time) for (time,) in fields(tmp_path / "both.pcapng", "frame.time_epoch")] == times


def test_the_conversations_of_the_second_follow_those_of_the_first(tmp_path: Path) -> None:
    # The same addresses and ports once more: another SYN is another connection.
    captures = two(tmp_path, pcap([*talk(), *talk(ANOTHER, b"two")]), pcap(talk(CLIENT, b"three", first=900_000)))
    assert merge(captures, tmp_path / "both.pcapng").begins == (0, 2)
    said = [bytes(stream) for tap in read(tmp_path / "both.pcapng").taps for stream in tap.streams.values()]
    assert said == [b"one", b"answer", b"two", b"answer", b"three", b"answer"]


def test_a_connection_that_is_in_both_is_there_twice(tmp_path: Path) -> None:
    """Captured at two places: neither's packets are taken for repetitions of the other's."""
    captures = two(tmp_path, pcap(talk()), pcap([*talk(ANOTHER), *talk()]))
    assert merge(captures, tmp_path / "both.pcapng").begins == (0, 1)
    taps = read(tmp_path / "both.pcapng").taps
    assert [bytes(tap.streams[Side.CLIENT]) for tap in taps] == [b"one"] * 3
    assert [tap.endpoints for tap in taps][::2] == [taps[0].endpoints] * 2
    rows = [row.conversation for row in packet_rows(tmp_path / "both.pcapng", Findings())]
    assert set(rows) == {0, 1, 2}


def test_what_is_odd_about_a_file_is_told_with_its_name(tmp_path: Path) -> None:
    captures = two(tmp_path, pcap(talk()), pcap(talk(ANOTHER))[:-5])
    problems = merge(captures, tmp_path / "both.pcapng").problems
    assert [(one.code, one.where.partition(":")[0]) for one in problems] == [("file-truncated", "b.pcap")]
    with pytest.raises(CaptureError, match="no capture"):
        merge(two(tmp_path, pcap(talk()), b"no capture"), tmp_path / "both.pcapng")
