"""What a person is told, in every language at once. The words themselves are not ours: whoever makes a page gives them.

So a sentence of the terminal and the same one on the page are one text, in one catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from transom.dissect.timeline import Item, Message

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

    def facts(self, message: Message) -> Sequence[tuple[Told, Told]]:
        """Label and text of what it offers, gives away or settles."""
        ...


Narrator = Callable[[Sequence[Item]], Narration]
"""Tells a conversation that is over."""

Texts = Mapping[str, Mapping[str, str]]
"""The page's own words: language, key, text."""
