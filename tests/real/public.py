"""Folders that everybody may read: pytest's own are for the user alone, and servers give up being root."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def public_folder(owner: int | None = None) -> Generator[Path]:
    """A folder for as long as it is needed; it is the user `owner`'s, who may write there."""
    with tempfile.TemporaryDirectory(prefix="transom-public-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        if owner is not None:
            os.chown(folder, owner, owner)
        yield folder


def publish(path: Path, content: bytes, when: int | None = None) -> None:
    """Write a file that everybody may read; `when` is its date, seconds since the epoch."""
    path.write_bytes(content)
    path.chmod(0o644)
    if when is not None:
        os.utime(path, (when, when))
