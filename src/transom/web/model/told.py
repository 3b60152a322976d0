"""What a person is told, in every language at once. The words themselves are not ours: whoever makes a page gives them.

So a sentence of the terminal and the same one on the page are one text, in one catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from transom.dissect.column import Column
from transom.dissect.differences import Comparison
from transom.dissect.journey import Carried
from transom.dissect.json_lines import Line
from transom.dissect.meaning import Meaning
from transom.dissect.timeline import Item, Message
from transom.errors import Sentence
from transom.value import value

Told = Mapping[str, str]
"""A text by its language: `{"en": …, "ko": …}`."""


class Narration(Protocol):
    """What there is to say of one conversation's messages, as one observer saw them. Empty: nothing."""

    def sentence(self, message: Message) -> Told:
        """What it is for."""
        ...

    def note(self, message: Message) -> Told:
        """What this one says, in a few words."""
        ...

    def finding(self, text: Sentence) -> Told:
        """A finding's place, or what it is."""
        ...

    def facts(self, message: Message) -> Sequence[tuple[Told, Told]]:
        """Label and text of what it offers, gives away or settles."""
        ...


Narrator = Callable[[Sequence[Item]], Narration]
"""Tells a conversation that is over."""


@value
class Compared:
    """Two conversations held against each other.

    Where both brought the same file, `columns` are the figures of them and of those that brought it by another way.
    """

    comparison: Comparison
    meanings: Sequence[Meaning]
    carried: Carried | None
    columns: Sequence[Column]


Comparer = Callable[[Compared], Mapping[str, Line]]
"""Tells it, by language: `first` where they part, `fields` and `figures` in their order."""

Texts = Mapping[str, Mapping[str, str]]
"""The page's own words: language, key, text."""
