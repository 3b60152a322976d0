from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.capture.build import Talk, block, enhanced, interface, key_log, option, read_bytes, section
from transom.capture import blocks
from transom.capture.blocks import options
from transom.capture.problems import Findings
from transom.capture.reader import read_windows, secrets
from transom.errors import CaptureError
from transom.wire.tap import Side

TALK = Talk().open().ask(b"ask").answer(b"answer").close()
RAW = 101


def packets(order: str = "<", number: int = 0) -> bytes:
    return b"".join(enhanced(frame, ticks, number, order) for ticks, frame in enumerate(TALK.frames))


def times(folder: Path, data: bytes) -> list[int]:
    path = folder / "capture"
    path.write_bytes(data)
    return [time for window in read_windows(path, Findings()) for time in window.time.tolist()]


@pytest.mark.parametrize("order", ["<", ">"])
def test_either_byte_order_is_read(tmp_path: Path, order: str) -> None:
    reading = read_bytes(tmp_path, section(order) + interface(order=order) + packets(order))
    assert bytes(reading.taps[0].streams[Side.SERVER]) == b"answer"
    assert reading.summary.problems == ()


def test_a_file_of_several_sections_changes_byte_order_and_numbers_its_interfaces_anew(tmp_path: Path) -> None:
    raw = Talk(client=("2001:db8::1", 5), server=("2001:db8::2", 80)).open().ask(b"second")
    second = b"".join(enhanced(frame[14:], order=">") for frame in raw.frames)
    data = (
        section("<")
        + interface(RAW)
        + interface()
        + packets("<", number=1)
        + section(">")
        + interface(RAW, order=">")
        + second
    )
    reading = read_bytes(tmp_path, data)
    assert [bytes(tap.streams[Side.CLIENT]) for tap in reading.taps] == [b"ask", b"second"]
    assert reading.summary.link_types == ("ETHERNET", "RAW")


@pytest.mark.parametrize(
    ("resolution", "ticks", "nanoseconds"),
    [
        (None, 5, 5000),
        (0, 3, 3 * 10**9),
        (6, 5, 5000),
        (9, 5, 5),
        (12, 5999, 5),
        (0x80, 3, 3 * 10**9),
        (0x8A, 1536, 1_500_000_000),
        (0xFF, 2**64 - 1, 0),
        (0, 2**64 - 1, 2**63 - 1),
    ],
)
def test_times_are_in_the_interfaces_own_unit(
    tmp_path: Path, resolution: int | None, ticks: int, nanoseconds: int
) -> None:
    chosen = b"" if resolution is None else option(9, bytes([resolution]))
    data = section() + interface(options=chosen) + enhanced(TALK.frames[0], ticks)
    assert times(tmp_path, data) == [nanoseconds]


@pytest.mark.parametrize(
    ("offset", "ticks", "nanoseconds", "when"),
    [(-2, 1_999_999, 0, "before 1970"), (2**62, 0, 2**63 - 1, "after the year 2262")],
)
def test_a_time_that_cannot_be_kept_is_the_nearest_and_a_problem(
    tmp_path: Path, offset: int, ticks: int, nanoseconds: int, when: str
) -> None:
    chosen = option(14, struct.pack("<q", offset))
    data = section() + interface(options=chosen) + enhanced(TALK.frames[0], ticks) * 3
    assert times(tmp_path, data) == [nanoseconds] * 3
    (problem,) = read_bytes(tmp_path, data).summary.problems
    assert problem.code == "time-out-of-range"
    assert when in problem.what
    assert problem.where == f"byte {len(section() + interface(options=chosen)) + 8} and 2 more"


def test_the_time_offset_is_added_in_seconds(tmp_path: Path) -> None:
    offset = option(14, struct.pack("<q", -2))
    data = section() + interface(options=offset) + enhanced(TALK.frames[0], 5_000_000)
    assert times(tmp_path, data) == [3 * 10**9]


def test_simple_and_obsolete_packet_blocks_are_packets_too(tmp_path: Path) -> None:
    frame = TALK.frames[0]
    simple = block(3, struct.pack("<I", len(frame)) + frame)
    obsolete = block(2, struct.pack("<HHIIII", 0, 7, 0, 9, len(frame), len(frame)) + frame)
    data = section() + interface(snaplen=40) + simple + obsolete
    path = tmp_path / "capture"
    path.write_bytes(data)
    (window,) = read_windows(path, Findings())
    assert window.captured.tolist() == [40, len(frame)]
    assert window.original.tolist() == [len(frame), len(frame)]
    assert window.time.tolist() == [0, 9000]


def test_unknown_blocks_and_options_are_stepped_over(tmp_path: Path) -> None:
    unknown = block(0xBAD, b"whatever") + block(0x80000001, b"")
    data = section() + unknown + interface(options=option(2988, b"x")) + unknown + packets() + unknown
    reading = read_bytes(tmp_path, data)
    assert reading.summary.packets == len(TALK.frames)
    assert reading.summary.problems == ()


def test_secrets_are_found_wherever_they_stand(tmp_path: Path) -> None:
    data = (
        section()
        + key_log(b"# first\n")
        + interface()
        + packets()
        + key_log(b"not TLS", kind=0x5353484B)
        + key_log(b"CLIENT_RANDOM aa bb\n")
        + section(">")
        + key_log(b"third", order=">")
    )
    path = tmp_path / "capture"
    path.write_bytes(data)
    assert secrets(path).splitlines() == [b"# first", b"", b"CLIENT_RANDOM aa bb", b"", b"third"]


def test_secrets_that_claim_more_than_their_block_stay_within_it(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(section() + block(0x0A, struct.pack("<II", 0x544C534B, 2**32 - 1) + b"abcd") + interface())
    assert secrets(path) == b"abcd"


def test_options_end_where_they_say_or_where_they_no_longer_fit() -> None:
    data = option(1, b"hello") + option(0, b"") + option(2, b"never")
    assert list(options(data, 0, len(data), "<")) == [(1, b"hello")]
    assert list(options(option(1, b"hello")[:-4], 0, 8, "<")) == []


def test_a_block_with_very_many_options_is_read_once(tmp_path: Path) -> None:
    many = option(1, b"") * 300_000 + option(9, bytes([9]))
    assert times(tmp_path, section() + interface(options=many) + enhanced(TALK.frames[0], 5)) == [5]


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (struct.pack("<II", 6, 8) + bytes(8), "file-damaged"),
        (struct.pack("<II", 6, 33) + bytes(40), "file-damaged"),
        (struct.pack("<II", 6, 2**31) + bytes(40), "file-damaged"),
        (struct.pack("<II", 99, 16) + bytes(4) + struct.pack("<I", 12), "file-damaged"),
        (b"\x0a\x0d\x0d\x0a" + bytes(24), "file-damaged"),
        (section(version=2), "file-damaged"),
        (block(6, bytes(4)), "block-damaged"),
        (block(6, struct.pack("<IIIII", 0, 0, 0, 99, 99)), "block-damaged"),
        (block(6, struct.pack("<IIIII", 9, 0, 0, 0, 0)), "block-damaged"),
        (block(3, b""), "block-damaged"),
        (block(1, b""), "block-damaged"),
        (block(5, b""), "block-damaged"),
        (struct.pack("<II", 6, 100) + bytes(40), "file-truncated"),
    ],
)
def test_damage_is_reported_and_everything_before_it_is_kept(tmp_path: Path, damage: bytes, code: str) -> None:
    before = section() + interface() + packets()
    summary = read_bytes(tmp_path, before + damage).summary
    assert summary.packets == len(TALK.frames)
    (problem,) = summary.problems
    assert problem.code == code
    assert problem.where.startswith("byte ")
    assert len(before) <= int(problem.where.split()[1]) <= len(before) + 8


def test_a_damaged_block_of_good_length_does_not_end_the_reading(tmp_path: Path) -> None:
    damaged = block(6, struct.pack("<IIIII", 9, 0, 0, 0, 0))
    summary = read_bytes(tmp_path, section() + interface() + damaged * 3 + packets()).summary
    assert summary.packets == len(TALK.frames)
    (problem,) = summary.problems
    assert problem.where.endswith("and 2 more")


def test_packets_that_the_capturing_side_dropped_are_reported(tmp_path: Path) -> None:
    def statistics(count: int) -> bytes:
        return block(5, struct.pack("<III", 0, 0, 0) + option(5, struct.pack("<Q", count)))

    data = section() + interface() + statistics(3) + packets() + statistics(7)
    (problem,) = read_bytes(tmp_path, data).summary.problems
    assert problem.code == "packets-dropped"
    assert "dropped 7 packets" in problem.what


def test_every_prefix_gives_a_result_or_a_capture_error(tmp_path: Path) -> None:
    blocks = [section(), key_log(b"# a line\n"), interface(), *(enhanced(frame) for frame in TALK.frames)]
    whole = b"".join(blocks)
    ends = {sum(map(len, blocks[:count])) for count in range(1, len(blocks) + 1)}
    for size in range(len(whole)):
        if size < 12:
            with pytest.raises(CaptureError):
                read_bytes(tmp_path, whole[:size])
            continue
        summary = read_bytes(tmp_path, whole[:size]).summary
        assert summary.packets == max(0, sum(end <= size for end in ends) - 3)
        assert [problem.code for problem in summary.problems] == ([] if size in ends else ["file-truncated"])
        secrets(tmp_path / "capture")


def many(order: str, count: int, interfaces: int) -> list[bytes]:
    """Blocks of packets, one by one."""
    frame = TALK.frames[0]
    return [enhanced(frame[: 14 + n % 7], n * 1_000_003, n % interfaces, order) for n in range(count)]


def one_by_one(folder: Path, data: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[object, ...]:
    with monkeypatch.context() as patched:
        patched.setattr(blocks, "ENOUGH", 2**30)
        return told(folder, data)


def told(folder: Path, data: bytes) -> tuple[object, ...]:
    """All that is read of a file: its columns and what is odd about it."""
    path, findings = folder / "capture", Findings()
    path.write_bytes(data)
    rows = [
        row
        for window in read_windows(path, findings)
        for row in zip(
            range(window.first_packet, window.first_packet + len(window)),
            *(getattr(window, name).tolist() for name in ("offset", "captured", "original", "time", "link_type")),
            strict=True,
        )
    ]
    return rows, findings.problems()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("resolution", [None, 0, 3, 9, 12, 0x80 | 10, 0x80 | 40])
@pytest.mark.parametrize("offset", [0, 1_700_000_000, -3])
def test_packets_in_a_row_are_what_they_are_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str, resolution: int | None, offset: int
) -> None:
    with_options = b"" if resolution is None else option(9, bytes([resolution]), order)
    with_options += option(14, struct.pack(f"{order}q", offset), order)
    head = section(order) + interface(RAW, order=order, options=with_options) + interface(order=order)
    data = head + b"".join(many(order, 100, 2)) + block(99, b"other", order) + b"".join(many(order, 90, 1))
    in_a_row = told(tmp_path, data)
    assert in_a_row == one_by_one(tmp_path, data, monkeypatch)
    assert len(in_a_row[0]) == 190  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "odd",
    [
        enhanced(TALK.frames[0], 5, 7),
        struct.pack("<IIIIIIII", 6, 32, 0, 0, 0, 1, 1, 32),
        struct.pack("<IIIIIIII", 6, 32, 0, 0, 0, 0, 0, 36),
        struct.pack("<IIIIIIII", 6, 30, 0, 0, 0, 0, 0, 30),
        struct.pack("<III", 6, 12, 12),
        struct.pack("<IIIIIIII", 6, 32, 0, 0xFFFFFFFF, 0, 0, 0, 32),
        section(">"),
        section() + interface(RAW),
        b"\x06\0\0\0\xff",
    ],
    ids=["no interface", "longer than it", "another end", "no multiple", "no header", "late", "order", "anew", "cut"],
)
def test_one_that_is_odd_among_many_is_told_as_it_is_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: bytes
) -> None:
    row = b"".join(many("<", 70, 1))
    data = section() + interface() + row + odd + row
    in_a_row = told(tmp_path, data)
    assert in_a_row == one_by_one(tmp_path, data, monkeypatch)
    assert len(in_a_row[0]) >= 70  # type: ignore[arg-type]
