"""What is taken out of a page before it is handed on: credentials. Lengths stay, so that every offset stays true."""

from __future__ import annotations

import re
from collections.abc import Sequence

from transom.value import value

MASK = "*"

_FIELDS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_FIELD_ANYWHERE = rb"((?:proxy-)?authorization|(?:set-)?cookie)([ \t]*:[ \t]*)([^\n]*(?:\n[ \t][^\n]*)*)"
_FIELD = re.compile(rb"^" + _FIELD_ANYWHERE, re.IGNORECASE | re.MULTILINE)
# A message quotes a line that is no field as it should be, in the middle of its own.
_QUOTED_FIELD = re.compile(rb"\b" + _FIELD_ANYWHERE, re.IGNORECASE)
# It ends at the last @, for those who send one in a password. What has no end yet, for the bytes kept end here, may be
# userinfo as well.
_USERINFO = re.compile(rb"(?<=://)(?:[^\s/?#\"'<>]+(?=@)|[^\s/?#\"'<>@]+\Z)")
_REST_OF_LINE = re.compile(rb"[^\r\n]*")


@value
class Masking:
    """Masks, unless `include_secrets` says that whoever gets the page may have them."""

    include_secrets: bool = False

    def data(self, data: bytes, gaps: Sequence[int] = ()) -> bytes:
        """One side's bytes. At each of `gaps` some are missing: what follows may be the rest of any field."""
        if self.include_secrets:
            return data
        masked = bytearray(_USERINFO.sub(_stars, _FIELD.sub(_value_stars, data)))
        for gap in gaps:
            end = _REST_OF_LINE.match(masked, gap)
            masked[gap : end.end() if end else gap] = MASK.encode() * ((end.end() if end else gap) - gap)
        return bytes(masked)

    def text(self, text: str) -> str:
        """A target, a header's value, a message that quotes one."""
        if self.include_secrets:
            return text
        data = text.encode("utf-8", "surrogatepass")
        return _QUOTED_FIELD.sub(_value_stars, self.data(data)).decode("utf-8", "surrogatepass")

    def header(self, name: str, content: str) -> str:
        """A header's value."""
        if self.include_secrets:
            return content
        return MASK * len(content) if name.lower() in _FIELDS else self.text(content)


def _stars(found: re.Match[bytes]) -> bytes:
    return MASK.encode() * len(found[0])


def _value_stars(found: re.Match[bytes]) -> bytes:
    return found[1] + found[2] + re.sub(rb"[^\r\n]", MASK.encode(), found[3])
