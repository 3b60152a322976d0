"""What is looked through for secrets, and the clues in it: the places where the name of one may stand.

A search for a name is slow, and there are dozens of them; nearly everything that crosses has no such name in it. So the
letters of all names are looked for first, by the quickest search that there is: in a text that is nothing but letters
and digits. Only there are the forms tried.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import compress

from transom.web.model.secret_forms.marks import Marks
from transom.web.model.sensitive import CLUES, ENDINGS, KOREAN
from transom.web.model.unescaped import Unescaped, unescaped

Span = tuple[int, int]

_WORDS = Marks((
    *(b'"value', b"sec-websocket-protocol", b"machine", b"default", b"into", b"copy", b"identified", b"password"),
    *(b"basic", b"bearer", b"negotiate", b"ntlm", b"content-disposition", b"connect "),
))  # fmt: skip
"""What the forms look for, beside names."""


class Text:
    """Bytes, and where in them the names of secrets may stand, in order."""

    def __init__(self, data: bytes, clues: Sequence[Span] | None = None) -> None:
        self.data = data
        self.clues = list(clues) if clues is not None else clues_in(data, list(unescaped(data)))[0]

    def within(self, start: int, end: int) -> Text:
        """A part of it by itself."""
        inside: list[Span] = []
        for at, until in self.clues[bisect_left(self.clues, (start, start)) :]:
            if at >= end:
                break
            if until <= end:
                inside.append((at - start, until - start))
        return Text(self.data[start:end], inside)

    def has_clue(self, start: int, end: int) -> bool:
        """Whether there is one that begins in this part."""
        first = bisect_left(self.clues, (start, start))
        return first < len(self.clues) and self.clues[first][0] < end

    @cached_property
    def _words(self) -> dict[bytes, list[int]]:
        return _WORDS.places(self.data.lower())

    def places(self, *words: bytes) -> list[int]:
        """Where any of these stands, in letters of either case, in order."""
        return sorted(at for word in words for at in self._words.get(word, ()))


_LONGEST = 400
"""Bytes of a name, with all that may stand between its letters. The longest that a form takes has 256."""

_LETTERS = bytes(byte + 32 if 65 <= byte <= 90 else byte for byte in range(256))
_NO_LETTERS = bytes(byte for byte in range(256) if not (chr(byte).isalnum() and byte < 128))
_IS_LETTER = bytes(byte < 128 and chr(byte).isalnum() for byte in range(256))
_SPACED = bytes(letter if is_letter else 32 for letter, is_letter in zip(_LETTERS, _IS_LETTER, strict=True))
_LIKE_LETTERS = {"\u212a".encode(): b"k..", "\u0130".encode(): b"i."}
"""Of all characters these alone become letters of ASCII when they become small ones."""

_PARTS = Marks(clue for clue, _ in CLUES)
_KOREAN = Marks(KOREAN)


_ENDINGS = Marks((word.encode() for word in ENDINGS), rb"(?:[^a-z0-9]|\Z)")


def _in_pieces(first: str, words: Sequence[str]) -> re.Pattern[bytes]:
    """Words with the same first letter, which may have blanks between any two."""
    rests = "|".join("".join(rf" {{0,100}}{letter}" for letter in word[1:]) for word in words)
    return re.compile(rf"{first}(?<![a-z]{first})(?:{rests})(?![a-z0-9])".encode())


_IN_PIECES = [
    _in_pieces(first, [word for word in ENDINGS if word[0] == first]) for first in sorted({word[0] for word in ENDINGS})
]


def clues_in(data: bytes, passes: Sequence[Unescaped]) -> list[list[Span]]:
    """Of the bytes as they are and of what each pass undoes: each has those of all that come after it, too.

    For a name may have escapes in it, and what it says is what counts.
    """
    found = [_clues(data, 0, len(data))]
    for undone in passes:
        windows = undone.windows(_LONGEST)
        found.append([clue for start, end in windows for clue in _clues(undone.data, start, end)])
    for number in range(len(passes), 0, -1):
        clues = (passes[number - 1].place(*clue) for clue in found[number])
        found[number - 1] = sorted({*found[number - 1], *(clue for clue in clues if clue[1] - clue[0] <= _LONGEST)})
    return found


def _clues(data: bytes, start: int, end: int) -> list[Span]:
    part = data[start:end]
    if not part.isascii():
        for like, letter in _LIKE_LETTERS.items():
            part = part.replace(like, letter)
    found = [*_parts(part), *_ends(part)]
    if not part.isascii():
        found += [(at, at + len(name)) for name, places in _KOREAN.places(part).items() for at in places]
    return sorted((start + at, start + until) for at, until in found if until - at <= _LONGEST)


def _parts(data: bytes) -> Iterator[Span]:
    letters = data.translate(_LETTERS, _NO_LETTERS)
    stretch = _Stretch(data)
    places = _PARTS.places(letters)
    for clue, is_one in CLUES:
        for at in places.get(clue, ()):
            if is_one is None or is_one.match(letters, at):
                yield stretch.span(at, at + len(clue))


def _ends(data: bytes) -> Iterator[Span]:
    spaced = data.translate(_SPACED)
    for word, places in _ENDINGS.places(spaced).items():
        for at in places:
            # A word begins with a capital, or where no letter is before it; of a field's name any `key` may be the end.
            if not data[at - 1 : at].isalpha() or data[at : at + 1].isupper() or word == b"key":
                yield at, at + len(word)
    for ending in _IN_PIECES:
        yield from (found.span() for found in ending.finditer(spaced))


_BLOCK = 1024
_PLACES = tuple(range(_BLOCK))


class _Stretch:
    """Where the letters of bytes stand in them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._places: dict[int, list[int]] = {}  # of the letters of a block

    @cached_property
    def _before(self) -> list[int]:
        """How many letters there are before each block."""
        before = [0]
        for at in range(0, len(self._data), _BLOCK):
            before.append(before[-1] + len(self._data[at : at + _BLOCK].translate(None, _NO_LETTERS)))
        return before

    def span(self, first: int, end: int) -> Span:
        """From the `first` letter on to the one before `end`."""
        start = self._place(first)
        until = start + end - first
        if until <= len(self._data) and self._data[start:until].isalnum():
            return start, until
        return start, self._place(end - 1) + 1

    def _place(self, letter: int) -> int:
        block = bisect_right(self._before, letter) - 1
        places = self._places.get(block)
        if places is None:
            here = self._data[block * _BLOCK : (block + 1) * _BLOCK].translate(_IS_LETTER)
            places = self._places[block] = list(compress(_PLACES, here))
        return block * _BLOCK + places[letter - self._before[block]]
