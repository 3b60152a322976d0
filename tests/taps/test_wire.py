"""What a connection received is told one step late, and large pieces that come at once are told together."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from transom.taps import installed
from transom.taps.events import RECEIVED, SENT
from transom.taps.wire import MOST_TOGETHER, Wire

MILLISECOND = 1_000_000
BEGAN = 1_700_000_000 * 1000 * MILLISECOND
RECORD = 16_406
"""Bytes of a full record of TLS 1.3."""

Told = list[tuple[int, int, bytes]]


class Socket:
    """Stands for one: a connection goes when its socket object does."""


@pytest.fixture
def told() -> Generator[Told]:
    """Kind, time and bytes of what crossed."""
    events: Told = []

    def sink(kind: int, number: int, time: int, payload: bytes) -> None:
        if kind in (RECEIVED, SENT):
            events.append((kind, time, payload))

    installed.add(sink)
    yield events
    installed.remove(sink)


@pytest.fixture
def socket() -> Socket:
    return Socket()


@pytest.fixture
def wire(told: Told, socket: Socket) -> Wire:
    return Wire(socket, b"127.0.0.1 1 127.0.0.1 2", "client")


def test_records_of_a_file_are_told_together_at_the_time_of_the_last(told: Told, wire: Wire) -> None:
    records = [bytes([number]) * RECORD for number in range(20)]
    for number, record in enumerate(records):
        wire.received(record, BEGAN + number)
    assert told == [
        (RECEIVED, BEGAN + 7, b"".join(records[:8])),
        (RECEIVED, BEGAN + 15, b"".join(records[8:16])),
    ]
    installed.settle()
    assert told[2:] == [(RECEIVED, BEGAN + 19, b"".join(records[16:]))]
    assert all(len(data) <= MOST_TOGETHER for _, _, data in told)


def test_what_is_small_keeps_its_own_time_before_and_behind_what_is_large(told: Told, wire: Wire) -> None:
    pieces = [bytes(100), bytes(200), bytes(RECORD), bytes(RECORD), bytes(300)]
    for number, piece in enumerate(pieces):
        wire.received(piece, BEGAN + number)
    installed.settle()
    assert told == [
        (RECEIVED, BEGAN, pieces[0]),
        (RECEIVED, BEGAN + 1, pieces[1]),
        (RECEIVED, BEGAN + 3, pieces[2] + pieces[3]),
        (RECEIVED, BEGAN + 4, pieces[4]),
    ]


def test_within_a_millisecond_is_at_once_and_no_longer(told: Told, wire: Wire) -> None:
    times = [BEGAN, BEGAN + MILLISECOND // 2, BEGAN + MILLISECOND, BEGAN + MILLISECOND + 1]
    for time in times:
        wire.received(bytes(RECORD), time)
    installed.settle()
    assert [(time, len(data)) for _, time, data in told] == [(times[2], 3 * RECORD), (times[3], RECORD)]


def test_what_is_sent_comes_behind_all_that_was_received_before(told: Told, wire: Wire) -> None:
    wire.received(bytes(RECORD), BEGAN)
    wire.received(bytes(RECORD), BEGAN + 1)
    wire.sent(b"thanks", BEGAN + 2)
    wire.received(bytes(RECORD), BEGAN + 3)
    installed.settle()
    assert [(kind, len(data)) for kind, _, data in told] == [(RECEIVED, 2 * RECORD), (SENT, 6), (RECEIVED, RECORD)]
