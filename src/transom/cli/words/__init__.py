"""Every word a person reads, in two catalogues of the same keys: English and Korean.

A text is looked up by a dotted key and filled with named values. What a peer wrote goes in escaped. Option names, JSON
and the names of messages and suites are English everywhere and stand in the code.

Errors are raised where no language is known: they stand in the code in English, and `errors.ko.toml` has the Korean of
each under that English.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from pkgutil import get_data
from typing import Literal, TextIO

from transom.errors import Sentence, TransomError, UsageError

Lang = Literal["en", "ko"]
LANGS: tuple[Lang, ...] = ("en", "ko")

_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Where POSIX keeps the language of messages; the first that is set decides (POSIX.1-2017 §8.2)."""


def choose_language(option: str | None, environ: Mapping[str, str]) -> Lang:
    """`--lang` if it was given, else the locale's language, else English. `UsageError` for a language we lack.

    A locale that is Korean is of no use where standard error cannot show Hangul: the locale is not installed then.
    """
    if option is not None:
        if option not in LANGS:
            raise UsageError("--lang {option!r}: expected {languages}", option=option, languages=" or ".join(LANGS))
        return option
    locale = next((environ[name] for name in _VARIABLES if environ.get(name)), "")
    return "ko" if locale.startswith("ko") and _has_hangul(sys.stderr) else "en"


def _has_hangul(stream: TextIO | None) -> bool:
    try:
        "가".encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def language_asked(arguments: Sequence[str], environ: Mapping[str, str]) -> Lang:
    """The language of a command line that need not be in order: an error may come before it is parsed, and says so.

    Of several the last counts, but for `run`: later ones may be those of the command that it runs.
    """
    found: Lang | None = None
    for number, word in enumerate(arguments):
        option, equals, after = word.partition("=")
        asked = after if equals else "".join(arguments[number + 1 : number + 2])
        if option == "--lang" and asked in LANGS:
            found = asked
        if word == "--" or (found and arguments[0] == "run"):
            break
    return found or choose_language(None, environ)


@cache
def words(lang: Lang) -> Words:
    """The catalogue of a language."""
    return Words(lang)


class Words:
    """One language's catalogue, read when the first word is said: a silent download says none."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The text of each key."""
        return dict(_flat(_read(f"{self.lang}.toml")))

    def say(self, key: str, /, **values: object) -> str:
        """The text of `key` with its places filled."""
        return self.texts[key].format_map(values)

    def count(self, key: str, number: int, /, **values: object) -> str:
        """`1 record`, `514 records`: the form of `key` that fits the number."""
        return self.say(key + (".one" if number == 1 else ".other"), count=f"{number:,}", **values)

    def tell(self, error: TransomError | str) -> str:
        """An error, or a Sentence, in this language, and in English what has no other words. Not escaped."""
        return str(error if self.lang == "en" else self._told(error))

    def _told(self, value: object) -> object:
        """What stands in a place: a number and a name stay as they are."""
        if isinstance(value, TransomError):
            value = value.sentence
        if not isinstance(value, Sentence):
            return value
        template = self.errors.get(value.template)
        if template is None:
            return str(value)
        return template.format_map({name: self._told(each) for name, each in value.values.items()})

    @cached_property
    def errors(self) -> Mapping[str, str]:
        """The templates of errors by their English."""
        return dict(_flat(_read(f"errors.{self.lang}.toml")))


class WordsWithoutKeys(Words):
    """Those of a page made with --without-keys: another page shows what is masked in it, not one more option."""

    @cached_property
    def texts(self) -> Mapping[str, str]:
        all_texts = words(self.lang).texts
        return {
            key: all_texts.get(f"page.without_keys.{key.removeprefix('page.')}", text)
            for key, text in all_texts.items()
        }


_Table = Mapping[str, "str | _Table"]
"""What our catalogues are made of: texts, and tables of them."""


def _read(name: str) -> _Table:
    import tomllib

    return tomllib.loads((get_data(__name__, name) or b"").decode())


def _flat(table: _Table, prefix: str = "") -> list[tuple[str, str]]:
    entries: list[tuple[str, str]] = []
    for key, value in table.items():
        entries += [(prefix + key, value)] if isinstance(value, str) else _flat(value, f"{prefix}{key}.")
    return entries
