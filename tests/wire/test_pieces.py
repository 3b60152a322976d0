"""Pieces that are cut once: of the same memory the same ones, of any other new ones."""

from __future__ import annotations

import pytest

from transom.wire.pieces import MEMORIES, Pieces, cut


def test_all_pieces_that_lie_in_the_memory_are_cut_and_none_beyond() -> None:
    memory = memoryview(bytes(range(20)))
    assert [bytes(piece) for piece in cut(memory, 2, 3, 5)] == [b"\2\3\4", b"\7\10\11", b"\14\15\16", b"\21\22\23"]
    assert [bytes(piece) for piece in cut(memory, 3, 3, 5)] == [b"\3\4\5", b"\10\11\12", b"\15\16\17"]
    assert cut(memory, 18, 3, 5) == []


def test_memory_that_comes_a_second_time_is_not_cut_a_third() -> None:
    memory, pieces = memoryview(bytearray(20)), Pieces()
    pieces.of(memory, 0, 5, 5)
    second = pieces.of(memory, 0, 5, 5)
    memory[5] = 7
    third = pieces.of(memory, 0, 5, 5)
    assert third is second
    assert bytes(third[1]) == b"\7\0\0\0\0"


def test_of_memory_that_comes_once_nothing_is_held() -> None:
    held, pieces = bytearray(20), Pieces()
    pieces.of(memoryview(held), 0, 5, 5)
    held.clear()  # it could not be made smaller while a view of it was there


def test_another_memory_or_other_places_are_cut_anew() -> None:
    memory, pieces = memoryview(bytearray(20)), Pieces()
    pieces.of(memory, 0, 5, 5)
    assert [len(piece) for piece in pieces.of(memory, 0, 4, 5)] == [4, 4, 4, 4]
    other = memoryview(b"\1" * 20)
    assert bytes(pieces.of(other, 0, 4, 5)[0]) == b"\1\1\1\1"


def test_what_is_forgotten_is_held_no_more() -> None:
    held, pieces = bytearray(20), Pieces()
    memory = memoryview(held)
    for _ in range(3):
        pieces.of(memory, 0, 5, 5)
    del memory
    with pytest.raises(BufferError):
        held.clear()
    pieces.forget()
    held.clear()
    assert [len(piece) for piece in pieces.of(memoryview(b"12345"), 0, 5, 5)] == [5]


def test_memories_that_take_turns_are_each_cut_no_third_time() -> None:
    memories, pieces = [memoryview(bytearray(20)) for _ in range(MEMORIES)], Pieces()
    for memory in memories * 2:
        pieces.of(memory, 0, 5, 5)
    second = [pieces.of(memory, 0, 5, 5) for memory in memories]
    assert [pieces.of(memory, 0, 5, 5) is once for memory, once in zip(memories, second, strict=True)] == [
        True
    ] * MEMORIES
    assert [one[0].obj for one in second] == [memory.obj for memory in memories]


def test_no_more_memories_are_held_than_take_turns() -> None:
    held, pieces = [bytearray(20) for _ in range(MEMORIES + 2)], Pieces()
    views = [memoryview(memory) for memory in held]
    for view in views:
        for _ in range(3):
            pieces.of(view, 0, 5, 5)
    views.clear()
    del view
    for memory in held[:-1]:
        memory.clear()  # a new one means that the others are used no more
    with pytest.raises(BufferError):
        held[-1].clear()
