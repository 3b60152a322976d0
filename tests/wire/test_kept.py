"""Memory that is filled again and again, but for what somebody keeps."""

from __future__ import annotations

import random

from transom.wire.kept import MOST_TOO_LARGE, Room, Rooms, room_of


def kept(view: memoryview) -> Room:
    room = room_of(view)
    assert room is not None
    room.keep()
    return room


def test_what_nobody_keeps_is_the_same_memory_each_time() -> None:
    rooms = Rooms()
    first = rooms.of(1000)
    assert rooms.of(1000) is rooms.of(999) is first


def test_a_room_takes_a_little_more_than_it_was_made_for() -> None:
    rooms = Rooms()
    first = rooms.of(2 * 1024 * 1024)
    assert rooms.of(2 * 1024 * 1024 + 16 * 1024 + 17) is first


def test_what_is_kept_is_left_alone_until_it_is_given_back() -> None:
    rooms = Rooms()
    first = rooms.of(1000)
    room = kept(first)
    room.keep()
    second = rooms.of(1000)
    assert second is not first
    room.give_back()
    assert rooms.of(1000) is second
    room.give_back()
    assert rooms.of(1000) is first


def test_any_part_of_a_room_can_be_kept() -> None:
    rooms = Rooms()
    first = rooms.of(1000)
    kept(first[5:10])
    assert rooms.of(1000) is not first


def test_memory_that_is_no_room_cannot_be_kept() -> None:
    assert room_of(memoryview(bytearray(1000))) is None
    assert room_of(memoryview(b"")) is None


def test_a_large_room_is_not_held_for_the_little_that_comes_after_it() -> None:
    rooms = Rooms()
    first = rooms.of(MOST_TOO_LARGE * 100)
    assert rooms.of(110) is first
    assert len(rooms.of(90)) < 100
    assert rooms.of(MOST_TOO_LARGE * 100) is not first


def test_a_room_that_is_held_no_more_stays_with_who_keeps_it() -> None:
    rooms = Rooms()
    first = rooms.of(10_000)
    first[:5] = b"bytes"
    kept(first)
    assert len(rooms.of(1)) < 10
    assert bytes(first[:5]) == b"bytes"


def test_nothing_kept_is_ever_given_out() -> None:
    chance, rooms, held = random.Random(5), Rooms(), list[tuple[memoryview, bytes]]()
    for number in range(2000):
        view = rooms.of(chance.choice([10, 100, 1000, 5000]))
        text = b"%08d" % number
        view[:8] = text
        if chance.random() < 0.4:
            kept(view)
            held.append((view, text))
        assert all(bytes(one[:8]) == expected for one, expected in held)
        if len(held) > 5:
            view, _ = held.pop(chance.randrange(len(held)))
            room = room_of(view)
            assert room is not None
            room.give_back()
