"""A capture opened for a page: every answer it can be asked for, by its address.

about                                   what this is, and the words of the page
conversations/with-keys?offset=0…       a slice of the table
conversations/2/with-keys/story         a part of one conversation: see `parts`
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from transom.capture.conversation import CaptureSummary
from transom.dissect.captured import lost_bytes
from transom.dissect.facts import Facts
from transom.dissect.json_lines import Line
from transom.dissect.telling import Looking
from transom.dissect.timeline import Item
from transom.errors import UsageError
from transom.tls.observed.held import HeldBytes
from transom.transfer.content import Content
from transom.version import VERSION
from transom.web.model.context import Context
from transom.web.model.looked import (
    VIEWS,
    Looked,
    View,
    look_at_all,
    look_at_conversation,
    look_at_conversations,
    without_keys,
)
from transom.web.model.mask import Masking
from transom.web.model.parts import part
from transom.web.model.rows import RowWriter
from transom.web.model.saving import take_file
from transom.web.model.table import Query, Table, TableWriter
from transom.web.model.told import Narrator, Texts

DOCUMENT_VERSION = 1
"""Raised when a page of before could not show a document of now."""

Kind = Literal["masked", "with-secrets", "without-keys"]

_MOST_HELD = 8
_NUMBER = re.compile("[0-9]{1,9}")  # int refuses thousands of digits


@dataclass(frozen=True)
class Telling:
    """How a page speaks: who tells the messages, its own words, and the language it begins in."""

    narrator: Narrator
    texts: Texts
    language: str


@dataclass
class OpenedCapture:
    """Read once for the table; a conversation is read again when it is looked at. Raises CaptureError."""

    path: Path
    looking: Looking
    telling: Telling
    name: str
    kind: Kind = "masked"
    tables: dict[View, Table] = field(init=False)
    summary: CaptureSummary = field(init=False)
    _held: OrderedDict[int, Looked] = field(default_factory=OrderedDict[int, Looked])

    def __post_init__(self) -> None:
        self.tables, self.summary = self._read_tables()

    @property
    def views(self) -> tuple[View, ...]:
        """Without keys there is one."""
        return VIEWS[1:] if self.kind == "without-keys" else VIEWS

    @property
    def masking(self) -> Masking:
        return Masking(include_secrets=self.kind == "with-secrets")

    def about(self) -> Line:
        """What the page begins with."""
        return {
            "document": DOCUMENT_VERSION,
            "transom": VERSION,
            "name": self.name,
            "kind": self.kind,
            "views": list(self.views),
            "keys": len(self.looking.keys) > 0 or len(self.looking.private_keys) > 0,
            "language": self.telling.language,
            "words": {language: dict(texts) for language, texts in self.telling.texts.items()},
            "conversations": len(self.summary.conversations),
            "packets": self.summary.packets,
            "lost_bytes": lost_bytes(self.summary),
            "problems": [
                {"code": problem.code, "where": problem.where, "what": self.masking.quotation(problem.what)}
                for problem in self.summary.problems
            ],
        }

    def answer(self, address: str, parameters: Mapping[str, str] | None = None) -> Line:
        """What stands at an address. Raises UsageError where nothing does."""
        match address.split("/"):
            case ["about"]:
                return self.about()
            case ["conversations", view]:
                return self.tables[self._view(view)].answer(Query.of(parameters or {}))
            case ["conversations", number, view, *names] if _NUMBER.fullmatch(number):
                return part(self.context(int(number), self._view(view)), names)
            case _:
                raise UsageError(f"nothing is at {address}")

    def take_file(self, number: str, view: str, name: str) -> tuple[str, Content]:
        """A file that crossed, and what it is called. Raises UsageError if there is no such whole one."""
        if not (number.isascii() and number.isdecimal()):
            raise UsageError(f"no conversation {number}")
        return take_file(self.path, self.looking, int(number), self._view(view), name)

    def look_at(self, numbers: Sequence[int]) -> dict[int, Looked]:
        """These conversations, read in one pass."""
        return look_at_conversations(self.path, self.looking, numbers, self.views)

    def context(self, number: int, view: View) -> Context:
        """One conversation, for its parts. Raises UsageError."""
        looked = self._held.pop(number, None)
        if looked is None:
            looked = look_at_conversation(self.path, self.looking, number, self.views)
        self._held[number] = looked
        if len(self._held) > _MOST_HELD:
            self._held.popitem(last=False)
        return self.context_of(looked, view)

    def context_of(self, looked: Looked, view: View) -> Context:
        """What was looked at, as the parts take it."""
        return Context(looked, view, self.telling.narrator, self.masking)

    def _view(self, name: str) -> View:
        for view in self.views:
            if view == name:
                return view
        raise UsageError(f"no view {name}: there is {' and '.join(self.views)}")

    def _read_tables(self) -> tuple[dict[View, Table], CaptureSummary]:
        views = self.views
        writers: dict[tuple[int, int], RowWriter] = {}
        rows: dict[View, TableWriter] = {view: TableWriter() for view in views}

        def take(place: int, number: int, item: Item) -> None:
            writers.setdefault((place, number), RowWriter()).take(item)

        def over(place: int, facts: Facts) -> None:
            writer = writers.pop((place, facts.number), None) or RowWriter()
            rows[views[place]].add(writer.row(facts, self.masking))

        looks = {"with-keys": self.looking, "without-keys": without_keys(self.looking)}
        lookings = [_own_room(looks[view]) for view in views]
        summary = look_at_all(self.path, lookings, take, over)
        return {view: table.table() for view, table in rows.items()}, summary


def _own_room(looking: Looking) -> Looking:
    return replace(looking, held=HeldBytes())
