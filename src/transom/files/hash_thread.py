"""A hash that keeps up with a transfer: a thread makes it, while the next bytes are received and opened.

A hash costs as much as the cipher. Both let go of the interpreter while they work, so that where a processor is free
for it a file is hashed in the time that it takes to come.
"""

from __future__ import annotations

from queue import SimpleQueue
from threading import Semaphore, Thread

from transom.files.hash import Hash
from transom.wire.kept import Rooms, room_of
from transom.wire.tap import Buffer

WORTH_A_THREAD = 64 * 1024
"""Bytes; fewer are hashed in less time than it takes to hand them over."""

ROOM = 1024 * 1024
"""Bytes that are handed over at a time, if they are copied: with half as many the waking and the waiting for the
interpreter cost more."""

WORTH_KEEPING = ROOM // 4
"""Bytes; fewer are put together with those that come next, though they could be kept where they are."""

AHEAD = 2
"""How many pieces wait at most: whoever brings the next one waits as well."""


class HashInThread:
    """A hash whose `update` returns before what it is given is hashed: that is kept where it is, or copied."""

    def __init__(self, made: Hash) -> None:
        self._hash = made
        self._thread: Thread | None = None
        self._full: SimpleQueue[memoryview | None] = SimpleQueue()
        self._may_wait = Semaphore(AHEAD)
        self._rooms = Rooms()
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
        if len(view) >= WORTH_KEEPING and room_of(view) is not None:
            self._hand_over_room()
            self._hand_over(view)
        else:
            self._copy(view)

    def digest(self) -> bytes:
        """Of all that was given; this waits for the last of it."""
        if self._thread is not None:
            self._hand_over_room()
            self._full.put(None)
            self._thread.join()
            self._thread = None
            self._rooms = Rooms()
        return self._hash.digest()

    def __del__(self) -> None:
        if self._thread is not None:  # a transfer that ended early; the thread knows of the queue alone
            self._full.put(None)

    def _copy(self, view: memoryview) -> None:
        while view:
            if self._room is None:
                self._room, self._filled = self._rooms.of(ROOM), 0
            count = min(len(view), ROOM - self._filled)
            self._room[self._filled : self._filled + count] = view[:count]
            self._filled += count
            view = view[count:]
            if self._filled == ROOM:
                self._hand_over_room()

    def _hand_over_room(self) -> None:
        if self._room is not None:
            self._hand_over(self._room[: self._filled])
            self._room = None

    def _hand_over(self, piece: memoryview) -> None:
        room = room_of(piece)
        assert room is not None
        room.keep()
        self._may_wait.acquire()
        self._full.put(piece)

    def _start(self) -> Thread:
        arguments = self._hash, self._full, self._may_wait
        thread = Thread(target=_hash_all, args=arguments, name="hash", daemon=True)
        thread.start()
        return thread


def _hash_all(made: Hash, full: SimpleQueue[memoryview | None], may_wait: Semaphore) -> None:
    while (piece := full.get()) is not None:
        made.update(piece)
        room = room_of(piece)
        assert room is not None
        room.give_back()
        may_wait.release()
