"""Forms of a URL: userinfo, parameters, parts of a path; and of what is sent like a query."""

from __future__ import annotations

import re
from collections.abc import Iterator

from transom.web.model.secret_forms.spans import Found, Sign, Span, matched, named
from transom.web.model.sensitive import leads_to_secret, looks_drawn, names_secret, names_secret_parameter

# It ends at the last @, for those who send one in a password. Before an authority by itself, as CONNECT has it, stands
# no scheme.
_USERINFO = re.compile(rb"//([^\s/?#\"'<>]{1,8192})(?=@)")
_BARE = rb"[^\s/?#@:=\"'<>]{1,8192}:[^\s/?#\"'<>]{0,8192}(?=@)"
_BARE_USERINFO = re.compile(_BARE)
_CONNECT = re.compile(rb"^CONNECT (" + _BARE + rb")", re.IGNORECASE | re.MULTILINE)
_LONGEST_USERINFO = 8192
_USERINFO_CUT = re.compile(rb"(?<=://)[^\s/?#\"'<>@]{1,%d}\Z" % _LONGEST_USERINFO)


def userinfo(data: bytes) -> Iterator[Span]:
    """`//user:secret@host`."""
    if b"@" not in data:
        return
    yield from (found.span(1) for found in _USERINFO.finditer(data))
    if bare := _BARE_USERINFO.match(data):
        yield bare.span()
    if b"connect " in data.lower():
        yield from (found.span(1) for found in _CONNECT.finditer(data))


def userinfo_cut(data: bytes) -> Iterator[Span]:
    """Where what there is ends, its @ may not be there yet."""
    return (found.span() for found in _USERINFO_CUT.finditer(data, max(len(data) - _LONGEST_USERINFO, 0)))


_NAME = rb"(?<![\w.%+\[\]-])([\w.%+\[\]\x80-\xff-]{1,120}?)"
_PARAMETER = re.compile(_NAME + rb"[ \t]{0,64}=(?![=>])[ \t]*")
_PARAMETER_SIGN = Sign(re.compile(rb"="), 190, 1)
_VALUE = re.compile(rb"\"(?:[^\"\\]|\\.)*\\?(?:\"|\Z)|'(?:[^'\\]|\\.)*\\?(?:'|\Z)|[^&\s\"'<>]*", re.DOTALL)


def parameters(data: bytes) -> Iterator[Span]:
    """`name=value`, of a query, a fragment, a path, an attribute, a command, or in quotes."""

    def value(found: Found) -> Span:
        start, end = matched(_VALUE, data, found.end())
        is_quoted = data[start : start + 1] in (b'"', b"'")
        is_word = is_quoted and not names_secret(found[1]) and not looks_drawn(data[start:end], _LEAST_DRAWN)
        return (start, start) if is_word else (start, end)

    return named(data, _PARAMETER, names_secret_parameter, value, _PARAMETER_SIGN)


_ASSIGNED = re.compile(rb"(?<=[?&#])([\w.%+\[\]-]{1,120}?)=|" + _NAME + rb"[ \t]{0,64}=[ \t]{0,64}(?=[\"'`])")


def parameters_of_code(data: bytes) -> Iterator[Span]:
    """The same in JavaScript and style sheets, where what is assigned without quotes is no value but more code."""
    return named(data, _ASSIGNED, names_secret_parameter, lambda found: matched(_VALUE, data, found.end()))


_PAIR = re.compile(rb"([^&=\r\n]{1,256})=([^&]*)")


def form(data: bytes) -> Iterator[Span]:
    """`name=value&…` and nothing else, so that a value goes on up to the next `&`, whatever is in it."""
    return (found.span(2) for found in _PAIR.finditer(data) if names_secret_parameter(found[1]))


_SEGMENT = re.compile(rb"(?<=/)([\w.~%+\x80-\xff-]{1,64})(?=/)")
_BEHIND = re.compile(rb"/([^/?#\s\"'<>&]{1,1024})(?:/([^/?#\s\"'<>&]{1,1024}))?")
_LEAST_DRAWN = 8
_LONGEST_TAIL = 2200


def paths(data: bytes) -> Iterator[Span]:
    """`/reset/4f2a…`: what stands behind such a part, once or twice, and looks as if it were drawn at random."""
    for found in _SEGMENT.finditer(data):
        if leads_to_secret(found[1]) and (behind := _BEHIND.match(data, found.end())):
            for number in (1, 2):
                if behind[number] is not None and looks_drawn(behind[number], _LEAST_DRAWN):
                    yield behind.span(number)


_PATH_CUT = re.compile(rb"(?<=/)([\w.~%+\x80-\xff-]{1,64})(?:/[^/?#\s\"'<>&]{0,1024})?/([^/?#\s\"'<>&]{1,1024})\Z")


def path_cut(data: bytes) -> Iterator[Span]:
    """Where what there is ends, it may not be long enough yet to look so."""
    tail = len(data[-_LONGEST_TAIL:])
    for found in _PATH_CUT.finditer(data, len(data) - tail):
        if leads_to_secret(found[1]):
            yield found.span(2)
