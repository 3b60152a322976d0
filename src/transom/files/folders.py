"""The folders that a file is to be in."""

from __future__ import annotations

from pathlib import Path

from transom.errors import TransferError, reason_of

MODE = 0o750
"""curl's, before the umask: not for everybody to look into."""


def make_folders(path: Path) -> None:
    """Make those that lead to the file `path` and are not there. Raises TransferError (exit code 23)."""
    try:
        for folder in reversed(path.parents):
            folder.mkdir(MODE, exist_ok=True)
    except OSError as error:
        raise TransferError(
            "the folder of {path} cannot be made: {reason}", path=path, reason=reason_of(error), exit_code=23
        ) from None
