"""A capture opened for a page: every answer it can be asked for, by its address.

about                                   what this is, and the words of the page
state?c=2                               how far it is read
conversations/with-keys?offset=0…       a slice of the table
conversations/2/with-keys/story         a part of one conversation: see `parts`
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from pathlib import Path
from typing import Literal

from transom.capture.conversation import CaptureSummary
from transom.capture.growth import Growth
from transom.dissect.both_ends import BothEnds
from transom.dissect.captured import lost_bytes
from transom.dissect.json_lines import Line
from transom.dissect.telling import Looking
from transom.errors import UsageError
from transom.transfer.being_made import BeingMade
from transom.value import value
from transom.version import VERSION
from transom.web.model.beside import beside
from transom.web.model.compare import compare
from transom.web.model.context import Context
from transom.web.model.findings import file_findings
from transom.web.model.looked import VIEWS, Looked, View
from transom.web.model.mask import Masking
from transom.web.model.parts import part
from transom.web.model.reader import CaptureReader
from transom.web.model.saving import take_file, take_said
from transom.web.model.table import Query
from transom.web.model.told import Comparer, Narrator, Texts
from transom.web.model.ways import ways
from transom.wire.tap import Side

DOCUMENT_VERSION = 1
"""Raised when a page of before could not show a document of now."""

Kind = Literal["masked", "with-secrets", "without-keys"]

_NUMBER = re.compile("[0-9]{1,9}")  # int refuses thousands of digits


@dataclass(frozen=True)
class Telling:
    """How a page speaks: who tells the messages, its own words, and the language it begins in."""

    narrator: Narrator
    texts: Texts
    language: str
    comparer: Comparer


@value
class Pair:
    """Two conversations that a page begins with, compared; `ends` where both are one connection at two places."""

    a: int
    b: int
    ends: BothEnds | None = None


@dataclass
class OpenedCapture:
    """Answers with what its `reader` has read: all of it, once that was read to the end."""

    path: Path
    looking: Looking
    telling: Telling
    name: str
    kind: Kind = "masked"
    secrets_inside: InitVar[bool] = False
    growth: InitVar[Growth | None] = None
    compared: Pair | None = None
    reader: CaptureReader = field(init=False)

    def __post_init__(self, secrets_inside: bool, growth: Growth | None) -> None:
        self.reader = CaptureReader(
            self.path, self.looking, self.views, self.masking, secrets_inside=secrets_inside, growth=growth
        )

    @property
    def summary(self) -> CaptureSummary:
        """What is read of the whole."""
        return self.reader.first.reading.summary

    @property
    def views(self) -> tuple[View, ...]:
        """Without keys there is one."""
        return VIEWS[1:] if self.kind == "without-keys" else VIEWS

    @property
    def masking(self) -> Masking:
        return Masking(include_secrets=self.kind == "with-secrets")

    def about(self) -> Line:
        """What the page begins with."""
        summary = self.summary
        return {
            "document": DOCUMENT_VERSION,
            "transom": VERSION,
            "name": self.name,
            "kind": self.kind,
            "views": list(self.views),
            "keys": len(self.looking.keys) > 0 or len(self.looking.private_keys) > 0,
            "language": self.telling.language,
            "begins": self._begins(),
            "words": {language: dict(texts) for language, texts in self.telling.texts.items()},
            "packets": summary.packets,
            "lost_bytes": lost_bytes(summary),
            **self._told(),
        }

    def _told(self) -> Line:
        """How far it is read, and what is odd about it so far."""
        problems = (*self.summary.problems, *self.reader.problems)
        return self.reader.told() | file_findings(problems, self.telling.narrator(()), self.masking)

    def _begins(self) -> Line:
        """What an address that says nothing stands for."""
        if self.compared is None:
            return {}
        return {"c": str(self.compared.a), "beside": str(self.compared.b), "tab": "compare"}

    def state(self, parameters: Mapping[str, str]) -> Line:
        """How far it is read, and the conversation `c` of it: asked for again and again, so it is short."""
        told, count = self._told(), len(self.reader.first.reading.conversations)
        number = parameters.get("c", "")
        if not (_NUMBER.fullmatch(number) and int(number) < count):
            return told
        looked = self.reader.looked(int(number))
        return told | {"conversation": {"over": looked.over, "version": looked.version}}

    def answer(self, address: str, parameters: Mapping[str, str] | None = None) -> Line:
        """What stands at an address. Raises UsageError where nothing does."""
        match address.split("/"):
            case ["about"]:
                return self.about()
            case ["state"]:
                return self.state(parameters or {})
            case ["conversations", view]:
                return self.reader.table(self._view(view)).answer(Query.of(parameters or {}))
            case ["conversations", number, view, "beside"] if _NUMBER.fullmatch(number):
                return self.beside(int(number), self._view(view))
            case ["conversations", number, view, "compare", other] if _are_numbers(number, other):
                return self.compare(int(number), int(other), self._view(view))
            case ["conversations", number, view, *names] if _NUMBER.fullmatch(number):
                return part(self.context(int(number), self._view(view)), names)
            case _:
                raise UsageError(f"nothing is at {address}")

    def beside(self, number: int, view: View, among: Collection[int] | None = None) -> Line:
        """Which others are worth seeing beside one: the same in every view, so that they stay when it is switched."""
        return beside(self.reader.table(self.views[0]), self.reader.table(view), number, among)

    def compare(self, number: int, other: int, view: View) -> Line:
        """Two conversations side by side. Raises UsageError."""
        both = {one: self.context(one, view) for one in (number, other)}  # raises for what there is not
        contexts = {one: both.get(one) or self.context(one, view) for one in self.ways(number, other)}
        return self.compare_of(contexts, number, other)

    def ways(self, number: int, other: int, among: Collection[int] | None = None) -> list[int]:
        """The two, and where they brought the same file those who brought it by another way: see `ways`.

        The same in every view, as `beside` is.
        """
        return ways(self.reader.table(self.views[0]), list(dict.fromkeys((number, other))), among)

    def compare_of(self, contexts: Mapping[int, Context], number: int, other: int) -> Line:
        """The same of what was looked at: `contexts` are those of `ways`."""
        pair = self.compared
        ends = pair.ends if pair is not None and (pair.a, pair.b) == (number, other) else None
        return compare(contexts[number], contexts[other], list(contexts.values()), ends, self.telling.comparer)

    def take_file(self, number: str, view: str, name: str) -> tuple[str, BeingMade]:
        """A file that crossed, or `said-client` and `said-server`, and what it is called.

        Raises UsageError if there is no such whole one.
        """
        if not _NUMBER.fullmatch(number):
            raise UsageError(f"no conversation {number}")
        context = self.context(int(number), self._view(view))
        for side in Side:
            if name == f"said-{side.value}":
                return take_said(context, side)
        return take_file(context, name)

    def look_at(self, numbers: Sequence[int]) -> dict[int, Looked]:
        """These conversations of a capture that is read, in one pass."""
        return self.reader.look_at(numbers)

    def context(self, number: int, view: View) -> Context:
        """One conversation, for its parts. Raises UsageError."""
        return self.context_of(self.reader.looked(number), view)

    def context_of(self, looked: Looked, view: View) -> Context:
        """What was looked at, as the parts take it."""
        return Context(looked, view, self.telling.narrator, self.masking)

    def _view(self, name: str) -> View:
        for view in self.views:
            if view == name:
                return view
        raise UsageError(f"no view {name}: there is {' and '.join(self.views)}")


def _are_numbers(*texts: str) -> bool:
    return all(_NUMBER.fullmatch(text) for text in texts)
