"""Secrets taken out of bytes by the forms they are written in, wherever they stand. Lengths stay: no byte moves.

Each rule finds a name and what it names: a field line, a parameter of a query or a form, a member of JSON, a part of a
multipart body, an element or an attribute. Some are known by what they are alone: userinfo, a JWT, a private key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from transom.web.model.sensitive import names_secret_field, names_secret_parameter

MASK = b"*"

Span = tuple[int, int]
Rule = Callable[[bytes], Iterator[Span]]

_SHOWN = re.compile(rb"[^\r\n]")
_NAMING_SIGN = re.compile(rb"[=:<]|%3", re.IGNORECASE)
"""What stands between a name and its value in every one of these forms."""


def stars(data: bytes) -> bytes:
    """All of it but its line ends."""
    return _SHOWN.sub(MASK, data)


def scrub(data: bytes, *, is_form: bool = False, is_whole: bool = False) -> bytes:
    """`is_form`: it is `name=value&…` and nothing else, so a value goes on up to the next `&`, whatever is in it.

    What ends before it is over (not `is_whole`) may end in the middle of userinfo, whose @ is not there yet.
    """
    if not _NAMING_SIGN.search(data):  # most names and paths of a table of a hundred thousand rows
        return _masked(data, (_known,))
    return _masked(data, (*_RULES, *((_form,) if is_form else ()), *(() if is_whole else (_userinfo_cut,))))


def _masked(data: bytes, rules: Sequence[Rule]) -> bytes:
    masked = bytearray(data)
    for rule in rules:
        for start, end in rule(data):
            masked[start:end] = stars(data[start:end])
    return bytes(masked)


def scrub_quotation(data: bytes) -> bytes:
    """A message that quotes bytes: a line of a head may begin anywhere in it, and it may be cut short."""
    return _QUOTED_FIELD.sub(lambda found: found[1] + stars(found[2]), scrub(data))


# A value goes on in the lines that begin with a space (obs-fold, RFC 9112 §5.2), and past a CR that ends none.
_NAME = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}"
_REST = rb"[^\n]*(?:\n[ \t][^\n]*)*"
_FIELD = re.compile(rb"(?:^|(?<=\r))[ \t]*(" + _NAME + rb")[ \t]*:[ \t]*(" + _REST + rb")", re.MULTILINE)
_QUOTED_FIELD = re.compile(
    rb"((?:authorization|cookie|token|secret|password|api-?key|signature|session)[\w-]*[ \t]*:[ \t]*)(" + _REST + rb")",
    re.IGNORECASE,
)


def _fields(data: bytes) -> Iterator[Span]:
    at = 0
    while found := _FIELD.search(data, at):
        if names_secret_field(found[1]):
            yield found.span(2)
            at = max(found.end(), at + 1)
        else:
            at = max(found.end(1), at + 1)  # the value may have a CR in it, and a field behind that


# It ends at the last @, for those who send one in a password. A URL within a URL is percent-encoded.
_USERINFO = re.compile(
    rb"(?<=://)[^\s/?#\"'<>]+(?=@)|(?<=%3A%2F%2F)(?:(?!%2F|%3F|%23)[^\s/?#\"'<>&])+(?=%40)", re.IGNORECASE
)
_USERINFO_CUT = re.compile(rb"(?<=://)[^\s/?#\"'<>@]+\Z|(?<=%3A%2F%2F)[^\s/?#\"'<>&%]+\Z", re.IGNORECASE)


def _userinfo(data: bytes) -> Iterator[Span]:
    return (found.span() for found in _USERINFO.finditer(data))


def _userinfo_cut(data: bytes) -> Iterator[Span]:
    return (found.span() for found in _USERINFO_CUT.finditer(data))


_PARAMETER = re.compile(
    rb"(?<![\w.%\[\]-])([\w.%\[\]-]{1,120}?)"
    rb"(?:[ \t]*=[ \t]*(\"(?:[^\"\\]|\\.)*(?:\"|\Z)|[^&\s\"'<>]*)|%3D((?:(?!%26)[^&\s\"'<>])*))",
    re.IGNORECASE | re.DOTALL,
)


def _parameters(data: bytes) -> Iterator[Span]:
    at = 0
    while found := _PARAMETER.search(data, at):
        number = 2 if found[2] is not None else 3
        if names_secret_parameter(found[1]):
            yield found.span(number)
            at = found.end()
        else:
            at = found.start(number)  # a URL in the value has parameters of its own


_PAIR = re.compile(rb"([^&=\r\n]{1,256})=([^&]*)")


def _form(data: bytes) -> Iterator[Span]:
    return (found.span(2) for found in _PAIR.finditer(data) if names_secret_parameter(found[1]))


_MEMBER = re.compile(rb"(\\*[\"'])([^\"'\\\r\n]{1,120})\1\s*:\s*")
_SCALAR = re.compile(rb"[^,}\]\r\n]*")
_OPENING = re.compile(rb"\\*[\"']")
_BRACKET = re.compile(rb"\"(?:[^\"\\]|\\.)*(?:\"|\Z)|[\[\]{}]", re.DOTALL)


def _members(data: bytes) -> Iterator[Span]:
    at = 0
    while found := _MEMBER.search(data, at):
        at = found.end()
        if names_secret_parameter(found[2]):
            end = _value_end(data, at)
            yield at, end
            at = max(end, at)


def _value_end(data: bytes, start: int) -> int:
    """Where the value ends that begins there; with the data, where that ends first."""
    opening = _OPENING.match(data, start)
    if opening:
        mark = re.escape(opening[0])
        # A quote with one backslash more before it is none that closes this one.
        closing = re.compile(rb"(?<!\\)" + mark).search(data, opening.end())
        return closing.end() if closing else len(data)
    if data[start : start + 1] not in (b"[", b"{"):
        scalar = _SCALAR.match(data, start)
        return scalar.end() if scalar else start
    depth = 0
    for found in _BRACKET.finditer(data, start):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    return len(data)


_PART = re.compile(
    rb"content-disposition:[ \t]*form-data[^\r\n]*?\bname=\"?([^\"\r\n;]{1,120})[^\r\n]*(?:\r?\n[^\r\n]+)*\r?\n\r?\n"
    rb"(.*?)(?=\r?\n--|\Z)",
    re.IGNORECASE | re.DOTALL,
)


def _multipart(data: bytes) -> Iterator[Span]:
    return (found.span(2) for found in _PART.finditer(data) if names_secret_parameter(found[1]))


_ELEMENT = re.compile(
    rb"<(?:[\w.-]{1,64}:)?([\w.-]{1,64})(?:\s[^<>]*)?>((?:<!\[CDATA\[.*?(?:\]\]>|\Z)|[^<])+)", re.DOTALL
)
_TAG = re.compile(rb"<(?:input|meta|param|option|property|entry|add)\b[^>]*", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"([\w:-]{1,64})\s*=\s*(?:\"([^\"]*)\"?|'([^']*)'?|([^\s>\"']+))")
_NAMING = (b"name", b"id", b"type", b"key", b"property")


def _elements(data: bytes) -> Iterator[Span]:
    return (found.span(2) for found in _ELEMENT.finditer(data) if names_secret_parameter(found[1]))


def _attributes(data: bytes) -> Iterator[Span]:
    for tag in _TAG.finditer(data):
        found = list(_ATTRIBUTE.finditer(data, tag.start(), tag.end()))
        named = [one[one.lastindex or 0] for one in found if one[1].lower() in _NAMING]
        if any(names_secret_parameter(name) for name in named if name):
            for one in found:
                if one[1].lower() in (b"value", b"content"):
                    yield one.span(one.lastindex or 0)


_KNOWN = re.compile(
    rb"\b(?i:basic|bearer|negotiate|ntlm)[ \t]+(?=[a-z+/._~-]*[0-9A-Z=])([\w+/.~=-]{8,})"
    rb"|\b(eyJ[\w-]{4,}\.[\w-]{4,}\.?[\w-]*)"
    rb"|\b(gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|sk-[\w-]{20,}"
    rb"|[rs]k_(?:live|test)_\w{16,}|AIza[\w-]{30,}|(?:AKIA|ASIA)[A-Z0-9]{16})\b"
    rb"|-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(.*?)(?:-----END|\Z)",
    re.DOTALL,
)


def _known(data: bytes) -> Iterator[Span]:
    return (found.span(found.lastindex or 0) for found in _KNOWN.finditer(data))


_RULES: tuple[Rule, ...] = (
    _fields, _userinfo, _parameters, _members, _multipart, _elements, _attributes, _known,
)  # fmt: skip
