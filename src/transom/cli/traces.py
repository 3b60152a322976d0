"""Where a trace goes, and a report: never over a file that is somebody's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from transom.capture.begin import begin_packet_trace, begin_trace, is_ours_or_nothing
from transom.errors import UsageError

if TYPE_CHECKING:
    from transom.capture.write import TraceWriter
    from transom.capture.write_packets import PacketTrace


def open_trace(path: Path) -> TraceWriter:
    """Begin the trace that `--trace` asks for. Raises UsageError when another file is there."""
    return begin_trace(path, f"--trace {path}")


def open_packet_trace(path: Path) -> PacketTrace:
    """The same for packets as they were captured."""
    return begin_packet_trace(path, f"--trace {path}")


def is_free_for_a_report(path: Path) -> bool:
    """Whether nothing is lost by a report of that name."""
    from transom.web.report import GENERATOR

    return is_ours_or_nothing(path, lambda head: GENERATOR.encode() in head)


def free_name(path: Path, is_free: Callable[[Path], bool], option: str) -> Path:
    """`path`, unless a file stands there that no Transom wrote: then with the next free number. Raises UsageError."""
    candidates = [path, *(path.with_stem(f"{path.stem}-{number}") for number in range(2, 1000))]
    for candidate in candidates:
        if is_free(candidate):
            return candidate
    raise UsageError(
        "{path} and {count} names after it are taken; {option} FILE names another",
        path=path,
        count=len(candidates) - 1,
        option=option,
    )
