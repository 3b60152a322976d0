from __future__ import annotations

import hashlib
import os
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transom.files.hash_thread import AHEAD, ROOM, WORTH_A_THREAD, WORTH_KEEPING, HashInThread
from transom.files.hashes import hash_in_thread, hash_of_transfer
from transom.wire.kept import Rooms
from transom.wire.tap import Buffer


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 1000, WORTH_A_THREAD - 1, WORTH_A_THREAD, 300_000, 2 * ROOM + 1]), max_size=12))
def test_it_is_the_hash_of_what_it_was_given_in_that_order(lengths: list[int]) -> None:
    ours, expected = hash_in_thread("sha-256"), hashlib.sha256()
    for number, length in enumerate(lengths):
        ours.update(bytes([number]) * length)
        expected.update(bytes([number]) * length)
        if number % 5 == 4:
            assert ours.digest() == expected.digest()
    assert ours.digest() == expected.digest()


def test_a_buffer_may_be_used_again_once_update_returns() -> None:
    ours, buffer = hash_in_thread("sha-256"), bytearray(WORTH_A_THREAD)
    for number in range(50):
        buffer[:] = bytes([number]) * WORTH_A_THREAD
        ours.update(memoryview(buffer))
    expected = hashlib.sha256(b"".join(bytes([number]) * WORTH_A_THREAD for number in range(50)))
    assert ours.digest() == expected.digest()


def test_what_can_be_kept_is_not_copied_and_left_alone_until_it_is_hashed() -> None:
    rooms, held = Rooms(), Held()
    ours, views = HashInThread(held), list[memoryview]()
    for _ in range(AHEAD):
        views.append(rooms.of(WORTH_KEEPING))
        ours.update(views[-1][:WORTH_KEEPING])
    assert len({id(view) for view in views}) == AHEAD
    for _ in range(AHEAD):
        held.may.release()
    ours.digest()
    assert rooms.of(WORTH_KEEPING) is views[0]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([100, WORTH_A_THREAD, WORTH_KEEPING, ROOM + 5]), st.booleans()), max_size=12))
def test_what_is_kept_and_what_is_copied_are_hashed_in_their_order(pieces: list[tuple[int, bool]]) -> None:
    ours, expected, rooms, buffer = hash_in_thread("sha-256"), hashlib.sha256(), Rooms(), bytearray(ROOM + 5)
    for number, (length, is_a_room) in enumerate(pieces):
        view = (rooms.of(length) if is_a_room else memoryview(buffer))[:length]
        view[:] = bytes([number]) * length
        ours.update(view)
        expected.update(view)
    assert ours.digest() == expected.digest()


class Held:
    """A hash that is not made before it may be."""

    def __init__(self) -> None:
        self.may = threading.Semaphore(0)
        self.made = 0

    def update(self, data: Buffer, /) -> None:
        self.may.acquire()
        self.made += 1

    def digest(self) -> bytes:
        return b"%d" % self.made


def test_no_more_waits_than_a_few_pieces() -> None:
    held = Held()
    ours = HashInThread(held)
    for _ in range(AHEAD):
        ours.update(bytes(ROOM))  # returns, though nothing is hashed
    assert held.made == 0
    threading.Timer(0.01, held.may.release).start()
    ours.update(bytes(ROOM))  # returns when the first is
    assert held.made == 1
    for _ in range(AHEAD):
        held.may.release()
    assert ours.digest() == b"%d" % (AHEAD + 1)


def test_its_thread_ends_with_the_digest() -> None:
    before = threading.active_count()
    ours = hash_in_thread("sha-512")
    ours.update(bytes(WORTH_A_THREAD))
    assert threading.active_count() == before + 1
    ours.digest()
    assert threading.active_count() == before


def test_what_it_copied_into_is_let_go_with_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Rooms] = []

    def rooms() -> Rooms:
        made.append(Rooms())
        return made[-1]

    monkeypatch.setattr("transom.files.hash_thread.Rooms", rooms)
    ours = hash_in_thread("sha-256")
    ours.update(bytes(WORTH_A_THREAD))
    ours.digest()
    first = made.pop(0)
    assert sys.getrefcount(first) == 2  # ours, and the one that it is asked with


def test_its_thread_ends_when_nobody_wants_the_digest() -> None:
    ours = hash_in_thread("sha-512")
    ours.update(bytes(WORTH_A_THREAD))
    (thread,) = (one for one in threading.enumerate() if one.name == "hash")
    del ours
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize(("processors", "in_thread"), [({0}, False), ({3}, False), ({0, 1}, True), ({1, 2, 5}, True)])
def test_a_transfer_is_hashed_in_a_thread_where_a_processor_is_free_for_it(
    monkeypatch: pytest.MonkeyPatch, processors: set[int], in_thread: bool
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: processors)
    made = hash_of_transfer("sha-256")
    assert isinstance(made, HashInThread) is in_thread
    made.update(b"abc")
    assert made.digest() == hashlib.sha256(b"abc").digest()
