"""What is taken out of a page before it is handed on: secrets. Lengths stay, so that every offset stays true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from transom.http.messages import Headers
from transom.value import value
from transom.web.model.digest_fields import mask_digests
from transom.web.model.said import Piece, mask_body, mask_said
from transom.web.model.scrub import scrub, scrub_quotation
from transom.wire.tap import Side

MASK = "*"


@value
class Masking:
    """Masks, unless `include_secrets` says that whoever gets the page may have them."""

    include_secrets: bool = False

    def said(
        self, pieces: Sequence[Piece], tls_from: Mapping[Side, int] | None = None, sides: Iterable[Side] = Side
    ) -> dict[Side, bytes]:
        """What each of `sides` said; `tls_from` is where it began to speak TLS."""
        if not self.include_secrets:
            return mask_said(pieces, tls_from, sides)
        return {side: b"".join(piece.data for piece in pieces if piece.side is side) for side in sides}

    def body(self, data: bytes, headers: Headers) -> bytes:
        """The first of a body, with its framing taken off."""
        return data if self.include_secrets else mask_body(data, headers)

    def text(self, text: str) -> str:
        """A target, a name, a header's value: all of it."""
        if self.include_secrets:
            return text
        return _scrubbed(text) if len(text) <= _SHORT else _scrubbed.__wrapped__(text)

    def quotation(self, text: str) -> str:
        """A message that quotes what a peer said."""
        if self.include_secrets:
            return text
        return scrub_quotation(_encoded(text)).decode("utf-8", "surrogatepass")

    def authority(self, authority: str) -> str:
        """`[userinfo@]host[:port]` by itself, which no scheme stands before."""
        userinfo, at, host = authority.rpartition("@")
        return authority if self.include_secrets else MASK * len(userinfo) + at + host

    def header(self, name: str, content: str, *, tells_digests: bool = False) -> str:
        """A header's value; it may be a digest if `tells_digests` says that nothing in what that is of is masked."""
        if self.include_secrets:
            return content
        field = scrub(_encoded(f"{name}:{content}"), is_whole=True)
        if not tells_digests:
            field = mask_digests(field)
        return field.decode("utf-8", "surrogatepass")[len(name) + 1 :]


_SHORT = 1024
"""Characters: what is asked for again, a row's path, its name, a step's target, has no more."""


@lru_cache(maxsize=1024)
def _scrubbed(text: str) -> str:
    return scrub(_encoded(text), is_whole=True).decode("utf-8", "surrogatepass")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
