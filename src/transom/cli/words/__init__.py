"""Every word a person reads, in two catalogues of the same keys: English and Korean.

A text is looked up by a dotted key and filled with named values. What a peer wrote goes in escaped. Error messages,
option names, JSON and the names of messages and suites are English everywhere and stand in the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from pkgutil import get_data
from typing import Literal

from transom.errors import UsageError

Lang = Literal["en", "ko"]
LANGS: tuple[Lang, ...] = ("en", "ko")

_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Where POSIX keeps the language of messages; the first that is set decides (POSIX.1-2017 §8.2)."""


def choose_language(option: str | None, environ: Mapping[str, str]) -> Lang:
    """`--lang` if it was given, else the locale's language, else English. `UsageError` for a language we lack."""
    if option is not None:
        if option not in LANGS:
            raise UsageError(f"--lang {option}: expected {' or '.join(LANGS)}")
        return option
    locale = next((environ[name] for name in _VARIABLES if environ.get(name)), "")
    return "ko" if locale.startswith("ko") else "en"


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
        import tomllib

        catalogue = get_data(__name__, f"{self.lang}.toml")
        return dict(_flat(tomllib.loads((catalogue or b"").decode())))

    def say(self, key: str, /, **values: object) -> str:
        """The text of `key` with its places filled."""
        return self.texts[key].format_map(values)

    def count(self, key: str, number: int, /, **values: object) -> str:
        """`1 record`, `514 records`: the form of `key` that fits the number."""
        return self.say(key + (".one" if number == 1 else ".other"), count=f"{number:,}", **values)


_Table = Mapping[str, "str | _Table"]
"""What our catalogues are made of: texts, and tables of them."""


def _flat(table: _Table, prefix: str = "") -> list[tuple[str, str]]:
    entries: list[tuple[str, str]] = []
    for key, value in table.items():
        entries += [(prefix + key, value)] if isinstance(value, str) else _flat(value, f"{prefix}{key}.")
    return entries
