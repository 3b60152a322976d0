"""What a command writes takes the place of what was there, and that may be what it reads."""

from __future__ import annotations

from pathlib import Path

from transom.errors import Sentence, UsageError


def refuse_to_overwrite(option: str, file: Path | None, read: Path, what: Sentence) -> None:
    """`file`, which `option` names, is not to be `read` itself, by whatever name. Raises UsageError."""
    if file is not None and file.exists() and read.exists() and file.samefile(read):
        raise UsageError(
            "{option} {file} would take the place of what is to be {what}; name another file",
            option=option,
            file=file,
            what=what,
        )
