"""Many words looked for at once, in a time that is nearly that of looking for one letter."""

from __future__ import annotations

import re
from collections.abc import Iterable

_RARE = b"qzjxkvwybgfpmhudlcrsnioate"
"""The letters of English, rare ones first; what is none of these, a capital say, is rarer than any."""


Placed = tuple[bytes, int]
"""A word, and where in it the byte is by which it is looked for."""


class Marks:
    """Each word is looked for by its rarest byte, which costs little, and several with the same one in one search.

    Behind each `behind` has to match.
    """

    def __init__(self, words: Iterable[bytes], behind: bytes = b"") -> None:
        groups: list[list[Placed]] = []
        for word in words:
            at = min(range(len(word)), key=lambda at: _RARE.find(word[at]))
            fits = (one for one in groups if one[0][0][one[0][1]] == word[at] and not _may_meet((word, at), one))
            if group := next(fits, None):
                group.append((word, at))
            else:
                groups.append([(word, at)])
        self._searches = [(_pattern(group, behind), group) for group in groups]

    def places(self, data: bytes) -> dict[bytes, list[int]]:
        """Where each word stands that is there, in order."""
        found: dict[bytes, list[int]] = {}
        for search, group in self._searches:
            for one in search.finditer(data):
                word, before = group[(one.lastindex or 1) - 1]
                found.setdefault(word, []).append(one.start() - before)
        return found


def _may_meet(placed: Placed, group: list[Placed]) -> bool:
    """Whether another may be there at once, so that one search would find but one of them."""
    word, at = placed
    for other, its in group:
        first, last = -min(at, its), min(len(word) - at, len(other) - its)
        if word[at + first : at + last] == other[its + first : its + last]:
            return True
    return False


def _pattern(group: list[Placed], behind: bytes) -> re.Pattern[bytes]:
    """With an empty group for each word. Most of what is not there is told by the byte before or behind alone."""
    byte = re.escape(group[0][0][group[0][1] :][:1])
    before = {word[at - 1 : at] for word, at in group}
    after = {word[at + 1 : at + 2] for word, at in group}
    quick = b"" if b"" in after else b"(?=[%s])" % re.escape(b"".join(sorted(after)))
    quick += b"" if b"" in before else b"(?<=[%s]%s)" % (re.escape(b"".join(sorted(before))), byte)
    each = [b"(?<=%s)(?=%s%s)()" % (re.escape(word[: at + 1]), re.escape(word[at + 1 :]), behind) for word, at in group]
    return re.compile(byte + quick + b"(?:%s)" % b"|".join(each))
