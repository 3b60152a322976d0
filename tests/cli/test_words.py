"""The two catalogues: complete, used, and in the language's own manners."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

import transom.cli
import transom.web.site
from transom.cli.show.layout import width
from transom.cli.show.narration import page_texts
from transom.cli.words import LANGS, Lang, choose_language, words
from transom.dissect.facts import Facts
from transom.dissect.meaning import MeaningCode
from transom.dissect.portrait import Portraitist
from transom.errors import UsageError
from transom.trust.verdict import PROBLEMS, CheckKind
from transom.web.assets import assets

EN = words("en").texts
KO = words("ko").texts
SOURCES = sorted(Path(transom.cli.__file__).parent.rglob("*.py"))

PARTICLES = "은는이가을를과와로"
"""What Korean hangs on a noun by its last sound, which a variable does not tell."""


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_catalogues_have_the_same_keys() -> None:
    assert set(EN) == set(KO)


def test_both_texts_of_a_key_have_the_same_places() -> None:
    assert [key for key in EN if places(EN[key]) != places(KO[key])] == []


def test_no_text_is_empty() -> None:
    assert [key for texts in (EN, KO) for key, text in texts.items() if not text.strip()] == []


def asked_for() -> Iterator[str]:
    """The keys of all calls of `say` and `count` with a literal."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                key = node.args[0]
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and node.func.attr in ("say", "count"):
                    yield key.value if node.func.attr == "say" else f"{key.value}.one"


def mentioned_by_the_page() -> set[str]:
    """The same in the page's modules, where a beginning stands in a template: `page.tab.${name}`."""
    text = "".join(asset.text for name, asset in assets().items() if name.endswith(".js"))
    texts = [
        *re.findall(r'"([a-z_0-9]+\.[\w.-]+)"', text),
        "page.http.request",
        "page.http.response",
        "step.sealed_records",
    ]
    found = {form for key in texts for form in (key, f"{key}.one", f"{key}.other")}
    beginnings = tuple(re.findall(r"`([a-z_0-9]+(?:\.[\w-]+)*\.)\$\{", text))
    return found | {key for key in EN if key.startswith(beginnings)}


def test_every_key_that_the_page_asks_for_exists_and_is_given_to_it() -> None:
    text = "".join(asset.text for name, asset in assets().items() if name.endswith(".js"))
    said = set(re.findall(r'\bsay\(\s*"([^"]+)"', text)) | {
        f"{key}.one" for key in re.findall(r'\bcount\(\s*"([^"]+)"', text)
    }
    assert len(said) > 30
    assert sorted(said - set(page_texts()["en"])) == []


def mentioned() -> set[str]:
    """Every key that stands in the code as a literal, alone or as the beginning of one that is put together."""
    found = mentioned_by_the_page()
    for path in (*SOURCES, Path(transom.web.site.__file__)):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginning = str(node.values[0].value)
                if re.fullmatch(r"([a-z_0-9]+\.)+", beginning):
                    found |= {key for key in EN if key.startswith(beginning)}
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value, f"{node.value}.one", f"{node.value}.other"}
    return found


def test_every_key_that_the_code_asks_for_exists() -> None:
    assert sorted(set(asked_for()) - set(EN)) == []


def test_every_key_is_used() -> None:
    assert sorted(set(EN) - mentioned()) == []


def test_every_problem_of_a_chain_has_its_words_and_an_advice() -> None:
    for code, problem in PROBLEMS.items():
        assert places(EN[f"problem.{code}"]) <= places(problem.sentence)
        assert f"advice.{code}" in EN
    assert {key.partition(".")[2] for key in EN if key.startswith("check.")} <= set(get_args(CheckKind))


def test_every_field_and_every_meaning_of_a_comparison_has_its_words_and_a_label_its_column() -> None:
    meanings = {key.removesuffix(".one").removesuffix(".other") for key in EN if key.startswith("meaning.")}
    assert meanings == {f"meaning.{code}" for code in get_args(MeaningCode)}
    fields = Portraitist().portrait(Facts(0)).fields
    assert {f"portrait.{key.group}" for key in fields} | {f"field.{key.name}" for key in fields} <= set(EN)
    assert [
        text for texts in (EN, KO) for key, text in texts.items() if key.startswith("field.") and width(text) > 20
    ] == []


def test_korean_hangs_no_particle_on_a_variable() -> None:
    assert [key for key, text in KO.items() if re.search(rf"\}}[{PARTICLES}](?![가-힣])", text)] == []


def test_korean_shouts_at_nobody_and_points_at_nobody() -> None:
    assert [key for key, text in KO.items() if "!" in text or "당신" in text] == []


def test_korean_verifies_signatures_and_deciphers_nothing() -> None:
    assert [key for key, text in KO.items() if "해독" in text] == []
    assert [key for key in KO if "verif" in EN[key] and "검증" not in KO[key]] == []


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("cipher suite", "암호 스위트"),
        ("handshake", "핸드셰이크"),
        ("public key", "공개키"),
        ("private key", "개인키"),
        ("third party", "제3자"),
        ("record", "레코드"),
    ],
)
def test_korean_keeps_to_the_glossary(english: str, korean: str) -> None:
    wanted = re.compile(rf"\b{english}s?\b(?!\}})")
    assert [key for key, text in EN.items() if wanted.search(text) and korean not in KO[key]] == []


def test_korean_sentences_end_politely() -> None:
    for key in (key for key in KO if key.startswith(("step.", "step13."))):
        assert KO[key].endswith("니다."), key


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "ko", "LANG": "en_US.UTF-8"}, "ko"),
    ],
)
def test_the_language_is_the_locales(environ: dict[str, str], lang: Lang) -> None:
    assert choose_language(None, environ) == lang


@pytest.mark.parametrize("lang", LANGS)
def test_the_option_wins_over_the_locale(lang: Lang) -> None:
    assert choose_language(lang, {"LC_ALL": "ko_KR.UTF-8"}) == lang


def test_a_language_that_we_lack_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="--lang 'fr': expected en or ko"):
        choose_language("fr", {})


def test_counting_takes_the_form_that_fits() -> None:
    assert words("en").count("http.bytes", 1) == "1 byte"
    assert words("en").count("http.bytes", 8_388_608) == "8,388,608 bytes"
    assert words("ko").count("http.bytes", 1) == "1바이트"


@pytest.mark.parametrize("key", ["page.place.records", "page.more_bytes", "page.packets.left_out", "run.full"])
def test_one_is_said_in_the_singular(key: str) -> None:
    noun = re.compile(r"\b1 (records|bytes|packets|connections)\b")
    assert not noun.search(words("en").count(key, 1, offset=0))
    assert "2 " in words("en").count(key, 2, offset=0)
