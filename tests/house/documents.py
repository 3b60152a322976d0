"""The tracked files of the repository, and the parts of its documents that can be checked."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that git knows of or would add, as long as it is there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(path for name in names.split("\0") if name and (path := ROOT / name).is_file())


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
