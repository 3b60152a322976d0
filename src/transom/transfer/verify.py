"""Whether a file is the one that was meant: against the user's checksum, and against what the server says of it."""

from __future__ import annotations

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
    """What the bytes of one file have to come to: `checksum` is what the user said."""

    def __init__(self, checksum: Digest | None) -> None:
        self._checksum = checksum
        self.algorithm: str | None = None
        """Of the digest of the whole file that the server gives, or will give."""
        self._whole: Digest | None = None
        self._part: Digest | None = None
        self._part_hash: Hash | None = None

    def expect(self, headers: Headers) -> None:
        """Take what a 200 or a 206 says: `Repr-Digest` is of the whole file, `Content-Digest` of what it carries.

        Of one that is announced for the trailer the algorithm is not known yet: it is the one that is asked for.
        """
        announced = headers.members("Trailer")
        self._whole = _known_digest(headers.get("Repr-Digest"))
        self._part = _known_digest(headers.get("Content-Digest"))
        self.algorithm = self._whole.algorithm if self._whole else SHA256 if "repr-digest" in announced else None
        part = self._part.algorithm if self._part else SHA256 if "content-digest" in announced else None
        self._part_hash = hash_of_transfer(part) if part else None

    def expect_at_end(self, trailer: Headers) -> None:
        """Take what stands in a trailer (RFC 9530 §2, §3), where the head had nothing.

        A `Content-Digest` of which nobody knew is of bytes that have gone by: it is as good as none.
        """
        self._whole = self._whole or _known_digest(trailer.get("Repr-Digest"))
        late = _known_digest(trailer.get("Content-Digest"), SHA256) if self._part_hash is not None else None
        self._part = self._part or late

    def carried(self, data: Buffer) -> None:
        """The next bytes of what the response carries."""
        if self._part_hash is not None:
            self._part_hash.update(data)

    def check(self, sink: Sink, name: str) -> Verified | None:
        """Compare all there is to compare; which of them vouches for the whole file, the user's first.

        A hash that nobody knew would be needed is made now, from the file: this may take its time. Raises
        TransferError (exit code 110) when any of them differs.
        """
        if self._part is not None and self._part_hash is not None:
            self._part.check(self._part_hash.digest(), name, Sentence("the server's Content-Digest"))
        if self._whole is not None and not sink.can_hash(self._whole.algorithm):
            self._whole = None  # it came behind bytes that have gone into a pipe
        for digest, source in ((self._checksum, "--checksum"), (self._whole, Sentence("the server's Repr-Digest"))):
            if digest is not None:
                sink.keep_hash(digest.algorithm)
                digest.check(sink.digest(digest.algorithm), name, source)
        if self._checksum is not None:
            return "checksum"
        return "digest" if self._whole is not None else None


def _known_digest(field: str | None, *algorithms: str) -> Digest | None:
    """The digest in the field by the first of the `algorithms`; without any, of those that are known here."""
    told = parse_digests(field)
    wanted = algorithms or ALGORITHMS
    return next((Digest(algorithm, told[algorithm]) for algorithm in wanted if algorithm in told), None)
