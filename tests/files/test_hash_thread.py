from __future__ import annotations

import hashlib
import os
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transom.files.hash_thread import AHEAD, ROOM, WORTH_A_THREAD, HashInThread
from transom.files.hashes import hash_in_thread, hash_of_transfer
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
