"""Forms of a URL: userinfo, parameters, parts of a path; and of what is sent like a query."""

from __future__ import annotations

import re
from collections.abc import Iterator

from transom.web.model.secret_forms.spans import Found, Naming, Span, letters_of, matched, named
from transom.web.model.secret_forms.text import Text
from transom.web.model.sensitive import leads_to_secret, looks_drawn, names_secret, names_secret_parameter

# It ends at the last @, for those who send one in a password. Before an authority by itself, as CONNECT has it, stands
# no scheme.
_USERINFO = re.compile(rb"//([^\s/?#\"'<>]{1,8192})(?=@)")
_BARE = rb"[^\s/?#@:=\"'<>]{1,8192}:[^\s/?#\"'<>]{0,8192}(?=@)"
_BARE_USERINFO = re.compile(_BARE)
_CONNECT = re.compile(rb"^CONNECT (" + _BARE + rb")", re.IGNORECASE | re.MULTILINE)
_LONGEST_USERINFO = 8192
_USERINFO_CUT = re.compile(rb"://([^\s/?#\"'<>@]{1,%d}\Z)" % _LONGEST_USERINFO)


def userinfo(text: Text) -> Iterator[Span]:
    """`//user:secret@host`."""
    data = text.data
    if b"@" not in data:
        return
    yield from (found.span(1) for found in _USERINFO.finditer(data))
    if bare := _BARE_USERINFO.match(data):
        yield bare.span()
    yield from (found.span(1) for at in text.places(b"connect ") if (found := _CONNECT.match(data, at)))


def userinfo_cut(text: Text) -> Iterator[Span]:
    """Where what there is ends, its @ may not be there yet."""
    return (
        found.span(1) for found in _USERINFO_CUT.finditer(text.data, max(len(text.data) - _LONGEST_USERINFO - 3, 0))
    )


_NAME = rb"(?<![\w.%+\[\]-])([\w.%+\[\]\x80-\xff-]{1,120}?)"
_PARAMETER = Naming(
    re.compile(_NAME + rb"[ \t]{0,64}=(?![=>])[ \t]*"),
    re.compile(rb"[\w.%+\[\]\x80-\xff-]{0,120}[ \t]{0,64}=(?![=>])"),
    letters_of(rb"[\w.%+\[\]\x80-\xff-]"),
    b"",
    125,
    190,
)
_VALUE = re.compile(rb"\"(?:[^\"\\]|\\.)*\\?(?:\"|\Z)|'(?:[^'\\]|\\.)*\\?(?:'|\Z)|[^&\s\"'<>]*", re.DOTALL)


def parameters(text: Text) -> Iterator[Span]:
    """`name=value`, of a query, a fragment, a path, an attribute, a command, or in quotes."""
    data = text.data

    def value(found: Found) -> Span:
        start, end = matched(_VALUE, data, found.end())
        is_quoted = data[start : start + 1] in (b'"', b"'")
        is_word = is_quoted and not names_secret(found[1]) and not looks_drawn(data[start:end], _LEAST_DRAWN)
        return (start, start) if is_word else (start, end)

    return named(text, _PARAMETER, names_secret_parameter, value)


_ASSIGNED = Naming(
    re.compile(rb"(?<=[?&#])([\w.%+\[\]-]{1,120}?)=|" + _NAME + rb"[ \t]{0,64}=[ \t]{0,64}(?=[\"'`])"),
    re.compile(rb"[\w.%+\[\]\x80-\xff-]{0,120}[ \t]{0,64}="),
    letters_of(rb"[\w.%+\[\]\x80-\xff-]"),
    b"",
    125,
    260,
)


def parameters_of_code(text: Text) -> Iterator[Span]:
    """The same in JavaScript and style sheets, where what is assigned without quotes is no value but more code."""
    return named(text, _ASSIGNED, names_secret_parameter, lambda found: matched(_VALUE, text.data, found.end()))


_LONGEST_NAME = 256
_SIGN = re.compile(rb"(?<=[^&=\r\n])=")
_END_OF_NAME = re.compile(rb"[=\r\n]")


def form(text: Text) -> Iterator[Span]:
    """`name=value&…` and nothing else, so that a value goes on up to the next `&`, whatever is in it."""
    data, at = text.data, 0
    for clue, _ in text.clues:
        if clue < at:
            continue
        start = max(data.rfind(b"&", at, clue) + 1, at)
        at = end if (end := data.find(b"&", clue)) >= 0 else len(data)
        sign = _SIGN.search(data, start + 1, at)
        if sign and sign.start() > clue:
            name = _END_OF_NAME.split(data[max(start, sign.start() - _LONGEST_NAME) : sign.start()])[-1]
            if names_secret_parameter(name):
                yield sign.end(), at


_SEGMENT = re.compile(rb"(?<=/)[\w.~%+\x80-\xff-]{1,64}(?=/)")
_OF_SEGMENT = letters_of(rb"[\w.~%+\x80-\xff-]")
_LONGEST_SEGMENT = 64
_BEHIND = re.compile(rb"/([^/?#\s\"'<>&]{1,1024})(?:/([^/?#\s\"'<>&]{1,1024}))?")
_LEAST_DRAWN = 8
_LONGEST_TAIL = 2200


def paths(text: Text) -> Iterator[Span]:
    """`/reset/4f2a…`: what stands behind such a part, once or twice, and looks as if it were drawn at random."""
    data, at = text.data, 0
    for clue, _ in text.clues:
        before = data[max(clue - _LONGEST_SEGMENT, at) : clue]
        start = clue - len(before) + len(before.rstrip(_OF_SEGMENT))
        found = _SEGMENT.match(data, start) if clue >= at else None
        if not found:
            continue
        at = found.end()
        if leads_to_secret(found[0]) and (behind := _BEHIND.match(data, found.end())):
            for number in (1, 2):
                if behind[number] is not None and looks_drawn(behind[number], _LEAST_DRAWN):
                    yield behind.span(number)


_PATH_CUT = re.compile(rb"(?<=/)([\w.~%+\x80-\xff-]{1,64})(?:/[^/?#\s\"'<>&]{0,1024})?/([^/?#\s\"'<>&]{1,1024})\Z")


def path_cut(text: Text) -> Iterator[Span]:
    """Where what there is ends, it may not be long enough yet to look so."""
    data = text.data
    tail = len(data[-_LONGEST_TAIL:])
    for found in _PATH_CUT.finditer(data, len(data) - tail):
        if leads_to_secret(found[1]):
            yield found.span(2)
