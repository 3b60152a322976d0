"""Forms of what is written to people: `your password is …`, and the flow of YAML, which is written by them.

Most sentences with such a word in them tell no secret (`the session is closed`): what is taken looks like one, or
stands in quotes, or behind a colon after `your`. Whatever it is, no more than a word of the sentence goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from transom.web.model.secret_forms.spans import Found, Naming, Span, letters_of, matched, named
from transom.web.model.secret_forms.text import Text
from transom.web.model.sensitive import names_secret, names_secret_parameter

_WORD = rb"[A-Za-z][\w'-]{0,30}"
_WORDS = rb"(?<![\w'\x80-\xff-])((?:" + _WORD + rb"[ \t]{1,3}){0,3}" + _WORD + rb")"
_TOLD = Naming(
    re.compile(
        _WORDS
        + rb"(?:[ \t]{1,3}(?:is|was|(?:has|have)[ \t]been|will[ \t]be)(?:[ \t](?:now|set|reset|changed|to|as)){0,3}"
        rb"[ \t]{0,3}:?\s{1,8}|[ \t]{0,3}:[ \t]{1,8})"
    ),
    re.compile(
        rb"[\w'-]{0,30}(?:[ \t]{1,3}[\w'-]{1,31})?(?:[ \t]{1,3}(?:is|was|has|have|will)[ \t:\r\n\f\v]|[ \t]{0,3}:[ \t])"
    ),
    letters_of(rb"[\w' \t-]"),
    b"",
    140,
    140,
)
_BEHIND = re.compile(rb"(?:<[^<>]{1,200}>\s{0,8}){0,4}([\[(\"'`*]{0,2}[^\s<>\"'`]{1,256})")
_OWN = re.compile(rb"(?:your|new|temporary|initial|following)[ \t]", re.IGNORECASE)
_MARKED = (b"[", b"(", b'"', b"'", b"`", b"*")
_SENTENCE = rb".,;:!?)]\"'`*"
_SHORTEST = 4
_LONGEST = 1400
"""Bytes of all that is told."""


def told(text: Text) -> Iterator[Span]:
    """`Your password is hunter2`, `the new PIN: 123456`, `(password: hunter2)`, `비밀번호는 hunter2 입니다`."""
    yield from _in_english(text)
    yield from _in_korean(text)


def told_cut(text: Text) -> Iterator[Span]:
    """Where what there is ends, a word may not be long enough yet to look like a secret."""
    tail = max(len(text.data) - _LONGEST, 0)
    for start, end in named(text.within(tail, len(text.data)), _TOLD, _ends_in_secret, _value):
        if tail + end == len(text.data):
            yield tail + start, tail + end


def _in_english(text: Text) -> Iterator[Span]:
    data = text.data

    def value(found: Found) -> Span:
        start, end = _value(found)
        own, text = _OWN.search(found[1]), data[start:end].strip(b"[(" + _SENTENCE)
        if not text or not (names_secret(found[1]) or (own and _is_number(text))):
            return start, start
        is_marked = data[start : start + 1] in _MARKED or data[end : end + 1] in _MARKED or start > found.end()
        is_announced = own and b":" in data[found.end(1) : found.end()]
        return (start, end) if _looks_made(text) or is_marked or is_announced else (start, start)

    return named(text, _TOLD, _ends_in_secret, value)


def _value(found: Found) -> Span:
    """The word behind it, in whatever elements or marks."""
    start, end = matched(_BEHIND, found.string, found.end())
    return start, start + len(found.string[start:end].rstrip(b",;}"))


def _ends_in_secret(words: bytes) -> bool:
    """Whether what it is said of, the last of these words, or the last two, is one: not `the token of the server`."""
    last = words.split()[-2:]
    return names_secret_parameter(last[-1]) or names_secret(b"".join(last))


def _looks_made(text: bytes) -> bool:
    """Whether it is no word that is in a dictionary."""
    return len(text) >= _SHORTEST and (not text.isalpha() or not (text.islower() or text.isupper() or text.istitle()))


def _is_number(text: bytes) -> bool:
    return len(text) >= _SHORTEST and any(48 <= byte < 58 for byte in text)


_KOREAN = re.compile(
    "(비밀번호|패스워드|인증번호|인증코드|비밀키|토큰)(?:는|은|가|이|를|을)?[ \t]{0,4}(?::|：)?[ \t]{0,4}"
    "(?:\\[|\\(|'|\"|「)?(?=[!-~]{4})".encode()
)
_KOREAN_SIGN = "비밀번호|패스워드|인증번호|인증코드|비밀키|토큰".encode().split(b"|")
_GRAPHIC = re.compile(rb"[!#-&*-;=?-Z\\^-~]{4,256}")


def _in_korean(text: Text) -> Iterator[Span]:
    data = text.data
    if data.isascii() or not any(name in data for name in _KOREAN_SIGN):
        return
    for found in _KOREAN.finditer(data):
        start, end = matched(_GRAPHIC, data, found.end())
        if _is_number(data[start:end]):
            yield start, end


_FLOW = Naming(
    re.compile(rb"(?<=[{,])\s{0,64}([A-Za-z_\x80-\xff][\w.\x80-\xff-]{0,79})[ \t]{0,64}:[ \t]{1,64}(?=[^\s\"'`{\[,}])"),
    re.compile(rb"[\w.\x80-\xff-]{0,79}[ \t]{0,64}:[ \t]"),
    letters_of(rb"[\w.\x80-\xff-]"),
    letters_of(rb"\s"),
    150,
    220,
)
_SCALAR = re.compile(rb"[^,}\]\r\n]*")


def flow(text: Text) -> Iterator[Span]:
    """`{user: me, password: hunter2}`, a mapping of YAML without quotes (YAML 1.2 §7.4.2)."""
    if b"{" not in text.data:
        return iter(())
    return named(text, _FLOW, names_secret, lambda found: matched(_SCALAR, text.data, found.end()))
