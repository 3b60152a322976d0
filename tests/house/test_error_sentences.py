"""Every error a person can meet is a template with its values, and the catalogue has its Korean."""

from __future__ import annotations

import ast
import errno
import importlib
import inspect
import os
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from string import Formatter
from typing import NamedTuple

import transom
from tests.cli.test_words import PARTICLES
from tests.house.documents import ROOT
from transom.cli.parser import COMPLAINTS, PLAINER
from transom.cli.words import words
from transom.errors import TransomError
from transom.trust.verdict import PROBLEMS

SOURCE = ROOT / "src/transom"
KO = words("ko").errors

IN_ENGLISH = {
    "tracing/": "Python's warnings and pytest's output, which are English",
    "http/sending.py": "the parts of a server called wrongly",
    "http/h1_server.py": "the same, or what a client is answered",
}
"""Folders and files whose errors stay English, and why."""

IN_PART = {
    "CaptureError": ("web/",),
    "HttpError": (
        "files/request_path.py",
        "files/opened.py",
        "http/target.py",
        "run/",
        "transfer/accounts.py",
        "transfer/server_session.py",
        "transfer/site.py",
        "transfer/upload.py",
        "transfer/upload_digests.py",
        "web/",
    ),
    "UsageError": ("crypto/", "tls/", "web/", "wire/"),
}
"""Where an HttpError is what a server answers with, and a UsageError a mistake of whoever calls from Python; of
`web/`, what is answered to the page's own script."""

GAI = {
    "Name or service not known",
    "Temporary failure in name resolution",
    "Non-recoverable failure in name resolution",
    "No address associated with hostname",
}
"""Of gai_strerror(3)."""


class Said(NamedTuple):
    """A sentence made in the code: its template, None for an f-string, which has forgotten it; its values' names."""

    place: str
    template: str | None
    values: frozenset[str] | None
    in_korean: bool


@cache
def kinds() -> dict[str, frozenset[str]]:
    """What takes a template: each with its keywords that are no values of the sentence."""
    for module in pkgutil.walk_packages(transom.__path__, "transom."):
        if not module.name.startswith(("transom.taps", "transom.__main__", "transom.tracing")):
            importlib.import_module(module.name)

    def below(kind: type[TransomError]) -> Iterator[type[TransomError]]:
        yield kind
        for each in kind.__subclasses__():
            yield from below(each)

    found = {"Sentence": frozenset[str]()}
    for kind in below(TransomError):
        _, first, *others = inspect.signature(kind.__init__).parameters.values()
        if first.name == "what":
            found[kind.__name__] = frozenset(each.name for each in others if each.kind is each.KEYWORD_ONLY)
    return {**found, "super().__init__": frozenset().union(*found.values())}


@cache
def said() -> tuple[Said, ...]:
    found: list[Said] = []
    for path in sorted(SOURCE.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Assign | ast.AnnAssign):
                found += _said_in(function, path.relative_to(SOURCE).as_posix())
    return tuple(dict.fromkeys(found))


def _said_in(function: ast.AST, file: str) -> Iterator[Said]:
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                assigned.setdefault(ast.unparse(target), []).append(node.value)
    for kind, call in _calls(function):
        values = {keyword.arg for keyword in call.keywords} - kinds()[kind]
        in_english = file.startswith((*IN_ENGLISH, *IN_PART.get(kind, ())))
        first = call.args[0]
        for template in chain.from_iterable(map(_literals, assigned.get(ast.unparse(first), [first]))):
            known = frozenset(name for name in values if name) if None not in values else None
            yield Said(f"{file}:{call.lineno}", template, known, not in_english)


def _calls(function: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """The calls that make an error or a Sentence."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and node.args:
            kind = ast.unparse(node.func)
            if kind in kinds():
                yield kind, node


def _literals(value: ast.expr) -> Iterator[str | None]:
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _literals(body)
            yield from _literals(other)
        case ast.JoinedStr():
            yield None
        case _:
            pass


def places(template: str) -> list[tuple[str, str, str]]:
    """Name, format and conversion of each, in an order that is not the sentence's."""
    parts = Formatter().parse(template)
    return sorted((name, spec or "", conversion or "") for _, name, spec, conversion in parts if name is not None)


def names(template: str) -> set[str]:
    return {name for name, _, _ in places(template)}


def templates() -> set[str]:
    """All that is said where Korean is asked for."""
    in_code = {one.template for one in said() if one.in_korean and one.template is not None}
    complaints = {PLAINER.get(template, template) for template in COMPLAINTS}
    return in_code | {problem.sentence for problem in PROBLEMS.values()} | complaints


def test_the_values_of_a_sentence_are_those_that_its_template_has_places_for() -> None:
    assert len(said()) > 300
    filled = [(one, names(one.template)) for one in said() if one.values and one.template is not None]
    assert [one.place for one, expected in filled if expected != set(one.values or ())] == []


def test_an_error_forgets_nothing_of_what_it_was_made_from() -> None:
    assert [one.place for one in said() if one.in_korean and one.template is None] == []


def test_a_value_is_no_phrase_in_english() -> None:
    """It would stand as it is in a Korean sentence: it is a Sentence itself."""
    phrases = [
        f"{path.name}:{call.lineno}: {keyword.arg}"
        for path in sorted(SOURCE.rglob("*.py"))
        if not path.relative_to(SOURCE).as_posix().startswith(tuple(IN_ENGLISH))
        for kind, call in _calls(ast.parse(path.read_text("utf-8")))
        for keyword in call.keywords
        if keyword.arg not in kinds()[kind]
        if any(text and " " in text for text in _literals(keyword.value))
    ]
    assert phrases == []


def test_every_error_that_a_person_can_meet_has_its_korean() -> None:
    assert sorted(templates() - set(KO)) == []


def test_the_korean_of_an_error_is_of_one_that_there_is() -> None:
    system = {os.strerror(number) for number in errno.errorcode} | GAI
    assert sorted(set(KO) - templates() - system - set(where())) == []


def where() -> Iterator[str]:
    """The places that PeerErrors are said to be at, where those are no field paths."""
    for path in SOURCE.rglob("*.py"):
        for _, call in _calls(ast.parse(path.read_text("utf-8"))):
            for keyword in call.keywords:
                if keyword.arg == "where":
                    yield from filter(None, _literals(keyword.value))


def test_both_languages_have_the_same_places_filled_in_the_same_way() -> None:
    assert [template for template, korean in KO.items() if set(places(template)) != set(places(korean))] == []


def test_korean_errors_are_korean() -> None:
    """But for frames, which have no words: `{where}: {what}`."""
    assert len(KO) > 250
    worded = {korean for korean in KO.values() if " " in re.sub(r"\{.*?\}|--\w+ ", "", korean).strip(" ;:,()")}
    assert len(worded) > 250
    assert [korean for korean in worded if not re.search("[가-힣]", korean)] == []


def test_korean_errors_keep_to_the_manners_of_the_catalogue() -> None:
    for english, korean in KO.items():
        assert not re.search(rf"\}}[{PARTICLES}](?![가-힣])", korean), english
        assert not any(word in re.sub(r"!r\}", "}", korean) for word in ("!", "당신", "해독")), english
