"""The tables of both views while the capture is read: made anew when somebody asks, and not much oftener."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable

from transom.web.model.listed import Listed
from transom.web.model.looked import View
from transom.web.model.mask import Masking
from transom.web.model.table import Table, TableWriter

_SHARE = 10
"""A table that took a tenth of a second to make serves a whole one: or reading would be for that alone."""


class Tables:
    """`running` gives the conversations that are not over; their rows are written as they are when one asks."""

    def __init__(self, views: Iterable[View], masking: Masking, running: Callable[[], Collection[Listed]]) -> None:
        self._writers: dict[View, TableWriter] = {view: TableWriter() for view in views}
        self._masking = masking
        self._running = running
        self._made: dict[View, _Made] = {}

    def add(self, listed: Listed) -> None:
        """One that is over."""
        rows = listed.rows(self._writers, self._masking)
        for view, writer in self._writers.items():
            writer.add(rows[view])

    def of(self, view: View, version: int, *, over: bool) -> Table:
        """All that is read. `version` is another when there is more; once it is `over` none is older than that."""
        made = self._made.get(view)
        if made is None or not made.serves(version, over=over):
            begin = time.monotonic()
            table = self._writers[view].table([listed.rows([view], self._masking)[view] for listed in self._running()])
            now = time.monotonic()
            made = self._made[view] = _Made(table, version, over, now + _SHARE * (now - begin))
        return made.table


class _Made:
    def __init__(self, table: Table, version: int, over: bool, until: float) -> None:
        self.table = table
        self._version = version
        self._over = over
        self._until = until

    def serves(self, version: int, *, over: bool) -> bool:
        if over:
            return self._over
        return version == self._version or time.monotonic() < self._until
