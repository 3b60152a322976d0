"""The glossary's pages are the entries, and the entries are in the language's own manners."""

from __future__ import annotations

import re

import pytest

from tests.pages.glossary_page import PAGES, write_page
from transom.cli.words import LANGS, Lang, words
from transom.cli.words.glossary import Term, glossary

TERMS = [term for group in glossary() for term in group.terms]
KO = " ".join(words("ko").texts.values())


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_is_what_the_entries_make(lang: Lang) -> None:
    assert PAGES[lang].read_text("utf-8") == write_page(lang), "tools/docs writes the page anew"


def test_no_term_stands_twice() -> None:
    assert len(TERMS) > 50
    assert len({term.english for term in TERMS}) == len({term.korean for term in TERMS}) == len(TERMS)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.english)
def test_each_term_has_one_sentence_in_each_language(term: Term) -> None:
    assert re.fullmatch(r"[A-Z0-9][^.]*(?:\d\.\d[^.]*)*\.", term.means["en"])
    assert re.fullmatch(r"[^.]+(?:\d\.\d[^.]*)*니다\.", term.means["ko"])
    assert not re.search("!|당신|해독", term.means["ko"])


def test_a_name_that_korean_keeps_is_written_in_latin_letters_and_any_other_in_hangul() -> None:
    for term in TERMS:
        assert (term.korean == term.english) is not bool(re.search("[가-힣]", term.korean)), term.english
        assert not (term.gloss and term.korean != term.english), term.english


def test_eavesdropper_and_man_in_the_middle_are_never_mixed() -> None:
    by_name = {term.english: term for term in TERMS}
    assert by_name["eavesdropper"].korean == "도청자"
    assert by_name["man in the middle"].korean == "중간자"
    assert (by_name["CA"].gloss, by_name["authenticate"].korean) == ("인증 기관", "인증")


def test_the_sentences_of_the_program_use_the_glossarys_words() -> None:
    used = [term for term in TERMS if term.korean in KO]
    assert len(used) > len(TERMS) / 2
