"""Digests in header fields: `Repr-Digest`, `Content-Digest` and `Want-Repr-Digest` (RFC 9530).

The fields are dictionaries (RFC 8941 §3.2). One that does not parse is as good as none; of one that does only the
algorithms of interest are read.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence

_KEY = r"[a-z*][a-z0-9_.*-]*"
_ITEM = r"[^,;\"]*|\"(?:[^\"\\]|\\.)*\""
_MEMBER = re.compile(rf"[ \t]*({_KEY})(?:=({_ITEM}))?((?:;[^,\"]*)*)[ \t]*")
_BYTES = re.compile(r":([A-Za-z0-9+/=]*):")
_PREFERENCE = re.compile(r"[0-9]|10")


def parse_digests(field: str | None) -> dict[str, bytes]:
    """The digests in a `Repr-Digest` or `Content-Digest`, by algorithm; what is no byte sequence is left out."""
    digests: dict[str, bytes] = {}
    for algorithm, item in _members(field).items():
        match = _BYTES.fullmatch(item)
        if match is not None:
            try:
                digests[algorithm] = base64.b64decode(match[1], validate=True)
            except binascii.Error:
                continue
    return digests


def digest_field(algorithm: str, value: bytes) -> str:
    """The value of a `Repr-Digest` or `Content-Digest` with one digest."""
    return f"{algorithm}=:{base64.b64encode(value).decode()}:"


def wanted_algorithm(field: str | None, known: Sequence[str]) -> str | None:
    """Which of the `known` algorithms a `Want-Repr-Digest` prefers; 0 means that it is not acceptable (§4)."""
    wishes = {
        algorithm: int(preference)
        for algorithm, preference in _members(field).items()
        if algorithm in known and _PREFERENCE.fullmatch(preference)
    }
    best = max(wishes, key=wishes.__getitem__, default=None)
    return best if best is not None and wishes[best] else None


def _members(field: str | None) -> dict[str, str]:
    """The keys of a dictionary and their items as they are written; nothing if any of it does not parse.

    Of two members with one key the later counts (RFC 8941 §3.2).
    """
    found: dict[str, str] = {}
    for member in (field or "").split(","):
        match = _MEMBER.fullmatch(member)
        if match is None:
            return {}
        found[match[1]] = match[2] or ""
    return found
