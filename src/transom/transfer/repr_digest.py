"""The digests of shared files (`Repr-Digest`, RFC 9530): each made once, in a thread, and kept while the file stays so.

A digest costs as much as the cipher, so none is made that was not asked for; and it is a courtesy, so none is made when
too much is waiting already: the file is sent without.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor

from transom.files.digest import ALGORITHMS
from transom.files.hash import new_hash
from transom.files.hashes import read_pieces
from transom.files.opened import FileIdentity, OpenFile
from transom.http.digest_fields import digest_field, wanted_algorithm
from transom.http.messages import Headers
from transom.value import value

MOST_WAITING = 16 * 2**30
"""Bytes of files in work at a time: some seconds of hashing, well within what a client waits for a first byte."""

MOST_KEPT = 4096
"""Digests."""

Value = Future["bytes | None"]


@value
class PendingDigest:
    """A digest that was asked for; `value` becomes None when the file could not be read or was changed meanwhile."""

    algorithm: str
    value: Value

    def fields(self) -> list[tuple[str, str]]:
        """The response's field, once the value is there."""
        value = None if self.value.cancelled() else self.value.result()
        return [] if value is None else [("Repr-Digest", digest_field(self.algorithm, value))]


class ReprDigests:
    """The digests of one site's files. Its methods are for one thread; the work is done in another."""

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        self._most_waiting = most_waiting
        self._values: OrderedDict[tuple[str, FileIdentity], Value] = OrderedDict()
        self._worker = ThreadPoolExecutor(1, "digests")
        self._closed = False

    def asked_for(self, headers: Headers, file: OpenFile) -> PendingDigest | None:
        """What `Want-Repr-Digest` asks for of `file`, at hand or in work; None for nothing, or for too much."""
        algorithm = wanted_algorithm(headers.get("Want-Repr-Digest"), tuple(ALGORITHMS))
        value = self._value(algorithm, file) if algorithm else None
        return PendingDigest(algorithm, value) if algorithm and value else None

    def close(self) -> None:
        """Make no more; what is in work is given up."""
        self._closed = True
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _value(self, algorithm: str, file: OpenFile) -> Value | None:
        key = algorithm, file.identity
        found = self._values.pop(key, None)
        if found is None or (found.done() and found.result() is None):
            found = self._made(algorithm, file)
        if found is not None:
            self._values[key] = found  # behind all others: the first is the one that was not asked for longest
            self._trim()
        return found

    def _made(self, algorithm: str, file: OpenFile) -> Value | None:
        waiting = sum(identity.size for (_, identity), value in self._values.items() if not value.done())
        if waiting + file.size > self._most_waiting:
            return None
        return self._worker.submit(self._hash, algorithm, os.dup(file.fd), file.identity)

    def _trim(self) -> None:
        while len(self._values) > MOST_KEPT:
            self._values.popitem(last=False)

    def _hash(self, algorithm: str, fd: int, identity: FileIdentity) -> bytes | None:
        """In the worker's thread."""
        try:
            made = new_hash(algorithm)
            for piece in read_pieces(fd, identity.size):
                if self._closed:
                    return None
                made.update(piece)
            return made.digest() if identity.still_holds(fd) else None
        except OSError:
            return None
        finally:
            os.close(fd)
