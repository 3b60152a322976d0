"""A hash that keeps up with a transfer: a thread makes it, while the next bytes are received and opened.

A hash costs as much as the cipher. Both let go of the interpreter while they work, so that where a processor is free
for it a file is hashed in the time that it takes to come.
"""

from __future__ import annotations

from queue import LifoQueue, SimpleQueue
from threading import Thread

from transom.files.hash import Hash
from transom.wire.tap import Buffer

WORTH_A_THREAD = 64 * 1024
"""Bytes; fewer are hashed in less time than it takes to hand them over."""

ROOM = 1024 * 1024
"""Bytes that are handed over at a time: with half as many the waking and the waiting for the interpreter cost more."""

AHEAD = 6
"""How many rooms there are: when all wait, whoever brings the next piece waits as well. The one that was free last is
filled next: its memory is in the cache, and the others are touched only where the hash falls behind."""


class HashInThread:
    """A hash whose `update` copies what it is given, and returns before it is hashed."""

    def __init__(self, made: Hash) -> None:
        self._hash = made
        self._thread: Thread | None = None
        self._full: SimpleQueue[memoryview | None] = SimpleQueue()
        self._free: LifoQueue[bytearray] = LifoQueue()
        self._room: memoryview | None = None
        """That is being filled, so far up to `_filled`."""
        self._filled = 0

    def update(self, data: Buffer, /) -> None:
        if self._thread is None:
            if len(data) < WORTH_A_THREAD:
                self._hash.update(data)
                return
            self._thread = self._start()
        view = memoryview(data)
        while view:
            if self._room is None:
                self._room, self._filled = memoryview(self._free.get()), 0
            count = min(len(view), ROOM - self._filled)
            self._room[self._filled : self._filled + count] = view[:count]
            self._filled += count
            view = view[count:]
            if self._filled == ROOM:
                self._hand_over()

    def digest(self) -> bytes:
        """Of all that was given; this waits for the last of it."""
        if self._thread is not None:
            self._hand_over()
            self._full.put(None)
            self._thread.join()
            self._thread = None
        return self._hash.digest()

    def __del__(self) -> None:
        if self._thread is not None:  # a transfer that ended early; the thread knows of the queues alone
            self._full.put(None)

    def _hand_over(self) -> None:
        if self._room is not None:
            self._full.put(self._room[: self._filled])
            self._room = None

    def _start(self) -> Thread:
        self._free = LifoQueue()  # the same rooms all along: memory that is warm, and given to no other
        for _ in range(AHEAD):
            self._free.put(bytearray(ROOM))
        thread = Thread(target=_hash_all, args=(self._hash, self._full, self._free), name="hash", daemon=True)
        thread.start()
        return thread


def _hash_all(made: Hash, full: SimpleQueue[memoryview | None], free: LifoQueue[bytearray]) -> None:
    while (piece := full.get()) is not None:
        made.update(piece)
        room = piece.obj
        assert isinstance(room, bytearray)
        free.put(room)
