"""What the sender of an upload says that it hashes to (RFC 9530): held before the file gets its name."""

from __future__ import annotations

from transom.errors import HttpError, TransferError
from transom.files.digest import ALGORITHMS, Digest
from transom.files.sink import Sink
from transom.http.messages import Headers
from transom.transfer.verify import known_digests

FIELDS = ("Content-Digest", "Repr-Digest")
"""Both are of the same bytes here: a PUT brings a whole representation, since a part of one is not taken."""


class UploadDigests:
    """The digests of an upload that goes into `sink`, of which nothing is written yet.

    Those in the head are hashed while it comes, and all that are known where the head announces a trailer with some:
    which it will be nobody says (RFC 9110 §6.6.2). None of it costs anything where nothing is said.
    """

    def __init__(self, headers: Headers, sink: Sink) -> None:
        self._sink = sink
        self._said = _said(headers)
        announced = headers.members("Trailer")
        some_will_come = any(field.lower() in announced for field in FIELDS)
        self._kept = set(ALGORITHMS) if some_will_come else {digest.algorithm for _, digest in self._said}
        for algorithm in self._kept:
            sink.keep_hash(algorithm)

    def expect_at_end(self, trailer: Headers) -> None:
        """Take what stands in the trailer besides (RFC 9530 §2, §3)."""
        self._said += _said(trailer)

    @property
    def are_behind(self) -> bool:
        """Whether `catch_up` has something to hash, of a trailer that nobody announced."""
        return any(digest.algorithm not in self._kept for _, digest in self._said)

    def catch_up(self) -> None:
        """Hash the file as it lies there, which may take its time. Raises HttpError (500) when it cannot be read."""
        try:
            for _, digest in self._said:
                self._sink.keep_hash(digest.algorithm)
                self._kept.add(digest.algorithm)
        except TransferError:
            raise HttpError("the file could not be read back", status=500) from None

    def check(self, name: str) -> None:
        """Compare all of them with the file, called `name`. Raises HttpError (400) for the first that differs."""
        for field, digest in self._said:
            try:
                digest.check(self._sink.digest(digest.algorithm), name, field)
            except TransferError as error:
                raise HttpError(error.sentence, status=400) from None


def _said(headers: Headers) -> list[tuple[str, Digest]]:
    return [(field, digest) for field in FIELDS for digest in known_digests(headers.get(field))]
