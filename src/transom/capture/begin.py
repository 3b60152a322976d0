"""Where a trace may be begun: never over a file that is somebody's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from transom.errors import UsageError
from transom.version import VERSION
from transom.wire.escape import escape

if TYPE_CHECKING:  # imported when somebody looks, not for every download
    from transom.capture.write import TraceWriter
    from transom.capture.write_packets import PacketTrace

_SECTION_HEADER = bytes.fromhex("0a0d0d0a")
_WRITER = b"transom "
_APPLICATION = f"transom {VERSION}"


def begin_trace(path: Path, called: str) -> TraceWriter:
    """Begin a trace at `path`, in the place of an earlier one. Raises UsageError when another file is there.

    `called` is what the caller calls it by, for the error.
    """
    from transom.capture.write import TraceWriter

    return TraceWriter(_free(path, called), _APPLICATION)


def begin_packet_trace(path: Path, called: str) -> PacketTrace:
    """The same for packets as they were captured."""
    from transom.capture.write_packets import PacketTrace

    return PacketTrace(_free(path, called), _APPLICATION)


def _free(path: Path, called: str) -> Path:
    if path.is_file() and not is_free_for_a_trace(path):
        raise UsageError("{path}: a file is there that is no trace of ours; it is left as it is", path=escape(called))
    return path


def is_free_for_a_trace(path: Path) -> bool:
    """Whether nothing is lost by a trace of that name: there is no file, an empty one, or a trace of this program."""
    return is_ours_or_nothing(path, lambda head: head.startswith(_SECTION_HEADER) and _WRITER in head)


def is_ours_or_nothing(path: Path, is_ours: Callable[[bytes], bool]) -> bool:
    """Whether there is nothing at `path` but what this program wrote, by how it begins."""
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return not head or is_ours(head)
