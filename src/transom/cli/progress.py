"""The progress of downloads: on a terminal only, and never in the way of the bytes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol, TextIO

from transom.cli.show.figures import about_bytes
from transom.cli.show.layout import cut
from transom.cli.words import Words
from transom.transfer.download import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Drawing
    from rich.progress import ProgressColumn

MOST_OF_A_NAME = 30
"""Columns: the bar beside it is to have some as well."""

_LEAST_OF_A_NAME = 12
_FIGURES = 48
"""Columns: of the figures beside a name, with the least of a bar."""

_ROOM_FOR_A_BAR = 60
"""Columns of the terminal. With fewer there are the figures alone, in one line as ever."""


class Shown(Protocol):
    """What is shown of downloads on their way, counted from 0. Cleared, it comes back with the next byte."""

    def begins(self, number: int) -> Progress | None:
        """Who takes the progress of this one."""
        ...

    def stands_at(self, number: int, done: int) -> None:
        """So much of it was here before: it did not come now."""
        ...

    def saved(self) -> None:
        """One more is whole."""
        ...

    def clear(self) -> None:
        """Take it away: something else is to be written there."""
        ...


class Nothing:
    """Nothing is shown."""

    def begins(self, number: int) -> Progress | None: ...

    def stands_at(self, number: int, done: int) -> None: ...

    def saved(self) -> None: ...

    def clear(self) -> None: ...


class Bar:
    """A bar on a terminal for one download at a time, with its name beside it where there is one."""

    def __init__(self, stream: TextIO, names: Sequence[str]) -> None:
        self._stream = stream
        self._names = names
        self._drawing: Drawing | None = None

    def begins(self, number: int) -> Progress:
        self._drawing = None
        return partial(self._advance, self._names[number])

    def stands_at(self, number: int, done: int) -> None:
        """The bar begins there."""

    def saved(self) -> None:
        """Its line says so."""

    def clear(self) -> None:
        if self._drawing is not None:
            self._drawing.stop()

    def _advance(self, name: str, done: int, total: int | None) -> None:
        if self._drawing is None:
            columns = _columns(self._stream)
            self._drawing = _drawing(self._stream, _bar(named=bool(name), wide=columns >= _ROOM_FOR_A_BAR))
            most = min(MOST_OF_A_NAME, max(_LEAST_OF_A_NAME, columns - _FIGURES))
            self._drawing.add_task(cut(name, most), total=total, completed=done)
        self._drawing.start()
        self._drawing.update(self._drawing.task_ids[0], completed=done, total=total)


class Summary:
    """One line on a terminal for several downloads at once: how many are whole, how much came, and how fast."""

    def __init__(self, stream: TextIO, count: int, words: Words) -> None:
        self._stream = stream
        self._count = count
        self._words = words
        self._drawing: Drawing | None = None
        self._here = [0] * count
        self._came = 0
        self._saved = 0

    def begins(self, number: int) -> Progress:
        return partial(self._advance, number)

    def stands_at(self, number: int, done: int) -> None:
        self._here[number] = done

    def saved(self) -> None:
        self._saved += 1

    def clear(self) -> None:
        if self._drawing is not None:
            self._drawing.stop()

    def _advance(self, number: int, done: int, _total: int | None) -> None:
        if self._drawing is None:
            self._drawing = _drawing(self._stream, _text_and_speed())
            self._drawing.add_task("", total=None)
        self._came += max(0, done - self._here[number])
        self._here[number] = done
        came = about_bytes(self._came)
        text = self._words.say("several.progress", saved=self._saved, count=self._count, bytes=came)
        self._drawing.start()
        self._drawing.update(self._drawing.task_ids[0], completed=self._came, description=text)


def _drawing(stream: TextIO, columns: Sequence[ProgressColumn]) -> Drawing:
    from rich.console import Console
    from rich.progress import Progress as Drawing

    return Drawing(
        *columns,
        console=Console(file=stream),
        transient=True,
        refresh_per_second=5,
        redirect_stdout=False,  # what goes there is data
        redirect_stderr=False,
    )


def _columns(stream: TextIO) -> int:
    from rich.console import Console

    return Console(file=stream).width


def _bar(*, named: bool, wide: bool) -> list[ProgressColumn]:
    """Bytes and speed are in powers of 1,000, as they are wherever they are told. No column breaks within itself."""
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.table import Column

    def whole() -> Column:
        return Column(no_wrap=True)

    return [
        *([TextColumn("{task.description}", markup=False, table_column=whole())] if named else []),
        TextColumn("{task.percentage:>3.0f} %", table_column=whole()),
        *([BarColumn()] if wide else []),
        DownloadColumn(table_column=whole()),
        *([TransferSpeedColumn(table_column=whole())] if wide or not named else []),
        *([TimeRemainingColumn(table_column=whole())] if wide or not named else []),
    ]


def _text_and_speed() -> list[ProgressColumn]:
    from rich.progress import TextColumn, TransferSpeedColumn

    return [TextColumn("{task.description}", markup=False), TransferSpeedColumn()]
