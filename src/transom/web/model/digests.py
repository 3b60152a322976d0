"""Which digests a page may tell: a digest gives away what is masked, if that is short enough to be guessed.

Whoever has a body but for some stars tries what may stand there until its SHA-256 is the one that is told. So the
digest of a body is told only if nothing in all of it is masked, which is looked for while it is read (decision 27).
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from secrets import token_bytes

from transom.dissect.exchanges import Exchange
from transom.dissect.telling import Looking
from transom.dissect.timeline import WhyWithheld, Withheld
from transom.http.messages import Headers
from transom.tls.observed.held import HeldBytes
from transom.web.model.looked import View
from transom.web.model.looked_through import (
    MOST_OF_OTHER,
    MOST_OF_TEXT,
    TELLING,
    has_secret,
    is_text,
    why_withheld,
)
from transom.web.model.mask import Masking
from transom.wire.tap import Buffer, Side

MOST_IN_ALL = 32 * 1024 * 1024
"""Bytes that one pass over a capture looks through: some seconds."""

_LEAST = 4 * 1024
"""A body counts as so many at least: to look at a small one takes time as well."""

_HELD = 16 * 1024 * 1024
"""Bytes of bodies that have not ended yet."""


def judged(lookings: Mapping[View, Looking], masking: Masking) -> dict[View, Looking]:
    """For one pass: of each body all is looked through, as far as there is room."""
    judges = None if masking.include_secrets else Judges()
    return {view: replace(looking, judges=judges.judge_of if judges else None) for view, looking in lookings.items()}


def unjudged(lookings: Mapping[View, Looking], masking: Masking) -> dict[View, Looking]:
    """Of conversations by the thousand, of which nothing but a row is kept: no digest is told."""
    judges = None if masking.include_secrets else _leave_unseen
    return {view: replace(looking, judges=judges) for view, looking in lookings.items()}


class Judges:
    """Those of one pass, with what they hold and look through together. Views that read the same ask once."""

    def __init__(self) -> None:
        self.held = HeldBytes(_HELD)
        self._room = MOST_IN_ALL
        self._known: OrderedDict[tuple[str | None, ...], bool] = OrderedDict()

    def judge_of(self, side: Side, exchange: Exchange) -> Judge:
        """A `dissect.telling.DigestJudges`."""
        head = exchange.request if side is Side.CLIENT else exchange.response
        is_tunnel = exchange.request is not None and exchange.request.method == "CONNECT"
        return Judge(self, head.headers if head and not is_tunnel else None)

    def has_secret(self, data: bytes, headers: Headers, sha256: str) -> bool | None:
        """Whether `data`, which is all of a body or as much of it as counts, has one. None: there is no more room."""
        key = (sha256, *(headers.get(name) for name in ("Content-Type", *_HIDING)))
        if key in self._known:
            return self._known[key]
        self._room -= max(len(data), _LEAST)
        if self._room < 0:
            return None
        found = self._known[key] = has_secret(data, headers)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return found


_HIDING = ("Content-Encoding", "Transfer-Encoding", "Content-Range")
_MOST_KNOWN = 256


class Judge:
    """A `dissect.telling.DigestJudge`. Without `headers` nobody knows what the body is."""

    def __init__(self, judges: Judges, headers: Headers | None) -> None:
        self._judges = judges
        self._headers = headers
        self._data = bytearray()
        self._most: int | None = None
        self._is_longer = False
        self._let_go = False

    def write(self, data: Buffer) -> None:
        if self._is_longer or self._let_go or self._headers is None:
            return
        most = self._most or MOST_OF_TEXT
        self._is_longer = len(data) > most - len(self._data)
        self._data += data[: most - len(self._data)]
        if self._most is None and len(self._data) >= TELLING:
            self._most = MOST_OF_TEXT if is_text(self._data) else MOST_OF_OTHER
            self._is_longer |= len(self._data) > self._most
            del self._data[self._most :]
        self._judges.held.holds(self, len(self._data))

    def judge(self, sha256: str) -> Withheld | None:
        why = self._why(sha256)
        self.forget()
        return None if why is None else Withheld(why, same_as(sha256))

    def forget(self) -> None:
        self._judges.held.holds(self, 0)
        self._data = bytearray()

    def let_go(self) -> None:
        """Of `HeldBytes`: others hold too much as well."""
        self._let_go = True
        self._data = bytearray()

    def _why(self, sha256: str) -> WhyWithheld | None:
        headers, data = self._headers, bytes(self._data)
        if headers is None:
            return "masked"
        if self._let_go:
            return "unseen"
        return why_withheld(
            data, headers, is_all=not self._is_longer, look=lambda: self._judges.has_secret(data, headers, sha256)
        )


class _Unseen:
    """Looks at nothing."""

    def write(self, data: Buffer) -> None:
        pass

    def judge(self, sha256: str) -> Withheld:
        return Withheld("unseen", same_as(sha256))

    def forget(self) -> None:
        pass


def _leave_unseen(_side: Side, _exchange: Exchange) -> _Unseen:
    return _Unseen()


def same_as(sha256: str) -> str:
    """What stands for a digest that is not told. Without the key, which is this process's alone, it says nothing."""
    return hmac.digest(_key(), sha256.encode(), "sha256")[:8].hex()


@cache
def _key() -> bytes:
    return token_bytes(32)
