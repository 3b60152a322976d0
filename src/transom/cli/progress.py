"""The progress bar of a transfer: on a terminal only, and never in the way of the bytes."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bar:
    """A bar on `stream`, if that is a terminal and it is `wanted`. It begins with the first byte."""

    def __init__(self, stream: TextIO, *, wanted: bool) -> None:
        self.shown = wanted and stream.isatty()
        self._stream = stream
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Take it away."""
        if self._progress is not None:
            self._progress.stop()

    def advance(self, done: int, total: int | None) -> None:
        """So many bytes have come, of so many in all (None: nobody said)."""
        if self._progress is None or self._task is None:
            self._begin(done, total)
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=done)

    def _begin(self, done: int, total: int | None) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        columns = (
            TextColumn("{task.percentage:>3.0f} %"),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        self._progress = Progress(*columns, console=Console(file=self._stream), transient=True, refresh_per_second=5)
        self._task = self._progress.add_task("", total=total, completed=done)
        self._progress.start()
