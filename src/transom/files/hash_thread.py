"""A hash that keeps up with a transfer: a thread makes it, while the next bytes are received and opened.

A hash costs as much as the cipher. Both let go of the interpreter while they work, so that on two processors a file is
hashed in the time that it takes to come.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

from transom.files.hashes import Hash
from transom.wire.tap import Buffer

WORTH_A_THREAD = 64 * 1024
"""Bytes; fewer are hashed in less time than it takes to hand them over."""

AHEAD = 4
"""How many pieces may wait: then whoever brings the next one waits as well."""


class HashInThread:
    """A hash whose `update` copies what it is given, and returns before it is hashed."""

    def __init__(self, made: Hash) -> None:
        self._hash = made
        self._waiting: deque[Future[None]] = deque()
        self._thread: ThreadPoolExecutor | None = None

    def update(self, data: Buffer, /) -> None:
        if len(data) < WORTH_A_THREAD and not self._waiting:
            self._hash.update(data)
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "hash")
        self._waiting.append(self._thread.submit(self._hash.update, bytes(data)))
        if len(self._waiting) > AHEAD:
            self._waiting.popleft().result()

    def digest(self) -> bytes:
        """Of all that was given; this waits for the last of it."""
        while self._waiting:
            self._waiting.popleft().result()
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None
        return self._hash.digest()
