"""What the page tells of a message: the sentences and notes of the terminal, in every language at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from transom.cli.show.hello_facts import hello_facts
from transom.cli.show.notes import note
from transom.cli.show.sentences import full_sentence
from transom.cli.words import LANGS, Lang, Words, WordsWithoutKeys, words
from transom.cli.words.glossary import glossary
from transom.dissect.session import Session
from transom.dissect.timeline import Item, Message
from transom.errors import Sentence

PAGE_SECTIONS = (
    "absent", "check", "duration", "in_12", "in_13", "not_reached", "page", "part", "problem", "remark", "rule",
    "source", "state", "step", "why_not",
)  # fmt: skip
"""The parts of the catalogue that the page takes its own words from."""


def page_texts(*, without_keys: bool = False) -> dict[str, dict[str, str]]:
    """Language, key, text."""
    return {lang: _of_the_page(page_words(lang, without_keys=without_keys)) | _of_the_glossary(lang) for lang in LANGS}


def page_words(lang: Lang, *, without_keys: bool) -> Words:
    """The catalogue that a page speaks by."""
    return WordsWithoutKeys(lang) if without_keys else words(lang)


def _of_the_page(catalogue: Words) -> dict[str, str]:
    return {key: text for key, text in catalogue.texts.items() if key.partition(".")[0] in PAGE_SECTIONS}


def _of_the_glossary(lang: Lang) -> dict[str, str]:
    """By number: `glossary.0` is the first group's title, `glossary.0.2.term` and `.means` its third entry."""
    texts: dict[str, str] = {}
    for place, group in enumerate(glossary()):
        texts[f"glossary.{place}"] = group.title[lang]
        for number, term in enumerate(group.terms):
            gloss = f" ({term.gloss})" if term.gloss else ""
            texts[f"glossary.{place}.{number}.term"] = term.english if lang == "en" else f"{term.korean}{gloss}"
            texts[f"glossary.{place}.{number}.means"] = term.means[lang]
    return texts


class InEveryLanguage:
    """Tells a conversation that is over. No chain is said to be unchecked: what the client did is not on the wire."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._session = Session.of(items)

    def sentence(self, message: Message) -> dict[str, str]:
        return _told(lambda catalogue: full_sentence(message, self._session, catalogue, "chain"))

    def note(self, message: Message) -> dict[str, str]:
        return _told(lambda catalogue: note(message, self._session, catalogue))

    def finding(self, text: Sentence) -> dict[str, str]:
        return _told(lambda catalogue: catalogue.tell(text))

    def facts(self, message: Message) -> list[tuple[dict[str, str], dict[str, str]]]:
        told = [list(hello_facts(message, self._session, words(lang), in_full=True)) for lang in LANGS]
        return [
            (
                dict(zip(LANGS, (label for label, _ in each), strict=True)),
                dict(zip(LANGS, (text for _, text in each), strict=True)),
            )
            for each in zip(*told, strict=True)
        ]


def _told(say: Callable[[Words], str]) -> dict[str, str]:
    texts: dict[str, str] = {lang: say(words(lang)) for lang in LANGS}
    return texts if any(texts.values()) else {}
