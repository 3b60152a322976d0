"""Checksums by the names of RFC 9530 §5."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re

from transom.errors import Sentence, TransferError, UsageError
from transom.value import value

ALGORITHMS = {"sha-256": "sha256", "sha-512": "sha512"}
"""RFC 9530's active algorithms and hashlib's names of them."""

EXIT_DIGEST_DIFFERS = 110
"""Ours: curl has no exit code for a body that is not the one that was asked for."""


class DigestDiffers(TransferError):
    """The bytes are not those that a digest was made of."""


@value
class Digest:
    """A checksum: the algorithm as RFC 9530 names it, and its value."""

    algorithm: str
    value: bytes

    def check(self, actual: bytes | None, name: str, source: str = "--checksum") -> None:
        """Raise DigestDiffers unless `actual`, the hash of the file called `name`, is this one, which `source` gave."""
        if actual is None or not hmac.compare_digest(actual, self.value):
            seen = actual.hex() if actual is not None else Sentence("unknown")
            raise DigestDiffers(
                "{name}: its {algorithm} is {seen}, and {source} says {expected}",
                name=name,
                algorithm=self.algorithm,
                seen=seen,
                source=source,
                expected=self.value.hex(),
                exit_code=EXIT_DIGEST_DIFFERS,
            )

    def __str__(self) -> str:
        return f"{self.algorithm}={self.value.hex()}"


_AS_PRINTED = re.compile(
    r"(?:sha-?(?:256|512)\s*(?:\(.*\)\s*)?[=:]\s*)?(?P<digits>[0-9a-f]{64}|[0-9a-f]{128})(?:\s.*)?", re.IGNORECASE
)
"""A line of sha256sum and sha512sum, of either with --tag, and the spelling of container images: `sha256:…`."""


def parse_checksum(text: str) -> Digest:
    """`sha-256=VALUE`, the value in hexadecimal or base64. Raises UsageError saying what is wrong with it."""
    algorithm, equals, value = text.partition("=")
    algorithm = algorithm.strip().lower()
    size = hashlib.new(ALGORITHMS[algorithm]).digest_size if equals and algorithm in ALGORITHMS else 0
    decoded = _decoded(value.strip(), size)
    if size and len(decoded) == size:
        return Digest(algorithm, decoded)
    if (meant := _AS_PRINTED.fullmatch(text.strip())) is not None:
        name = "sha-256" if len(meant["digits"]) == 64 else "sha-512"
        raise UsageError(
            "--checksum {text!r}: expected --checksum {name}={digits}", text=text, name=name, digits=meant["digits"]
        )
    if not size:
        raise UsageError(
            "--checksum {text!r}: expected sha-256=VALUE or sha-512=VALUE, as sha256sum and sha512sum print it",
            text=text,
        )
    raise UsageError(
        "--checksum {text!r}: a {algorithm} is {digits} hexadecimal digits, or {size} bytes in base64",
        text=text,
        algorithm=algorithm,
        digits=2 * size,
        size=size,
    )


def _decoded(value: str, size: int) -> bytes:
    """The bytes of `value`, or none. The two spellings have different lengths, so neither is taken for the other."""
    try:
        if len(value) == 2 * size:
            return bytes.fromhex(value)
        return base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        return b""
