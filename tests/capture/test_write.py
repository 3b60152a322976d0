from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.capture.build import START, Recorder, read
from tests.capture.tshark import fields, followed, tshark
from transom.capture.frames import MAX_SEGMENT
from transom.capture.reader import secrets
from transom.capture.trace_secrets import CAPACITY, ROOM_FOR_A_CONVERSATION
from transom.capture.write import TraceWriter
from transom.errors import TransferError
from transom.wire.tap import Endpoint, Endpoints, Side, Tap

ENDS = {
    "IPv4": Endpoints(Endpoint("127.0.0.1", 40000), Endpoint("192.0.2.7", 8443)),
    "IPv6": Endpoints(Endpoint("::1", 40000), Endpoint("2001:db8::7", 8443)),
    "link-local": Endpoints(Endpoint("fe80::1%eth0", 40000), Endpoint("fe80::2", 8443)),
}
EXPERT_WARNING = 0x600000
CHECKED = ("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")


def a_transfer(tap: Tap, ends: Endpoints, answer: bytes, start: int = START) -> None:
    tap.opened(ends, start)
    tap.data(Side.CLIENT, b"GET /file", start + 1_000_001)
    for at in range(0, len(answer), 200_000):
        tap.data(Side.SERVER, memoryview(answer)[at : at + 200_000], start + 2_000_000 + at)
    tap.data(Side.CLIENT, b"thanks", start + 9_000_000)
    tap.closed(Side.SERVER, start + 9_500_000)
    tap.closed(Side.CLIENT, start + 9_999_999)


def assert_wireshark_finds_nothing_odd(path: Path) -> None:
    names = ("tcp.analysis.flags", "tcp.checksum.status", "ip.checksum.status", "_ws.expert.severity")
    for analysis, tcp_checksum, ip_checksum, severities in fields(path, *names, options=CHECKED):
        assert (analysis, tcp_checksum) == ("", "1")
        assert ip_checksum in ("1", "")
        assert all(int(severity) < EXPERT_WARNING for severity in severities.split(",") if severity)


@pytest.mark.parametrize("ends", ENDS.values(), ids=ENDS.keys())
def test_a_trace_is_read_back_as_it_was_told(tmp_path: Path, ends: Endpoints) -> None:
    answer, path = os.urandom(1_000_001), tmp_path / "trace.pcapng"
    with TraceWriter(path, "Transom") as trace:
        a_transfer(trace.conversation(), ends, answer)
    reading = read(path)
    (tap,) = reading.taps
    assert str(tap.endpoints and tap.endpoints.server) == str(ends.server)
    assert tap.endpoints is not None
    assert tap.endpoints.client.address == ends.client.address.split("%")[0]
    assert bytes(tap.streams[Side.CLIENT]) == b"GET /filethanks"
    assert bytes(tap.streams[Side.SERVER]) == answer
    assert tap.times[Side.CLIENT] == [START + 1_000_001, START + 9_000_000, START + 9_999_999]
    assert tap.events[-2:] == [("closed", Side.SERVER, "fin"), ("closed", Side.CLIENT, "fin")]
    assert reading.summary.problems == ()


@pytest.mark.parametrize("ends", ENDS.values(), ids=ENDS.keys())
def test_wireshark_finds_nothing_odd_in_a_trace(tmp_path: Path, ends: Endpoints) -> None:
    answer, path = os.urandom(500_001), tmp_path / "trace.pcapng"
    with TraceWriter(path, "Transom") as trace:
        a_transfer(trace.conversation(), ends, answer)
    assert_wireshark_finds_nothing_odd(path)
    assert followed(path, 1) == [(b"GET /filethanks", answer)]
    numbers = fields(path, "tcp.seq", "tcp.ack", "tcp.len", "frame.time_epoch")
    assert numbers[0] == ("0", "0", "0", "1700000000.000000000")
    assert numbers[3] == ("1", "1", "9", "1700000000.001000001")
    assert numbers[-1][:2] == ("500003", "17") or numbers[-1][:2] == ("17", "500003")
    assert max(int(length) for _, _, length, _ in numbers) == MAX_SEGMENT


def test_segments_of_every_parity_and_at_the_limit_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    sizes = [1, 2, 3, 4, MAX_SEGMENT - 1, MAX_SEGMENT, MAX_SEGMENT + 1, 2 * MAX_SEGMENT + 1]
    payloads = [os.urandom(size) for size in sizes]
    with TraceWriter(path, "Transom") as trace:
        for port, payload in enumerate(payloads, 40000):
            tap = trace.conversation()
            tap.opened(Endpoints(Endpoint("127.0.0.1", port), Endpoint("127.0.0.1", 8443)), START)
            tap.data(Side.SERVER, payload, START)
    assert_wireshark_finds_nothing_odd(path)
    assert followed(path, len(sizes)) == [(b"", payload) for payload in payloads]


def test_checksums_hold_where_sums_are_all_zeros_or_ones(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    with TraceWriter(path, "Transom") as trace:
        for port, payload in enumerate([bytes(100), b"\xff" * 100, b"\xff\xff", b"\0"], 40000):
            tap = trace.conversation()
            tap.opened(Endpoints(Endpoint("127.0.0.1", port), Endpoint("127.0.0.1", 8443)), START)
            for step in range(16):
                tap.data(Side.CLIENT, payload, START + step)
    assert_wireshark_finds_nothing_odd(path)


def test_sequence_numbers_wrap_around(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    start = (2**32 * 400_000 - 1000) * 4000  # the clock that gives the initial sequence number is near its end
    payload = os.urandom(300_000)
    with TraceWriter(path, "Transom") as trace:
        tap = trace.conversation()
        tap.opened(ENDS["IPv4"], start)
        tap.data(Side.CLIENT, payload, start)
        tap.data(Side.SERVER, b"answer", start)
    raw = [int(row[0]) for row in fields(path, "tcp.seq_raw")]
    assert raw[0] == 2**32 - 1000
    assert min(raw) < 300_000
    assert_wireshark_finds_nothing_odd(path)
    assert bytes(read(path).taps[0].streams[Side.CLIENT]) == payload


def test_many_conversations_interleave(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    with TraceWriter(path, "Transom") as trace:
        taps = [trace.conversation() for _ in range(3)]
        for i, tap in enumerate(taps):
            tap.opened(Endpoints(Endpoint("127.0.0.1", 40000 + i), Endpoint("127.0.0.1", 8443)), START + i)
        for step in range(5):
            for i, tap in enumerate(taps):
                tap.data(Side.CLIENT, bytes([i]) * (step + 1), START + 10 * step + i)
    assert [bytes(tap.streams[Side.CLIENT]) for tap in read(path).taps] == [bytes([i]) * 15 for i in range(3)]
    assert_wireshark_finds_nothing_odd(path)


def test_the_same_ports_used_again_are_another_conversation(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    with TraceWriter(path, "Transom") as trace:
        a_transfer(trace.conversation(), ENDS["IPv4"], b"first")
        a_transfer(trace.conversation(), ENDS["IPv4"], b"second", START + 10**9)
    assert [bytes(tap.streams[Side.SERVER]) for tap in read(path).taps] == [b"first", b"second"]
    assert {row[0] for row in fields(path, "tcp.stream")} == {"0", "1"}


def test_a_reset_is_a_reset_and_the_last_packet(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    with TraceWriter(path, "Transom") as trace:
        tap = trace.conversation()
        tap.opened(ENDS["IPv4"], START)
        tap.data(Side.SERVER, b"half", START)
        tap.closed(Side.SERVER, START, "reset")
        tap.closed(Side.CLIENT, START)
    assert read(path).taps[0].events[-1] == ("closed", Side.SERVER, "reset")
    assert fields(path, "tcp.flags.reset")[-1] == ("1",)


def test_bytes_that_were_lost_stay_lost_in_a_trace_of_a_capture(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    with TraceWriter(path, "Transom") as trace:
        tap = trace.conversation()
        tap.opened(ENDS["IPv4"], START)
        tap.data(Side.SERVER, b"before", START)
        tap.lost(Side.SERVER, 1000, START)
        tap.data(Side.SERVER, b"after", START)
    tap_back = read(path).taps[0]
    assert isinstance(tap_back, Recorder)
    assert tap_back.losses(Side.SERVER) == [1000]
    assert bytes(tap_back.streams[Side.SERVER]) == b"beforeafter"


def key_log_line(number: int) -> str:
    return f"CLIENT_RANDOM {number:064x} {number:096x}"


def lines(path: Path) -> list[str]:
    return [line for line in secrets(path).decode().splitlines() if line and not line.startswith("#")]


def block_types(path: Path) -> list[int]:
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        found.append(int.from_bytes(data[at : at + 4], "little"))
        at += int.from_bytes(data[at + 4 : at + 8], "little")
    return found


def test_secrets_reach_the_file_at_once_and_before_the_packets(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    with TraceWriter(path, "Transom") as trace:
        tap = trace.conversation()
        tap.opened(ENDS["IPv4"], START)
        tap.data(Side.CLIENT, b"hello", START)
        trace.secret(key_log_line(1))
        assert lines(path) == [key_log_line(1)]
        trace.secret(key_log_line(2))
        tap.data(Side.CLIENT, b"more", START)
    assert lines(path) == [key_log_line(1), key_log_line(2)]
    assert block_types(path)[:4] == [0x0A0D0D0A, 1, 0x0A, 6]
    assert block_types(path).count(0x0A) == 1


def test_after_every_secret_all_else_in_the_blocks_is_comments(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    given: list[str] = []
    with TraceWriter(path, "Transom") as trace:
        for number in range(400):
            given.append(f"LABEL_{'X' * (number % 67)} {number:x}")
            trace.secret(given[-1])
            assert lines(path) == given
    blocks = block_types(path).count(0x0A)
    assert blocks > 1
    assert len(secrets(path)) == blocks * CAPACITY + (blocks - 1)


def test_further_blocks_follow_when_the_first_is_full(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    given = [key_log_line(number) for number in range(2 * CAPACITY // len(key_log_line(0)) + 1)]
    with TraceWriter(path, "Transom") as trace:
        a_transfer(trace.conversation(), ENDS["IPv4"], b"between")
        for line in given:
            trace.secret(line)
    assert lines(path) == given
    assert block_types(path).count(0x0A) == 3
    assert read(path).summary.problems == ()


def test_room_for_a_conversations_secrets_is_made_before_its_first_packet(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    with TraceWriter(path, "Transom") as trace:
        for number in range((CAPACITY - ROOM_FOR_A_CONVERSATION) // len(key_log_line(0)) + 1):
            trace.secret(key_log_line(number))
        trace.conversation().opened(ENDS["IPv4"], START)
    assert block_types(path) == [0x0A0D0D0A, 1, 0x0A, 0x0A, 6, 6, 6]


def client_hello(random: bytes) -> bytes:
    """As much of one as is looked at."""
    return b"\x16\x03\x01\x00\x80\x01\x00\x00\x7c\x03\x03" + random + bytes(90)


def test_of_hundreds_that_began_before_any_had_keys_each_finds_them_before_its_packets(tmp_path: Path) -> None:
    path, count, each = tmp_path / "trace.pcapng", 200, 7
    with TraceWriter(path, "Transom") as trace:
        taps = [trace.conversation() for _ in range(count)]
        for number, tap in enumerate(taps):
            tap.opened(Endpoints(Endpoint("127.0.0.1", 1000 + number), Endpoint("127.0.0.1", 443)), START)
        for number, tap in enumerate(taps):
            tap.data(Side.CLIENT, client_hello(number.to_bytes(32, "big")), START)
        for number in reversed(range(count)):  # those that began last have keys first
            for _ in range(each):
                trace.secret(key_log_line(number))
        for tap in taps:
            tap.closed(Side.CLIENT, START)
            tap.closed(Side.SERVER, START)
    written = path.read_bytes()
    for number in range(count):
        last_key = written.rindex(key_log_line(number).encode())
        first_packet = written.index((1000 + number).to_bytes(2, "big") + (443).to_bytes(2, "big"))
        assert last_key < first_packet, number


def test_conversations_one_after_the_other_share_their_room(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    with TraceWriter(path, "Transom") as trace:
        for _ in range(50):
            a_transfer(trace.conversation(), ENDS["IPv4"], b"answer")
    assert len(secrets(path)) == CAPACITY


def test_tshark_counts_the_secrets_of_a_trace(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    with TraceWriter(path, "Transom 9.9") as trace:
        trace.secret(key_log_line(1))
        a_transfer(trace.conversation(), ENDS["IPv4"], b"x")
    extracted = tmp_path / "again.pcapng"
    tshark(path, "-w", str(extracted))
    assert key_log_line(1).encode() in secrets(extracted)


def test_a_trace_is_private_whatever_stood_there_before(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    path.write_bytes(b"old")
    path.chmod(0o644)
    with path.open("rb") as held_open, TraceWriter(path, "Transom"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert held_open.read() == b"old"


def test_a_trace_is_not_written_through_a_link_or_over_a_folder(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_bytes(b"precious")
    link = tmp_path / "link"
    link.symlink_to(target)
    for path in (link, tmp_path):
        with pytest.raises(TransferError, match="cannot be written"):
            TraceWriter(path, "Transom")
    assert target.read_bytes() == b"precious"


def test_a_full_disk_is_said_with_the_file_and_exit_code_23(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    trace = TraceWriter(path, "Transom")
    tap = trace.conversation()
    tap.opened(ENDS["IPv4"], START)
    full = os.open("/dev/full", os.O_WRONLY)
    descriptor = trace._file._file.fileno()
    os.dup2(full, descriptor)
    os.close(full)
    with pytest.raises(TransferError, match="No space left"):
        tap.data(Side.SERVER, bytes(2**20), START)
    with pytest.raises(TransferError, match="No space left") as failed:
        trace.close()
    assert failed.value.exit_code == 23
