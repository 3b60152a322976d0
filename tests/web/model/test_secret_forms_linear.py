"""However long a text is and whoever wrote it: looking for secrets takes a time in proportion.

That is a matter of structure. What is *searched for* is tried at every byte, so it fails within a bounded part: what is
repeated without a bound stands where nothing behind it can fail. What is *matched* is tried at one place, behind a name
that was found, and the search goes on where that ended.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import Any

import pytest

from transom.web.model import unescaped
from transom.web.model.scrub import Kind, scrub
from transom.web.model.secret_forms import data, known, lines, markup, prose, sql, urls
from transom.web.model.secret_forms.spans import Naming

parser = import_module("re._parser")
sre = import_module("re._constants")

MODULES = (data, known, lines, markup, prose, sql, urls, unescaped)
MATCHED = {
    *(
        "_BARE_USERINFO",
        "_INDENT",
        "_BLOCK",
        "_SETTING_VALUE",
        "_LOGIN",
        "_WORD",
        "_HEADING",
        "_RULE_OF_TABLE",
        "_VALUE",
    ),
    *("_NEXT_ROW", "_TEXT", "_GRAPHIC"),
    *("_BEHIND", "_SCALAR", "_NO_VALUE", "_OPENING", "_ITS_NAME", "_AFTER_PAIR", "_LIKE_A_NAME", "_TAG_END", "_NEXT"),
}
"""By `match` and `fullmatch` alone, with each name that was found."""

MOST = 20_000
"""Bytes."""

NAMINGS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": naming
    for module in MODULES
    for name, naming in vars(module).items()
    if isinstance(naming, Naming)
}
"""The tail is matched behind each clue, whatever is found there: it has to fail within a bounded part, too."""

SEARCHED = (
    {
        f"{module.__name__.rpartition('.')[2]}.{name}": pattern
        for module in MODULES
        for name, pattern in vars(module).items()
        if isinstance(pattern, re.Pattern) and name not in MATCHED
    }
    | {name: naming.pattern for name, naming in NAMINGS.items()}
    | {f"{name}: tail": naming.tail for name, naming in NAMINGS.items()}
    | {f"known: {shape.what}": shape.pattern for shape in known.SHAPES}
)


def test_the_patterns_are_there_and_those_that_are_matched_exist() -> None:
    assert len(SEARCHED) > 40
    assert {name for module in MODULES for name in vars(module)} >= MATCHED


@pytest.mark.parametrize("name", SEARCHED)
def test_before_it_fails_a_search_looks_at_a_bounded_part(name: str) -> None:
    pattern = SEARCHED[name]
    assert unbounded_before_something_that_fails(list(parser.parse(pattern.pattern, pattern.flags))) == []


@pytest.mark.parametrize(
    ("pattern", "is_bounded"),
    [
        (rb"a[^b]*", True),
        (rb"a[^b]*c", False),
        (rb"a(?:x|[^b]*)c", False),
        (rb"a(?:x|(.*?)(?:c|\Z))", True),
        (rb"a(?=.*c)", False),
        (rb"a(?=.{0,9}c)b+", True),
        (rb"(?:a[^b]*){2}", False),
    ],
)
def test_a_pattern_that_would_look_further_is_told_apart(pattern: bytes, is_bounded: bool) -> None:
    assert (unbounded_before_something_that_fails(list(parser.parse(pattern, re.DOTALL))) == []) is is_bounded


def unbounded_before_something_that_fails(items: list[Any]) -> list[str]:
    """The parts of a pattern that may run to the end of a text in vain."""
    found: list[str] = []
    for at, (kind, argument) in enumerate(items):
        rest = items[at + 1 :]
        if kind in (sre.ASSERT, sre.ASSERT_NOT):
            found += [str(kind)] if argument[1].getwidth()[1] > MOST else []
        elif width(items[at]) <= MOST:
            continue
        elif kind is sre.SUBPATTERN:
            found += unbounded_before_something_that_fails([*argument[3], *rest])
        elif kind is sre.BRANCH:
            for one in argument[1]:
                found += unbounded_before_something_that_fails([*one, *rest])
        elif argument[0] > 1 and width_of(argument[2]) > MOST:
            found.append(f"{kind} of {argument[2]}")
        else:
            found += unbounded_before_something_that_fails([*argument[2]])
            found += [] if cannot_fail(rest) else [f"{kind} of {argument[2]}"]
    return found


def cannot_fail(rest: list[Any]) -> bool:
    """Nothing comes, or what may be the end."""
    return all(
        (kind in (sre.MAX_REPEAT, sre.MIN_REPEAT) and argument[0] == 0)
        or (kind is sre.AT and argument is sre.AT_END_STRING)
        or (kind is sre.BRANCH and any(cannot_fail(list(one)) for one in argument[1]))
        or (kind is sre.SUBPATTERN and cannot_fail(list(argument[3])))
        for kind, argument in rest
    )


def width(item: Any) -> int:
    return width_of([item])


def width_of(items: Any) -> int:
    """At most. What a group has matched before may be matched again: groups are short here, and names of 200 bytes."""
    state = parser.State()
    state.groupwidths += [(0, 200)] * 9
    return int(parser.SubPattern(state, list(items)).getwidth()[1])


UNITS = (
    *(
        b"\\",
        b'"',
        b"'",
        b"=",
        b"//",
        b"://a",
        b"<",
        b"<a ",
        b"%",
        b"%2525",
        b"\\u0070",
        b"&#112;",
        b"a\0",
        b" ",
        b"\r",
    ),
    *(b"token=", b"token:\n", b"token:|\n\n", b"- token:\n", b"Cookie: a\n ", b"--token ", b"/token/a1a1a1a1", b"//a@"),
    *(
        b"a,token\n",
        b"a,token\nb,c\n",
        b'a,token\n"\n',
        b"|token|\n",
        b"machine a login b ",
        b"default login a ",
        b"a: ",
    ),
    *(
        b'"token":"',
        b'"token":{',
        b'"key":{ ',
        b'"key":[ ',
        b'"value":"',
        b'"value":"a",',
        b'["token","',
        b',"token","a',
    ),
    *(b"<b name=token>", b"<password>", b"<password ", b"<key>token</key><a>", b"<input value='", b"eyJaaaa-", b"sk-"),
    *(
        b"basic a",
        b"-----BEGIN PRIVATE KEY-----",
        b"T0123ABCD/B",
        b"CLIENT_RANDOM 00000000000000000000 ",
        b"$6$",
        b"SG.",
    ),
    *(
        b"content-disposition:form-data ",
        b"content-disposition:form-data;name=token\n",
        b"CONNECT a:",
        b'\\"token\\":\\"',
    ),
    *(
        b"a token is ",
        b"token is <b>",
        b"your token: ",
        b"a1a1 is your ",
        b"{token: ",
        b",token: [",
        "토큰은 [".encode(),
    ),
    *(
        b"INTO a(token)VALUES(",
        b"INTO a(token)VALUES('',('",
        b"COPY a(token)FROM stdin\n",
        b"IDENTIFIED BY '",
        b"INTO a (",
    ),
)


def test_ten_megabytes_of_what_was_written_to_hold_it_up_are_gone_through() -> None:
    """Were anything quadratic in them, this would not end."""
    text = b"".join((unit * (10_000_000 // len(UNITS) // len(unit) + 1))[: 10_000_000 // len(UNITS)] for unit in UNITS)
    assert len(scrub(text)) == len(text) > 9_999_000


PARTS_OF_NAMES = (
    *(
        b"token",
        b"a",
        b"\x80",
        b"x" * 79,
        b"n" * 120,
        b" " * 64,
        b"\\" * 15,
        b"- ",
        b"b",
        b"[",
        b"]",
        b"(",
        b",",
        b"\n",
    ),
    *(b" is ", b" has been", b" to", b"w" * 31 + b"   ", b"{", b"{" + b" " * 64),
    *(b'"', b"'", b"`", b"\\", b":", b"=", b"=>", b">", b" ", b"\t", b"\r", b"%22", b".", b" " * 256, b"-" * 64),
)


def calls_of(data: bytes, kind: Kind) -> int:
    """How often anything is called while that is gone through: of Python, and of what is written in C."""
    count = 0

    def called(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(called)
    try:
        scrub(data, kind)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("unit", UNITS)
def test_twice_as_much_of_whatever_it_is_is_twice_as_much_work(unit: bytes) -> None:
    kinds: tuple[Kind, ...] = ("text", "code", "form")
    for kind in kinds:
        texts = [unit * (count // len(unit)) for count in (3000, 6000, 12_000)]
        scrub(texts[0], kind)  # what is made once, and then kept, is no work of the first
        once, twice, four_times = (calls_of(text, kind) for text in texts)
        assert twice - once <= 1.5 * once + 300, kind
        assert four_times - twice <= 2 * (twice - once) + 600, kind
