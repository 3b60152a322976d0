from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transom.errors import DecodeError, PeerError, PeerMisbehaved
from transom.tls.record.deframer import Deframer
from transom.tls.record.header import MAX_CIPHERTEXT_12, write_header
from transom.tls.record.run import Record, Run


def record(content_type: int, fragment: bytes, version: int = 0x0303) -> bytes:
    return write_header(content_type, len(fragment), version) + fragment


def feed(deframer: Deframer, data: bytes) -> list[tuple[int, int, bytes, int]]:
    """Type, version, fragment and place of each record."""
    return [
        (each.content_type, each.version, bytes(each.fragment), each.offset)
        for run in deframer.receive(data)
        for each in run
    ]


RECORDS = st.lists(
    st.tuples(st.integers(20, 24), st.sampled_from([0x0301, 0x0303]), st.binary(max_size=40)), max_size=8
)


@settings(max_examples=80, deadline=None)
@given(records=RECORDS, cuts=st.lists(st.integers(0, 400), max_size=12), tail=st.integers(0, 4))
def test_any_chunking_gives_the_same_records(records: list[tuple[int, int, bytes]], cuts: list[int], tail: int) -> None:
    stream = b"".join(record(kind, fragment, version) for kind, version, fragment in records)
    stream += record(23, b"unfinished")[:tail]
    deframer, seen = Deframer(), []
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    for start, end in pairwise(places):
        seen += feed(deframer, stream[start:end])
    assert seen == feed(Deframer(), stream)
    assert [(kind, version, fragment) for kind, version, fragment, _ in seen] == records
    assert deframer.pending == tail
    assert deframer.offset == len(stream) - tail


def test_records_received_together_are_one_run_over_the_bytes_received() -> None:
    received = bytearray(record(22, b"one") + record(23, b"") + record(23, b"three") + b"\x17")
    [run] = Deframer().receive(received)
    assert [bytes(each.fragment) for each in run] == [b"one", b"", b"three"]
    received[5:8] = b"ONE"
    assert bytes(run[0].fragment) == b"ONE", "the run is a copy"


def test_records_of_data_that_are_alike_are_a_run_that_says_so() -> None:
    stream = b"".join(record(23, bytes([number]) * 100) for number in range(5)) + record(23, b"shorter")
    alike, rest = Deframer().receive(stream[: 5 * 105]), Deframer().receive(stream)
    [run] = alike
    assert (len(run), run.header) == (5, record(23, bytes(100))[:5])
    assert [bytes(each.fragment) for each in run] == [bytes([number]) * 100 for number in range(5)]
    assert [(len(run), run.header) for run in rest] == [(5, run.header), (1, None)]


@pytest.mark.parametrize("place", range(5))
def test_a_record_whose_header_differs_in_any_byte_is_like_no_other(place: int) -> None:
    """Found out even when the bytes at the others' places look alike."""
    stream = bytearray(b"".join(record(23, bytes(250)) for _ in range(6)))
    stream[3 * 255 + place] ^= 1
    deframer = Deframer()
    given: list[Run] = []
    with suppress(PeerError):  # a type or a version that no record has
        given += deframer.receive(bytes(stream))
    assert all(run.header is None for run in given)


def test_what_it_wants_next_ends_with_a_record_of_a_sender_that_goes_on_as_before() -> None:
    deframer = Deframer()
    assert deframer.wants(1000) == 1000
    stream = b"".join(record(23, bytes(100)) for _ in range(40))
    feed(deframer, stream[:330])
    assert (deframer.pending, deframer.wants(1000)) == (15, 930)
    feed(deframer, stream[330 : 330 + deframer.wants(1000)])
    assert (deframer.pending, deframer.wants(1000)) == (0, 945)
    assert deframer.wants(104) == 104


@given(st.lists(st.integers(1, 60), max_size=30), st.integers(1, 300))
def test_what_it_wants_is_always_something_and_never_too_much(lengths: list[int], most: int) -> None:
    deframer, stream = Deframer(), b"".join(record(23, bytes(length)) * 4 for length in lengths)
    while stream:
        wanted = deframer.wants(most)
        assert 1 <= wanted <= most
        feed(deframer, stream[:wanted])
        stream = stream[wanted:]


def test_a_run_counts_and_indexes_its_records() -> None:
    [run] = Deframer().receive(record(22, b"one") + record(21, b"two"))
    assert len(run) == 2
    assert run[1] == Record(21, 0x0303, memoryview(record(21, b"two")), 8)
    assert bytes(Run.of(run[1])[0].raw) == record(21, b"two")


def test_what_came_before_an_error_is_given_out_first() -> None:
    received = Deframer().receive(record(23, b"good") + record(99, b"bad"))
    assert [bytes(each.fragment) for each in next(received)] == [b"good"]
    with pytest.raises(PeerMisbehaved, match="content type 99") as refusal:
        next(received)
    assert refusal.value.alert == "unexpected_message"
    assert refusal.value.where == "record at byte 9"


@pytest.mark.parametrize("chunk", [1, 4, 5, 1000])
@pytest.mark.parametrize(
    ("garbage", "says", "alert"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "plain HTTP", "protocol_version"),
        (b"HTTP/1.1 400 Bad Request\r\n", "plain HTTP", "protocol_version"),
        (b"OPTIONS * HTTP/1.1\r\n", "plain HTTP", "protocol_version"),
        (bytes.fromhex("802e0100020015"), "SSLv2", "protocol_version"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "unknown content type 83", "unexpected_message"),
        (b"\0" * 10, "unknown content type 0", "unexpected_message"),
        (bytes.fromhex("160203000a"), "record version 0x0203", "protocol_version"),
        (write_header(23, MAX_CIPHERTEXT_12 + 1), "18433 bytes", "record_overflow"),
    ],
)
def test_what_is_no_record_is_refused_by_name(garbage: bytes, says: str, alert: str, chunk: int) -> None:
    deframer = Deframer()
    chunks = (garbage[at : at + chunk] for at in range(0, len(garbage), chunk))
    with pytest.raises(PeerError, match=says) as refusal:
        list(map(partial(feed, deframer), chunks))
    assert refusal.value.alert == alert
    assert refusal.value.where == "record at byte 0"


def test_plain_http_is_looked_for_at_the_beginning_only() -> None:
    deframer = Deframer()
    feed(deframer, record(23, b""))
    with pytest.raises(PeerMisbehaved, match="unknown content type 71"):
        feed(deframer, b"GET / HTTP/1.1")


def test_bytes_that_are_no_text_do_not_break_the_message_about_plain_http() -> None:
    with pytest.raises(DecodeError, match="plain HTTP"):
        feed(Deframer(), b"GET \xff\xfe\0\x1b")


def test_the_longest_record_passes_and_is_all_that_is_held() -> None:
    deframer = Deframer()
    longest = record(23, bytes(MAX_CIPHERTEXT_12))
    assert feed(deframer, longest[:-1]) == []
    assert deframer.pending == len(longest) - 1
    assert len(feed(deframer, longest[-1:])) == 1
    assert deframer.pending == 0
