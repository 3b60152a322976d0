"""What every part of the page is made from: one conversation, as one of its observers saw it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from transom.dissect.timeline import Item, Problem
from transom.web.model.entries import Entry, entries
from transom.web.model.kept import streams
from transom.web.model.looked import Looked, Seen, View
from transom.web.model.mask import Masking
from transom.web.model.told import Narration, Narrator
from transom.wire.tap import Side


@dataclass
class Context:
    """One conversation in one view. `looked` has the other view too: what leaks is told without keys in both."""

    looked: Looked
    view: View
    narrator: Narrator
    masking: Masking

    @property
    def seen(self) -> Seen:
        """What this view's observer made of it."""
        return self.looked.seen[self.view]

    @cached_property
    def entries(self) -> list[Entry]:
        """The lines of the story."""
        return entries(self.seen.items)

    @cached_property
    def entry(self) -> dict[str, Entry]:
        """The lines by their ids."""
        return {entry.id: entry for entry in self.entries}

    @cached_property
    def plaintext(self) -> dict[Side, bytes]:
        """The first of what each side said, masked. Every step shows a part: it is masked once for all of them."""
        return streams(self.seen.plaintext.masked(self.masking))

    @cached_property
    def wire(self) -> dict[Side, bytes]:
        """The first of what crossed from each side, masked."""
        return streams(self.looked.wire.masked(self.masking))

    @cached_property
    def narration(self) -> Narration:
        """What there is to say of its messages."""
        return self.narrator(self.seen.items)

    @property
    def withheld(self) -> bool:
        """HTTP/2 is not taken apart, so what would have to be masked in it cannot be told from the rest."""
        if self.masking.include_secrets:
            return False
        return any(isinstance(item, Problem) and item.code == "http2-not-read" for item in self.seen.items)

    @property
    def start(self) -> int:
        """Nanoseconds since the epoch; every `at` counts from here."""
        return self.seen.facts.start or 0

    def since_start(self, item: Item) -> int:
        """Nanoseconds."""
        return item.moment.time - self.start
