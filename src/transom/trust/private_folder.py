"""A folder of secrets that comes into being whole, and that nobody else can read."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from transom.errors import UsageError, reason_of


def create_private_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` (mode 0700) with these files (0600), all of it or nothing.

    The files are written into a new folder beside it, which is then renamed. A folder that is already there and not
    empty is left as it is: somebody was faster. Raises UsageError where nothing can be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise UsageError("{path}: cannot be made: {reason}", path=folder, reason=reason_of(error)) from error
    try:
        for name, content in files.items():
            _write_private(beside / name, content)
        beside.rename(folder)
    except OSError as error:
        if not folder.is_dir():
            raise UsageError("{path}: cannot be made: {reason}", path=folder, reason=reason_of(error)) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def require_private(path: Path) -> None:
    """Raises UsageError when users other than its owner may read the file. Only POSIX modes say so."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError("{path}: other users can read it (mode {mode:04o}); expected 0600", path=path, mode=mode)


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        # A rename can reach the disk before what it names: after a power cut the CA would be two empty files.
        os.fsync(descriptor)
