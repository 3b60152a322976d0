"""Whether a file is the one that was meant: against the user's checksum, and against what the server says of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from transom.errors import Sentence
from transom.files.digest import ALGORITHMS, Digest
from transom.files.hash import Hash
from transom.files.hashes import hash_of_transfer
from transom.files.sink import Sink
from transom.http.digest_fields import parse_digests
from transom.http.messages import Headers
from transom.transfer.request import SHA256
from transom.wire.tap import Buffer

Verified = Literal["checksum", "digest"]

ASK_FOR_DIGEST = ("Want-Repr-Digest", "sha-256=10, sha-512=1")
"""RFC 9530 §4: SHA-256 is what most have at hand, and what is reported."""


class Verification:
    """What the bytes of one file have to come to: `checksum` is what the user said.

    Of several digests that the server gives all are compared that can be made (decision 34).
    """

    def __init__(self, checksum: Digest | None) -> None:
        self._checksum = checksum
        self.algorithms: frozenset[str] = frozenset()
        """Of the digests of the whole file that the server gives, or will give."""
        self._whole: list[Digest] = []
        self._part: list[Digest] = []
        self._part_hashes: dict[str, Hash] = {}

    def expect(self, headers: Headers) -> None:
        """Take what a 200 or a 206 says: `Repr-Digest` is of the whole file, `Content-Digest` of what it carries.

        Of one that is announced for the trailer the algorithm is not known yet: it is the one that is asked for.
        """
        announced = headers.members("Trailer")
        self._whole = known_digests(headers.get("Repr-Digest"))
        self._part = known_digests(headers.get("Content-Digest"))
        self.algorithms = _algorithms(self._whole, will_come="repr-digest" in announced)
        of_part = _algorithms(self._part, will_come="content-digest" in announced)
        self._part_hashes = {algorithm: hash_of_transfer(algorithm) for algorithm in of_part}

    def expect_at_end(self, trailer: Headers) -> None:
        """Take what stands in a trailer besides (RFC 9530 §2, §3).

        A `Content-Digest` of which nobody knew is of bytes that have gone by: it is as good as none.
        """
        self._whole += known_digests(trailer.get("Repr-Digest"))
        late = known_digests(trailer.get("Content-Digest"))
        self._part += [digest for digest in late if digest.algorithm in self._part_hashes]

    def carried(self, data: Buffer) -> None:
        """The next bytes of what the response carries."""
        for made in self._part_hashes.values():
            made.update(data)

    def end(self) -> None:
        """What is to be known is known, or nobody wants to know it: no hash is made any more."""
        self._part_hashes = {}

    def check(self, sink: Sink, name: str) -> Verified | None:
        """Compare all there is to compare; which of them vouches for the whole file, the user's first.

        A hash that nobody knew would be needed is made now, from the file: this may take its time. Raises
        TransferError (exit code 110) when any of them differs.
        """
        for digest in self._part:
            digest.check(self._part_hashes[digest.algorithm].digest(), name, Sentence("the server's Content-Digest"))
        # One that cannot be made came behind bytes that have gone into a pipe.
        whole = [digest for digest in self._whole if sink.can_hash(digest.algorithm)]
        if self._checksum is not None:
            _check_whole(self._checksum, sink, name, "--checksum")
        for digest in whole:
            _check_whole(digest, sink, name, Sentence("the server's Repr-Digest"))
        if self._checksum is not None:
            return "checksum"
        return "digest" if whole else None


def known_digests(field: str | None) -> list[Digest]:
    """The digests in a `Repr-Digest` or `Content-Digest` by the algorithms that are known here."""
    told = parse_digests(field)
    return [Digest(algorithm, told[algorithm]) for algorithm in ALGORITHMS if algorithm in told]


def _algorithms(told: Iterable[Digest], *, will_come: bool) -> frozenset[str]:
    """Of those that are told, and of the one that is to be in the trailer."""
    return frozenset(digest.algorithm for digest in told) | ({SHA256} if will_come else set[str]())


def _check_whole(digest: Digest, sink: Sink, name: str, source: str) -> None:
    sink.keep_hash(digest.algorithm)
    digest.check(sink.digest(digest.algorithm), name, source)
