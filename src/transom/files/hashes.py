"""Several hashes of one stream of bytes, by the names of RFC 9530."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from transom.files.hash import Hash, new_hash
from transom.wire.tap import Buffer

_PIECE = 1024 * 1024


def hash_of_transfer(algorithm: str) -> Hash:
    """A hash for bytes that come in large pieces: made beside the transfer, where there is a processor for it."""
    return hash_in_thread(algorithm) if hashes_are_made_beside() else new_hash(algorithm)


def hashes_are_made_beside() -> bool:
    """Whether there is a processor for them, beside the one that receives."""
    return len(os.sched_getaffinity(0)) > 1


def hash_in_thread(algorithm: str) -> Hash:
    """The same, made in a thread."""
    from transom.files.hash_thread import HashInThread  # here, because most downloads are not hashed

    return HashInThread(new_hash(algorithm))


class Hashes:
    """The hashes that are kept of what is written; none, and no cost, until one is begun. `make` makes one."""

    def __init__(self, make: Callable[[str], Hash]) -> None:
        self._make = make
        self._kept: dict[str, Hash] = {}

    def __contains__(self, algorithm: str) -> bool:
        return algorithm in self._kept

    def begin(self, algorithm: str, before: Iterable[Buffer] = ()) -> None:
        """Keep this hash from here on, as if it had been given what came `before`."""
        begun = self._make(algorithm)
        for piece in before:
            begun.update(piece)
        self._kept[algorithm] = begun

    def restart(self) -> None:
        """All that are kept, from the beginning."""
        for algorithm in self._kept:
            self.begin(algorithm)

    def forget(self) -> None:
        """Keep none any more: nobody wants to know."""
        self._kept.clear()

    def update(self, data: Buffer) -> None:
        for kept in self._kept.values():
            kept.update(data)

    def digest(self, algorithm: str) -> bytes | None:
        """The hash so far; None when it is not kept."""
        kept = self._kept.get(algorithm)
        return None if kept is None else kept.digest()


def read_pieces(fd: int, length: int) -> Iterator[bytes]:
    """The first `length` bytes of an open file, or as many as it has. Raises OSError.

    The file's position is not moved: whoever else uses the descriptor is not disturbed.
    """
    offset = 0
    while offset < length:
        piece = os.pread(fd, min(_PIECE, length - offset), offset)
        if not piece:
            return
        yield piece
        offset += len(piece)
