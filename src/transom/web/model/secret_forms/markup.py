"""Forms of XML and HTML: elements, attributes, and elements that name one another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from transom.web.model.secret_forms.spans import Found, Naming, Span, letters_of, named
from transom.web.model.secret_forms.text import Text
from transom.web.model.sensitive import names_secret, names_secret_parameter

_ELEMENT = Naming(
    re.compile(rb"<((?:[\w.-]{1,64}:)?([\w.-]{1,64}))(?=[\s>/])"),
    re.compile(rb"[\w.-]{0,64}[\s>/]"),
    letters_of(rb"[\w.-]"),
    letters_of(rb"[\w.:<-]"),
    130,
    70,
)
_TAG_END = re.compile(rb"[^<>]*>")


def elements(text: Text) -> Iterator[Span]:
    """`<password>…</password>`, with all that is in it."""
    if b"<" not in text.data:
        return iter(())
    return named(text, _ELEMENT, names_secret, lambda found: _content(text.data, found[1], found.end()))


def _content(data: bytes, name: bytes, at: int) -> Span:
    """From the end of a tag up to the one that closes it; with the data, where that ends first."""
    tag = _TAG_END.match(data, at)
    if tag is None or tag[0].endswith(b"/>"):
        return at, at
    end = data.find(b"</" + name, tag.end())
    return tag.end(), end if end >= 0 else len(data)


_KEY = Naming(
    re.compile(
        rb"<(?:[\w.-]{1,64}:)?(?:key|name|param-name)>\s{0,64}([^<>\r\n]{1,120}?)\s{0,64}</[\w.:-]{1,80}>",
        re.IGNORECASE,
    ),
    re.compile(rb"[^<>\r\n]{0,120}\s{0,64}</"),
    letters_of(rb"[^<>\r\n]"),
    letters_of(rb"[\w.:<>\s-]"),
    270,
    280,
)
_NEXT = re.compile(rb"\s{0,256}<([\w.:-]{1,128})(?=[\s>/])")


def keyed_elements(text: Text) -> Iterator[Span]:
    """`<key>password</key><string>…</string>`, as in a property list; `<name>` and `<value>` of XML-RPC and others."""
    data = text.data

    def value(found: Found) -> Span:
        following = _NEXT.match(data, found.end())
        return _content(data, following[1], following.end()) if following else (found.end(), found.end())

    return named(text, _KEY, names_secret, value)


_TAG = re.compile(rb"<([A-Za-z][\w.:-]{0,63})(?=\s)[^<>]*(?:>|\Z|(?=<))")
_ATTRIBUTE = re.compile(rb"(?<![\w:-])([\w:-]{1,64})\s{0,64}=\s{0,64}(?:\"([^\"]*)\"?|'([^']*)'?|([^\s>\"']+))")
_NAMING = (b"name", b"key", b"property", b"itemprop")
_NAMING_A_VALUE = (*_NAMING, b"id", b"type")
_VALUES = (b"value", b"content")
_NO_TEXT = frozenset({
    b"a", b"area", b"base", b"br", b"button", b"embed", b"fieldset", b"form", b"frame", b"hr", b"iframe", b"img",
    b"input", b"link", b"map", b"meta", b"object", b"param", b"select", b"slot",
})  # fmt: skip
"""Elements of HTML that may have a name and whose text, if they have any, is not what is so called."""


def attributes(text: Text) -> Iterator[Span]:
    """`<input name=password value=…>`: one attribute says what another or the text is. At the end it has not yet."""
    data, at = text.data, 0
    while tag := _TAG.search(data, at):
        at = tag.end()
        is_cut = at == len(data) and not tag[0].endswith(b">")
        if not is_cut and not text.has_clue(tag.start(), at):
            continue
        found = list(_ATTRIBUTE.finditer(data, tag.start(), at))
        names = [(one[1].lower(), one[one.lastindex or 0]) for one in found]
        if is_cut or any(by in _NAMING_A_VALUE and names_secret_parameter(name) for by, name in names):
            yield from (one.span(one.lastindex or 0) for one in found if one[1].lower() in _VALUES)
        if tag[1].lower() not in _NO_TEXT and any(by in _NAMING and names_secret(name) for by, name in names):
            content = _content(data, tag[1], tag.end(1))
            yield content
            at = max(at, content[1])
