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
_NAMING_SIGN = re.compile(rb"[=:<@]|%3", re.IGNORECASE)
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
# Here and below the name alone is looked for, and what it names only when it is one: else the values, each of which may
# reach to the end, would be gone through for every name that is none.
_FIELD = re.compile(rb"(?:^|(?<=\r))[ \t]*(?:-[ \t]+)?(" + _NAME + rb")[ \t]*:[ \t]*", re.MULTILINE)
_FIELD_VALUE = re.compile(_REST)
_QUOTED_FIELD = re.compile(
    rb"((?:authorization|cookie|token|secret|password|api-?key|signature|session)[\w-]*[ \t]*:[ \t]*)(" + _REST + rb")",
    re.IGNORECASE,
)


def _fields(data: bytes) -> Iterator[Span]:
    return _named(data, _FIELD, names_secret_field, lambda found: _span(_FIELD_VALUE, data, found.end()))


def _named(
    data: bytes,
    naming: re.Pattern[bytes],
    names_secret: Callable[[bytes], bool],
    value: Callable[[re.Match[bytes]], Span | None],
) -> Iterator[Span]:
    """Each value with such a name, the name's pattern having it as the last group; None: there is no more."""
    at = 0
    while found := naming.search(data, at):
        at = found.end()
        if names_secret(found[found.lastindex or 0]):
            span = value(found)
            if span is None:
                return
            yield span
            at = max(at, span[1])


def _span(pattern: re.Pattern[bytes], data: bytes, at: int) -> Span | None:
    """What matches from there on."""
    found = pattern.match(data, at)
    return found.span(found.lastindex or 0) if found else None


# It ends at the last @, for those who send one in a password. A URL within a URL is percent-encoded; before an
# authority by itself, as CONNECT has it, stands no scheme.
_USERINFO = re.compile(
    rb"(?<=//)[^\s/?#\"'<>]+(?=@)|(?:\A|(?<=^CONNECT ))[^\s/?#@:=\"'<>]+:[^\s/?#\"'<>]*(?=@)"
    rb"|(?<=%3A%2F%2F)(?:(?!%2F|%3F|%23)[^\s/?#\"'<>&])+(?=%40)",
    re.IGNORECASE | re.MULTILINE,
)
_USERINFO_CUT = re.compile(rb"(?<=://)[^\s/?#\"'<>@]+\Z|(?<=%3A%2F%2F)[^\s/?#\"'<>&%]+\Z", re.IGNORECASE)


def _userinfo(data: bytes) -> Iterator[Span]:
    return (found.span() for found in _USERINFO.finditer(data))


def _userinfo_cut(data: bytes) -> Iterator[Span]:
    return (found.span() for found in _USERINFO_CUT.finditer(data))


_PARAMETER = re.compile(rb"(?<![\w.%\[\]-])([\w.%\[\]-]{1,120}?)(?:[ \t]*=[ \t]*|%3D)", re.IGNORECASE)
_VALUE = re.compile(rb"\"(?:[^\"\\]|\\.)*(?:\"|\Z)|'(?:[^'\\]|\\.)*(?:'|\Z)|[^&\s\"'<>]*", re.DOTALL)
_ENCODED_VALUE = re.compile(rb"(?:(?!%26)[^&\s\"'<>])*", re.IGNORECASE)


def _parameters(data: bytes) -> Iterator[Span]:
    def value(found: re.Match[bytes]) -> Span | None:
        return _span(_ENCODED_VALUE if found[0][-3:].upper() == b"%3D" else _VALUE, data, found.end())

    return _named(data, _PARAMETER, names_secret_parameter, value)


_PAIR = re.compile(rb"([^&=\r\n]{1,256})=([^&]*)")


def _form(data: bytes) -> Iterator[Span]:
    return (found.span(2) for found in _PAIR.finditer(data) if names_secret_parameter(found[1]))


# With its name in quotes; or without, as in GraphQL and JavaScript, before a text in quotes.
_MEMBER = re.compile(
    rb"(\\*[\"'])([^\"'\\\r\n]{1,120})\1\s*:\s*|(?<![\w\"'\\-])([A-Za-z_$][\w$-]{0,79})\s*:\s*(?=\\*[\"'`])"
)
_SCALAR = re.compile(rb"[^,}\]\r\n]*")
_OPENING = re.compile(rb"\\*[\"'`]")
_BRACKET = re.compile(rb"\"(?:[^\"\\]|\\.)*(?:\"|\Z)|[\[\]{}]", re.DOTALL)


def _members(data: bytes) -> Iterator[Span]:
    return _named(data, _MEMBER, names_secret_parameter, lambda found: (found.end(), _value_end(data, found.end())))


# A member that is named by another, as in HAR and in the environment of a container.
_NAMED_MEMBER = re.compile(rb"(\\*\")(?:name|key)\1\s*:\s*\1([^\"\\\r\n]{1,120})\1\s*,\s*(?=\1value\1)", re.IGNORECASE)
_NAMED_VALUE = re.compile(rb"\\*\"value\\*\"\s*:\s*", re.IGNORECASE)


def _named_members(data: bytes) -> Iterator[Span]:
    def value(found: re.Match[bytes]) -> Span | None:
        naming = _NAMED_VALUE.match(data, found.end())
        return (naming.end(), _value_end(data, naming.end())) if naming else None

    return _named(data, _NAMED_MEMBER, names_secret_parameter, value)


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


_ENCODED_MEMBER = re.compile(
    rb"%22((?:(?!%22)[^&\s]){1,120})%22(?:%20|\+)*%3A(?:%20|\+)*%22((?:%5C%22|(?!%22)[^&\s])*)", re.IGNORECASE
)


def _encoded_members(data: bytes) -> Iterator[Span]:
    """JSON in a query or a form."""
    return (found.span(2) for found in _ENCODED_MEMBER.finditer(data) if names_secret_parameter(found[1]))


_PART = re.compile(rb"content-disposition:[ \t]*form-data[^\r\n]*?\bname=\"?([^\"\r\n;]{1,120})", re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\n\r?\n")
_BOUNDARY = re.compile(rb"\r?\n--|\Z")


def _multipart(data: bytes) -> Iterator[Span]:
    def value(found: re.Match[bytes]) -> Span | None:
        head = _BLANK_LINE.search(data, found.end())
        end = _BOUNDARY.search(data, head.end()) if head else None
        return (head.end(), end.start()) if head and end else None

    return _named(data, _PART, names_secret_parameter, value)


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
    rb"|-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(.*?)(?:-----END|\Z)",
    re.DOTALL,
)


def _known(data: bytes) -> Iterator[Span]:
    return (found.span(found.lastindex or 0) for found in _KNOWN.finditer(data))


_RULES: tuple[Rule, ...] = (
    _fields, _userinfo, _parameters, _members, _named_members, _encoded_members, _multipart, _elements, _attributes,
    _known,
)  # fmt: skip
