"""The glossary as data: terms in groups, each in both languages with one sentence on what it means."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pkgutil import get_data
from typing import NotRequired, TypedDict, cast

from transom.cli.words import Lang
from transom.value import value


@value
class Term:
    """`korean` is the English name where Korean keeps it; `gloss` then says it in Korean, unless nothing needs to."""

    english: str
    korean: str
    gloss: str
    means: Mapping[Lang, str]


@value
class Group:
    """Terms that belong together."""

    title: Mapping[Lang, str]
    terms: tuple[Term, ...]


@cache
def glossary() -> tuple[Group, ...]:
    """All groups in the order in which they are to be read."""
    read = cast(_Read, tomllib.loads((get_data(__name__, "glossary.toml") or b"").decode()))
    return tuple(
        Group(
            title={"en": group["en"], "ko": group["ko"]},
            terms=tuple(
                Term(term["en"], term.get("ko", term["en"]), term.get("gloss", ""), term["means"])
                for term in group["term"]
            ),
        )
        for group in read["group"]
    )


class _ReadTerm(TypedDict):
    en: str
    ko: NotRequired[str]
    gloss: NotRequired[str]
    means: dict[Lang, str]


class _ReadGroup(TypedDict):
    en: str
    ko: str
    term: list[_ReadTerm]


class _Read(TypedDict):
    group: list[_ReadGroup]
