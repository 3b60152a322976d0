"""Header fields whose values are a digest of a body, or may be one: from that, too, what is masked in it is guessed."""

from __future__ import annotations

import re

from transom.web.model.scrub import stars

_DIGEST = re.compile(
    rb"(?!want-).*(?:digest|md5|sha-?(?:1|224|256|384|512)|checksum|crc-?(?:32c?|64)|\bhash\b)", re.IGNORECASE
)
"""`Repr-Digest`, `Content-MD5`, `X-Amz-Checksum-Crc32`, `X-Goog-Hash`; what is wanted is none (RFC 9530 §4)."""

_TAG = re.compile(rb".*etag|if-(?:none-)?match|if-range", re.IGNORECASE)
"""An entity-tag is opaque (RFC 9110 §8.8.3): many servers take the MD5 or SHA-1 of the content."""

_LIKE_A_HASH = re.compile(rb"[0-9A-Za-z+/=_-]{16,}")
_FIELD = re.compile(rb"^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}):([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)


def mask_digest(name: bytes, content: bytes) -> bytes:
    """The value of this field, of the same length."""
    if _TAG.fullmatch(name):
        return _LIKE_A_HASH.sub(lambda found: stars(found[0]), content)
    if _DIGEST.match(name):
        blank = len(content) - len(content.lstrip(b" \t"))
        return content[:blank] + stars(content[blank:])
    return content


def mask_digests(head: bytes) -> bytes:
    """A head, or a trailer, of HTTP/1."""
    return _FIELD.sub(lambda found: found[1] + b":" + mask_digest(found[1], found[2]), head)
