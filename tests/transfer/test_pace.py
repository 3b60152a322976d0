"""The pace: how long to wait after so many bytes, and a transfer that keeps to it."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.transfer.background import served
from transom.errors import TransferError
from transom.files.digest import parse_checksum
from transom.net.pump import RECEIVE_SIZE, receive_buffer
from transom.net.session import Timeouts
from transom.transfer.client import Road
from transom.transfer.get import run_get
from transom.transfer.pace import BESIDE_A_HASH, Pace, receive_size
from transom.transfer.request import GetRequest


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_over_three_seconds_the_rate_is_kept_whatever_the_pieces() -> None:
    clock = Clock()
    pace = Pace(500 * 1024, clock)
    came = 0
    for piece in [16_384, 100_000, 1, 65_536] * 20:
        clock.now += 0.002
        clock.now += pace.wait_after(piece)
        came += piece
        if clock.now >= 103:
            break
    assert came / (clock.now - 100) == pytest.approx(500 * 1024, rel=0.001)


def test_bytes_that_come_slowly_enough_are_not_held_up() -> None:
    clock = Clock()
    pace = Pace(1000, clock)
    assert pace.wait_after(500) == pytest.approx(0.5)
    clock.now += 1
    assert pace.wait_after(500) == 0
    assert pace.wait_after(500) == pytest.approx(0.5)


def test_what_it_took_to_get_there_is_not_made_up_for() -> None:
    clock = Clock()
    pace = Pace(1000, clock)
    clock.now += 10
    assert pace.wait_after(1000) == pytest.approx(1)


def test_small_rates_take_small_pieces_and_full_speed_takes_all() -> None:
    assert receive_size(None) == receive_size(2**30) == RECEIVE_SIZE
    assert receive_size(1024) == 16 * 1024
    assert receive_size(1024 * 1024) == 128 * 1024
    assert receive_size(None, hashed=True) == receive_size(2**30, hashed=True) == BESIDE_A_HASH
    assert receive_size(1024 * 1024, hashed=True) == 128 * 1024


@pytest.mark.parametrize(
    ("hashes", "processors", "size"),
    [
        ({}, 2, RECEIVE_SIZE),
        ({"verify": True}, 2, BESIDE_A_HASH),
        ({"sha256": True}, 2, BESIDE_A_HASH),
        ({"checksum": parse_checksum(f"sha-512={'0' * 128}")}, 2, BESIDE_A_HASH),
        ({"verify": True}, 1, RECEIVE_SIZE),
    ],
)
def test_what_is_hashed_beside_is_taken_in_large_pieces(
    hashes: dict[str, Any], processors: int, size: int, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(processors)))

    def counted(size: int) -> memoryview:
        sizes.append(size)
        return receive_buffer(size)

    monkeypatch.setattr("transom.net.connect.receive_buffer", counted)
    with served(root) as server, suppress(TransferError):  # the checksum is not that of the file
        run_get(GetRequest(server.url("/f.bin"), output=tmp_path / "got", **hashes))
    assert sizes == [size]


def test_a_transfer_takes_as_long_as_its_rate_says(root: Path, tmp_path: Path) -> None:
    rate = 1_400_000
    with served(root) as server:
        began = time.monotonic()
        request = GetRequest(server.url("/f.bin"), output=tmp_path / "got")
        run_get(request, Road(rate=rate, timeouts=Timeouts(linger=0.1)))
        took = time.monotonic() - began
    assert (tmp_path / "got").read_bytes() == (root / "f.bin").read_bytes()
    assert 0.9 * 1_000_003 / rate - 0.12 < took < 3  # the last piece is not waited for
