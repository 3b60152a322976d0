"""The files of the repository, and the parts of its documents that can be checked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that .gitignore does not leave out; git itself is not asked, an archive has none."""
    return tuple(sorted(_walk()))


def _walk() -> Iterator[Path]:
    ignored = [".git", *(line.rstrip("/") for line in text_of(".gitignore").split())]
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if not any(fnmatch(name, pattern) for pattern in ignored)]
        yield from (Path(folder, name) for name in files if not any(fnmatch(name, pattern) for pattern in ignored))


def documents() -> list[Path]:
    """The pages people read."""
    return [path for path in tracked_files() if path.suffix == ".md"]


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def fenced(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def section(text: str, title: str) -> str:
    """What stands under a heading of the second level, up to the next one."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"there is no section {title!r}"
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of each table row, without heads and rules."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [cells for number, cells in enumerate(table) if not _is_head_or_rule(table, number)]


def _is_head_or_rule(table: list[list[str]], number: int) -> bool:
    is_rule = [all(set(cell) <= set("-:") and cell for cell in cells) for cells in table]
    return is_rule[number] or (number + 1 < len(table) and is_rule[number + 1])
