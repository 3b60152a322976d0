"""Forms of data: members of JSON and of what is written like it, pairs, parts of a multipart body."""

from __future__ import annotations

import re
from collections.abc import Iterator

from transom.web.model.secret_forms.spans import Found, Naming, Span, letters_of, named
from transom.web.model.secret_forms.text import Text
from transom.web.model.sensitive import looks_drawn, may_name_secret, names_secret, names_secret_parameter

# With its name in quotes; or without, as in GraphQL and JavaScript, before a text in quotes.
_MEMBER = Naming(
    re.compile(
        rb"((?<!\\)\\{0,15}[\"'])([^\"'\r\n]{1,120}?)\1\]?\s{0,64}(?::|=>?)\s*"
        rb"|(?<![\w\"'\\-])([A-Za-z_$\x80-\xff][\w$\x80-\xff-]{0,79})\s{0,64}(?::|=>)\s{0,64}(?=\\{0,15}[\"'`])"
    ),
    re.compile(rb"[^\"'\r\n]{0,120}[\"']\]?\s{0,64}[:=]|[\w$\x80-\xff-]{0,79}\s{0,64}(?::|=>)\s{0,64}\\{0,15}[\"'`]"),
    letters_of(rb"[^\"'\r\n]"),
    b"\\\"'",
    140,
    280,
)
_SCALAR = re.compile(rb"[^,}\]\r\n]*")
_NO_VALUE = re.compile(rb"(?:true|false|null)\s*(?=[,}\]\r\n]|\Z)")
_OPENING = re.compile(rb"\\{0,15}[\"'`]")
_BRACKET = re.compile(rb"\"(?:[^\"\\]|\\.)*\\?(?:\"|\Z)|[\[\]{}]", re.DOTALL)
_SHORTEST_CODE = 4


def members(text: Text) -> Iterator[Span]:
    """`"name": value` of JSON, YAML, JavaScript, PHP; in a text that is quoted itself, too."""
    data = text.data

    def value(found: Found) -> Span:
        start, name = found.end(), found[found.lastindex or 0]
        is_ambiguous = may_name_secret(name) and not names_secret(name)
        if _NO_VALUE.match(data, start) or (is_ambiguous and data[start : start + 1] in (b"[", b"{")):
            return start, start
        end = value_end(data, start)
        is_word = is_ambiguous and not looks_drawn(data[start:end].strip(b"\\\"'` \t"), _SHORTEST_CODE)
        return (start, start) if is_word else (start, end)

    return named(text, _MEMBER, names_secret_parameter, value)


def value_end(data: bytes, start: int) -> int:
    """Where the value ends that begins there; with the data, where that ends first."""
    opening = _OPENING.match(data, start)
    if opening:
        end = data.find(opening[0], opening.end())
        # A quote with one backslash more before it is none that closes this one.
        while data[end - 1 : end] == b"\\" and end >= 0:
            end = data.find(opening[0], end + 1)
        return end + len(opening[0]) if end >= 0 else len(data)
    if data[start : start + 1] not in (b"[", b"{"):
        scalar = _SCALAR.match(data, start)
        return scalar.end() if scalar else start
    depth = 0
    for found in _BRACKET.finditer(data, start):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    return len(data)


# As in HAR and in the environment of a container.
_NAME_FIRST = Naming(
    re.compile(
        rb"((?<!\\)\\{0,15}\")(?:name|key)\1\s{0,64}:\s{0,64}\1([^\"\\\r\n]{1,120})"
        rb"\1\s{0,64},\s{0,64}\1value\1\s{0,64}:\s{0,64}",
        re.IGNORECASE,
    ),
    re.compile(rb"[^\"\\\r\n]{0,120}\\{0,15}\"\s{0,64},\s{0,64}\\{0,15}\"value", re.IGNORECASE),
    letters_of(rb"[^\"\\\r\n]"),
    letters_of(rb"[\\\":\sA-Za-z]"),
    310,
    450,
)
_VALUE_FIRST = re.compile(rb"((?<!\\)\\{0,15}\")value\1\s{0,64}:\s{0,64}(?=\1)", re.IGNORECASE)
_MOST_BACKSLASHES = 15
_ITS_NAME = re.compile(
    rb"\s{0,64}(?:\Z|,\s{0,64}\\{0,15}\"(?:name|key)\\{0,15}\"\s{0,64}:\s{0,64}\\{0,15}\"([^\"\\\r\n]{1,120}))",
    re.IGNORECASE,
)


def named_members(text: Text) -> Iterator[Span]:
    """`"name": "password", "value": …`: a member that is named by another, before or behind it."""
    data = text.data
    yield from named(text, _NAME_FIRST, names_secret, lambda found: (found.end(), value_end(data, found.end())))
    at = 0
    for quote in text.places(b'"value'):
        escaped = data[max(quote - _MOST_BACKSLASHES, 0) : quote]
        start = quote - len(escaped) + len(escaped.rstrip(b"\\"))
        if start < at or not (found := _VALUE_FIRST.match(data, start)):
            continue
        at = value_end(data, found.end())
        name = _ITS_NAME.match(data, at)
        if name and (name[1] is None or names_secret(name[1])):  # where the data ends, it is not told any more
            yield found.end(), at


_FIRST_OF_PAIR = Naming(
    re.compile(
        rb"(?<=[\[(,\s])b?(?P<mark>(?<!\\)\\{0,15}[\"'])([^\"'\\\r\n]{1,80})(?P=mark)\s{0,64},\s{0,64}b?(?=\\{0,15}[\"'])"
    ),
    re.compile(rb"[^\"'\\\r\n]{0,80}\\{0,15}[\"']\s{0,64},\s{0,64}b?\\{0,15}[\"']"),
    letters_of(rb"[^\"'\\\r\n]"),
    b"\\\"'b",
    100,
    260,
)
_AFTER_PAIR = re.compile(rb"\s{0,64}[\])]|\Z")
_LIKE_A_NAME = re.compile(rb"[A-Za-z_ -]*")


def pairs(text: Text) -> Iterator[Span]:
    """`["password", "secret"]`, `setItem("token", "secret")`, or one after the other in a list.

    A list of names has a name for the second too.
    """
    data = text.data

    def value(found: Found) -> Span:
        start, end = found.end(), value_end(data, found.end())
        content = data[start:end].strip(b"\\\"'")
        is_pair = data[found.start() - 1 : found.start()] in (b"[", b"(") and _AFTER_PAIR.match(data, end)
        is_name = names_secret_parameter(content[:80]) if is_pair else _LIKE_A_NAME.fullmatch(content)
        return (start, start) if is_name else (start, end)

    return named(text, _FIRST_OF_PAIR, names_secret, value)


_PRIVATE_PART = re.compile(rb"\"(?:d|p|q|dp|dq|qi|k)\"\s{0,64}:\s{0,64}\"([\w-]{16,}|[\w-]*\Z)")


def private_jwk(text: Text) -> Iterator[Span]:
    """The private numbers of a JSON Web Key (RFC 7518 §6), which are called `d`, `p`, `q`, `dp`, `dq`, `qi` or `k`."""
    return (found.span(1) for found in _PRIVATE_PART.finditer(text.data)) if b'"kty"' in text.data else iter(())


_PART = Naming(
    re.compile(
        rb"content-disposition:[ \t]{0,64}form-data[^\r\n]{0,1000}?\bname=[\"']?([^\"'\r\n;]{1,120})", re.IGNORECASE
    ),
    re.compile(rb""),
    letters_of(rb"[^\"'\r\n;]"),
    letters_of(rb"[^\r\n]"),
    1300,
    120,
)
_BLANK_LINE = re.compile(rb"\n\r?\n")
_LONGEST_HEAD = 4096


def multipart(text: Text) -> Iterator[Span]:
    """A part of `multipart/form-data` (RFC 7578), up to the line that its own began with."""
    data = text.data

    def value(found: Found) -> Span:
        head = _BLANK_LINE.search(data, found.end(), found.end() + _LONGEST_HEAD)
        start = head.end() if head else found.end()
        before = data[max(found.start() - _LONGEST_HEAD, 0) : found.start()]
        line = before.rfind(b"\n--") + 1
        delimiter = before[line:].split(b"\n", 1)[0].rstrip(b"\r") if line or before.startswith(b"--") else b""
        end = data.find(b"\n" + delimiter, start) if delimiter else -1
        if end < 0:
            return start, len(data)
        return start, max(start, end - (data[end - 1 : end] == b"\r"))

    return named(text, _PART, names_secret_parameter, value) if text.places(b"content-disposition") else iter(())
