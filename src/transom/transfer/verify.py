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
from transom.wire.tap import Buffer

Verified = Literal["checksum", "digest"]

ASK_FOR_DIGEST = ("Want-Repr-Digest", "sha-256=10, sha-512=1")
"""RFC 9530 §4: SHA-256 is what most have at hand, and what is reported."""


class Verification:
    """What the bytes of one file have to come to: `checksum` is what the user said."""

    def __init__(self, checksum: Digest | None) -> None:
        self._checksum = checksum
        self._whole: Digest | None = None
        self._part: Digest | None = None
        self._part_hash: Hash | None = None

    def expect(self, headers: Headers) -> None:
        """Take what a 200 or a 206 says: `Repr-Digest` is of the whole file, `Content-Digest` of what it carries."""
        self._whole = _known_digest(headers.get("Repr-Digest"))
        self._part = _known_digest(headers.get("Content-Digest"))
        self._part_hash = hash_of_transfer(self._part.algorithm) if self._part else None

    @property
    def algorithm(self) -> str | None:
        """Of the digest that the server gave of the whole file."""
        return self._whole.algorithm if self._whole else None

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
        for digest, source in ((self._checksum, "--checksum"), (self._whole, Sentence("the server's Repr-Digest"))):
            if digest is not None:
                sink.keep_hash(digest.algorithm)
                digest.check(sink.digest(digest.algorithm), name, source)
        if self._checksum is not None:
            return "checksum"
        return "digest" if self._whole is not None else None


def _known_digest(field: str | None) -> Digest | None:
    """The digest in the field by the first of the algorithms that are known here."""
    told = parse_digests(field)
    return next((Digest(algorithm, told[algorithm]) for algorithm in ALGORITHMS if algorithm in told), None)
