"""The key log that OpenSSL writes, read while it grows.

Python's ssl logs keys only into a file it is given by name. So it is given a private one, which is unlinked as soon
as it is open at both ends: the secrets are in no folder, and gone with the process.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

_ENOUGH = 2**16


class KeyLogTail:
    """Gives the lines that were written since it was last asked. `open_by_name` makes the writer open the file."""

    def __init__(self, open_by_name: Callable[[str], None]) -> None:
        self._descriptor, name = tempfile.mkstemp(prefix="transom-keys-")  # mode 0600
        try:
            open_by_name(name)
        finally:
            Path(name).unlink()

    def read(self) -> str:
        """The whole lines that are new. What was read is cut off: the writer appends, and the file stays short."""
        text = bytearray()
        while piece := os.read(self._descriptor, _ENOUGH):
            text += piece
        if text:
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
        return text.decode("ascii", "replace")

    def close(self) -> None:
        """No more is wanted."""
        os.close(self._descriptor)
