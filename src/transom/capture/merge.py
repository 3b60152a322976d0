"""Several captures in one: their packets as they are, one capture's after the other's.

Each is a section whose connections are its own, so one that was captured at two places is there twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from transom.capture.blocks import APART
from transom.capture.connections import Directory
from transom.capture.packets import TCP, parse_packets
from transom.capture.problems import Findings, Problem
from transom.capture.reader import read_windows
from transom.capture.trace_file import TraceFile
from transom.errors import Sentence
from transom.value import value
from transom.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from transom.capture.window import Window


@value
class Merged:
    """At which number the conversations of each begin, and what was odd about the files they were read from."""

    begins: tuple[int, ...]
    problems: tuple[Problem, ...]


def merge(captures: Sequence[tuple[str, Path]], into: Path) -> Merged:
    """Write the packets of all, given with their names, into a pcapng at `into`; not their secrets.

    Raises CaptureError for what is no capture.
    """
    file = TraceFile(into)
    try:
        return _Merging(file).merge(captures)
    finally:
        file.close()


class _Merging:
    def __init__(self, file: TraceFile) -> None:
        self._file = file
        self._interfaces: dict[int, int] = {}

    def merge(self, captures: Sequence[tuple[str, Path]]) -> Merged:
        begins: list[int] = []
        problems: list[Problem] = []
        begin = 0
        for name, path in captures:
            findings = Findings()
            begins.append(begin)
            begin += self._copy(path, findings)
            problems += (Problem(one.code, _within(name, one.where), one.what) for one in findings.problems())
        return Merged(tuple(begins), tuple(problems))

    def _copy(self, path: Path, findings: Findings) -> int:
        """How many conversations it has."""
        self._file.section(f"transom {VERSION}", APART)
        self._interfaces.clear()
        directory = Directory()
        count = 0
        unread = Findings()  # whoever reads the packets in their new place tells what is odd about them
        for window in read_windows(path, findings):
            self._write(window)
            for segment in parse_packets(window, unread).segments(TCP):
                count = max(count, directory.find(segment)[0].number + 1)
        return count

    def _write(self, window: Window) -> None:
        columns = (window.offset, window.captured, window.original, window.time, window.link_type)
        data = memoryview(window.data)
        for at, captured, original, time, link_type in zip(*(column.tolist() for column in columns), strict=True):
            if link_type not in self._interfaces:
                self._interfaces[link_type] = self._file.interface(link_type)
            self._file.packet(self._interfaces[link_type], time, original, data[at : at + captured])


def _within(name: str, where: Sentence) -> Sentence:
    return Sentence("{file}: {where}", file=name, where=where)
