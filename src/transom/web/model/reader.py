"""A capture that is read while its page is looked at: the table of what is read, and conversations that are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

from transom.capture.followed import Change, Stamp
from transom.capture.growth import Growth
from transom.capture.problems import Problem
from transom.capture.reader import secrets_by_window
from transom.dissect.facts import Facts
from transom.dissect.json_lines import Line
from transom.dissect.leaks import Eavesdropper
from transom.dissect.telling import Looking
from transom.errors import CaptureError, Sentence, UsageError
from transom.tls.observed.held import HeldBytes
from transom.web.model.kept import Kept
from transom.web.model.listed import Listed
from transom.web.model.looked import Looked, Seen, View, without_keys
from transom.web.model.mask import Masking
from transom.web.model.pace import Pace
from transom.web.model.packet_lists import MOST_PACKETS, PacketList, Room
from transom.web.model.passes import FirstPass, LaterPass
from transom.web.model.table import Table
from transom.web.model.tables import Tables
from transom.web.model.watched import Watched


def _stamp_of(path: Path) -> Stamp | None:
    with suppress(OSError):
        return Stamp.of(path)
    return None


State = Literal["reading", "live", "whole"]

_MOST_LATER = 8
"""Conversations kept by later passes: those that were asked for last."""


class CaptureReader:
    """Reads in steps. `secrets_inside` has those of the file read beforehand; of one that grows they are heard."""

    def __init__(
        self,
        path: Path,
        looking: Looking,
        views: Sequence[View],
        masking: Masking,
        *,
        secrets_inside: bool = False,
        growth: Growth | None = None,
    ) -> None:
        self.path = path
        self.problems: list[Problem] = []
        """That ended the reading before the end of the file."""
        self._growth = growth
        self._views = views
        looks = {"with-keys": looking, "without-keys": without_keys(looking)}
        self._looking = looking
        self._masking = masking
        self.lookings: Mapping[View, Looking] = {view: replace(looks[view], held=HeldBytes()) for view in views}
        self._room = Room(MOST_PACKETS)
        self.first = FirstPass(path, self.lookings, masking, self._room, growth, self._row_is_final)
        self.tables = Tables(views, masking, self.first.running.values)
        self.is_whole = False
        self._stamp = _stamp_of(path)
        self._has_begun = False
        self._steps = self._read_first(secrets_inside=secrets_inside)
        self._later: OrderedDict[int, tuple[LaterPass, Iterator[bool]]] = OrderedDict()
        self.wanted: Callable[[], None] = lambda: None
        """Called when there is something to read again."""

    @property
    def state(self) -> State:
        if self.is_whole:
            return "whole"
        return "reading" if self._growth is None else "live"

    def told(self) -> Line:
        """How far it is read. `version` is another whenever there is more."""
        return {
            "state": self.state,
            "read": self.first.reading.position,
            "size": self._size,
            "conversations": len(self.first.reading.conversations),
            "version": self.version,
            "changed": self.changed,
        }

    @property
    def changed(self) -> Change | None:
        """What became of the file since it was read."""
        if self._stamp is None or self.state == "live":
            return None
        return self._stamp.change(self.path)

    @property
    def version(self) -> int:
        """A larger number whenever more was read, or more is over."""
        over = len(self.first.reading.conversations) - len(self.first.running)
        return self.first.reading.packets + over + self.is_whole

    def step(self) -> bool:
        """Read some more: first what somebody waits for. False when there is nothing to read now.

        Raises CaptureError if the file is no capture.
        """
        for number, (_, steps) in list(self._later.items()):
            has_read = self._advance(steps)
            if has_read is None:
                self._later[number] = self._later[number][0], iter(())
            elif has_read:
                return True
        if self.is_whole:
            return False
        has_read = self._advance(self._steps)
        if has_read is None:
            self.is_whole = True
            if self._growth is not None and self._stamp is not None and self._stamp.change(self.path) == "grown":
                self._stamp = _stamp_of(self.path)
        return has_read is True

    def read_all(self) -> None:
        """To the end of what there is. Raises CaptureError."""
        while self.step():
            pass

    def table(self, view: View) -> Table:
        """What is read."""
        return self.tables.of(view, self.version, over=self.is_whole)

    def looked(self, number: int) -> Looked:
        """A conversation as far as it is read: what was not kept begins to be read again. Raises UsageError."""
        count = len(self.first.reading.conversations)
        if number >= count:
            raise UsageError(f"no conversation {number}: the capture has {count}, counted from 0")
        watched = self._watched(number)
        if watched is None:
            if self.changed not in (None, "grown"):
                raise CaptureError(f"{self.path}: another file is there now than the one that was read")
            self._want(number)
            return self._empty(number)
        return watched.looked()

    def look_at(self, numbers: Collection[int]) -> dict[int, Looked]:
        """These, of a capture that is read: what was not kept in one more pass."""
        missing = [number for number in numbers if number not in self.first.kept]
        again = LaterPass(self.path, self.lookings, self._masking, self._room, None, missing, self.first.flows)
        if missing:
            for _ in again.steps():
                pass
        return {number: (self.first.kept.get(number) or again.kept[number]).looked() for number in numbers}

    def _watched(self, number: int) -> Watched | None:
        if watched := self.first.kept.get(number):
            return watched
        if number in self._later:
            self._later.move_to_end(number)
            return self._later[number][0].kept.get(number)
        return None

    def _want(self, number: int) -> None:
        if number not in self._later:
            again = LaterPass(
                self.path, self.lookings, self._masking, self._room, self._growth, (number,), self.first.flows
            )
            self._later[number] = again, again.steps()
            if len(self._later) > _MOST_LATER:
                _, (forgotten, _) = self._later.popitem(last=False)
                forgotten.forget()
            self.wanted()

    def _empty(self, number: int) -> Looked:
        """Of which nothing has been read again yet."""
        facts = Facts(number, self.first.reading.conversations[number].endpoints)
        seen: dict[View, Seen] = {view: Seen(view, facts, looking) for view, looking in self.lookings.items()}
        return Looked(number, False, seen, Kept(), (), Eavesdropper().leaks(facts), Pace(), PacketList(), self.path)

    def _row_is_final(self, listed: Listed) -> None:
        self.tables.add(listed)

    def _read_first(self, *, secrets_inside: bool) -> Iterator[bool]:
        if secrets_inside:
            for text in secrets_by_window(self.path):
                self._looking.keys.receive(text)
                yield True
            self._looking.keys.finish()
        yield from self.first.steps()

    def _advance(self, steps: Iterator[bool]) -> bool | None:
        """One step; None when it was the last."""
        try:
            has_read = next(steps, None)
        except CaptureError as error:
            if not self._has_begun:
                raise
            self.problems.append(Problem("file-unreadable", Sentence("the file"), error.sentence))
            return None
        self._has_begun = True
        return has_read

    @property
    def _size(self) -> int:
        with suppress(OSError):
            return self.path.stat().st_size
        return self.first.reading.position
